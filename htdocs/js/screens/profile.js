// Il mio profilo: who one is, who else is kept here, and the ways to all that can be changed.
import { alertWays } from '../alerts.js';
import { get } from '../api.js';
import { deskPart } from '../desk.js';
import { h, icon } from '../dom.js';
import { formatDate, t } from '../i18n.js';
import { callout } from '../messages.js';
import { fullName, loadPatients } from '../people.js';

const fact = (name, value) => h('div', {}, h('dt', {}, t(name)), h('dd', {}, h('bdi', {}, value)));

const way = (href, picture, title, text) =>
  h(
    'li.card',
    {},
    h('span.card-icon', {}, icon(picture)),
    h('div.card-text', {}, h('h3.card-title', {}, h('a', { href }, title)), text ? h('p', {}, text) : null),
    icon('forward'),
  );

const part = (key, ...content) =>
  h(
    'section.part',
    { 'aria-labelledby': `part-${key}` },
    h('h2', { id: `part-${key}` }, t(`profile.parts.${key}`)),
    ...content,
  );

function relativeRow(patient) {
  const name = fullName(patient);
  return h(
    'li.card',
    {},
    h('span.card-icon', {}, icon('person')),
    h(
      'div.card-text',
      {},
      h('h3.card-title', {}, name),
      h(
        'p',
        {},
        [patient.role ? t(`relative.is.${patient.role}`) : null, t('relative.age', { count: patient.age })]
          .filter(Boolean)
          .join(' · '),
      ),
      patient.handover_at ? h('p', {}, t('relative.handover', { date: formatDate(patient.handover_at) })) : null,
      h(
        'div.actions',
        {},
        patient.dossier === 'inactive'
          ? h(
              'a.btn.btn-primary',
              { href: `#/attivazione/${patient.id}`, 'aria-label': `${t('activation.title')}: ${name}` },
              t('activation.title'),
            )
          : null,
        h(
          'a.btn.btn-outline-primary',
          { href: `#/profilo/familiari/${patient.id}/togli`, 'aria-label': t('relative.title_remove', { name }) },
          t('relative.remove_short'),
        ),
      ),
    ),
  );
}

function relatives(patients) {
  const list = patients.filter(({ relation }) => relation === 'relative');
  return [
    list.length ? h('ul.cards', {}, list.map(relativeRow)) : h('p', {}, t('relative.none')),
    h(
      'div.actions',
      {},
      h(
        'a.btn.btn-outline-primary',
        { href: '#/profilo/familiari/nuovo' },
        icon('add'),
        h('span', {}, t('relative.add')),
      ),
    ),
  ];
}

/** Of an e-mail that was only written down: what that means, and the way to confirm it. */
const toConfirm = ({ email, email_proved }) =>
  email && !email_proved
    ? callout(
        'note',
        t('contact.confirm.due'),
        h('p', {}, t('contact.confirm.means', { value: email })),
        h('a.btn.btn-outline-primary', { href: '#/profilo/email/conferma' }, t('contact.confirm.title')),
      )
    : null;

/** How the person is told of new documents. */
const alertsOf = (profile) => t(`profile.alerts.by.${alertWays(profile).join('_and_') || 'none'}`);

export async function profileScreen() {
  const [{ profile }, patients] = await Promise.all([get('/profile'), loadPatients()]);
  return {
    title: t('profile.title'),
    wide: true,
    content: [
      part(
        'data',
        h(
          'dl.facts',
          {},
          fact('profile.name', fullName(profile)),
          fact('profile.birth_date', formatDate(profile.birth_date)),
          fact('profile.birth_place', profile.birth_place),
          fact('fields.codice_fiscale', profile.codice_fiscale),
        ),
        h('p.field-hint', {}, t('profile.wrong')),
        deskPart(),
      ),
      part('relative', ...relatives(patients)),
      part(
        'contact',
        h(
          'ul.cards',
          {},
          way('#/profilo/cellulare', 'phone', t('profile.mobile'), h('bdi', { dir: 'ltr' }, profile.mobile)),
          way(
            '#/profilo/email',
            'mail',
            t('profile.email'),
            profile.email ? h('bdi', { dir: 'ltr' }, profile.email) : t('contact.email.none'),
          ),
          way('#/profilo/avvisi', 'bell', t('profile.alerts.title'), alertsOf(profile)),
        ),
        toConfirm(profile),
      ),
      part(
        'security',
        h(
          'ul.cards',
          {},
          way('#/profilo/password', 'key', t('password.change.title'), t('password.change.short')),
          way('#/profilo/accessi', 'screen', t('session.title'), t('session.short')),
        ),
      ),
      part(
        'privacy',
        h(
          'ul.cards',
          {},
          way('#/consensi', 'check', t('consent.title'), t('consent.short')),
          way('#/attivita', 'clock', t('activity.title'), t('activity.short')),
          way('#/esporta', 'download', t('export.title'), t('export.short')),
          way('#/cancellazione', 'bin', t('leaving.title'), t('leaving.short')),
        ),
      ),
    ],
  };
}
