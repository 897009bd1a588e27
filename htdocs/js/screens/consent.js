// Consensi: what was agreed to and when, withdrawing it, and what waits for an answer since the login.
import { get, post } from '../api.js';
import { h, icon } from '../dom.js';
import { TickField } from '../fields.js';
import { createForm } from '../forms.js';
import { formatMoment, t } from '../i18n.js';
import { fullName, patientOf } from '../people.js';
import { say } from '../said.js';
import { refresh } from '../session.js';
import { confirmation } from './confirm.js';
import { backLink, loadNotice, noticeInShort, progress } from './parts.js';

const ADDRESS = '#/consensi';

/** Whom a consent is about; null for the portal's notice, and for a relative the account no longer keeps. */
const ownerOf = (consent) => (consent.first_name ? fullName(consent) : null);

function row(consent) {
  const owner = ownerOf(consent);
  const title = t(`consent.notices.${consent.notice}`);
  return h(
    'li.card',
    {},
    h('span.card-icon', {}, icon(consent.withdrawn_at ? 'alert' : 'check')),
    h(
      'div.card-text',
      {},
      h('h2.card-title', {}, owner ? t('consent.of', { title, name: owner }) : title),
      h(
        'p',
        {},
        t('consent.version', { version: consent.version }),
        ' · ',
        h('a', { href: `#/informative/${consent.notice}/${encodeURIComponent(consent.version)}` }, t('consent.read')),
      ),
      h('p', {}, t('consent.given', { time: formatMoment(consent.given_at) })),
      consent.withdrawn_at
        ? h('p', {}, t('consent.withdrawn', { time: formatMoment(consent.withdrawn_at) }))
        : h(
            'div.actions',
            {},
            h(
              'a.btn.btn-outline-primary',
              {
                href: `${ADDRESS}/${consent.id}/revoca`,
                'aria-label': t('consent.withdraw_one', {
                  title: owner ? t('consent.of', { title, name: owner }) : title,
                }),
              },
              t('consent.withdraw'),
            ),
          ),
    ),
  );
}

export async function consentList() {
  const { consents: given } = await get('/consents');
  return {
    title: t('consent.title'),
    above: [backLink('#/profilo', t('profile.back'))],
    content: [
      h('p.lead', {}, t('consent.lead')),
      h('ul.cards', {}, given.map(row)),
      h('p.after', {}, h('a', { href: '#/privacy' }, t('privacy.title'))),
    ],
  };
}

export async function consentWithdrawal({ id, go }) {
  const { consents: given } = await get('/consents');
  const consent = given.find((one) => one.id === id && !one.withdrawn_at);
  if (!consent) return { elsewhere: ADDRESS };
  const name = ownerOf(consent) ?? '';
  const patient = consent.patient_id ? await patientOf(consent.patient_id) : null;
  return confirmation({
    title: t('consent.title_withdraw'),
    patient,
    back: [ADDRESS, t('consent.back')],
    says: ['what', 'before', 'again'].map((line) => t(`consent.withdrawal.${consent.notice}.${line}`, { name })),
    submit: t('consent.withdraw'),
    async send(password) {
      await post(`/consents/${id}/withdrawal`, { password });
      say(t('consent.withdrawn_now'));
      await refresh();
      go(ADDRESS, { replace: true });
    },
  });
}

/** Notices that changed since they were agreed to, one after the other. next: where to go on */
export async function consentDue({ next, go }) {
  const { due } = await get('/consents');
  if (!due.length) {
    await refresh();
    return { elsewhere: next() };
  }
  const [first] = due;
  const notice = await loadNotice(first.notice, { anew: true });
  const owner = ownerOf(first);
  const form = createForm({
    draft: {},
    submit: t('fields.next'),
    fields: [
      new TickField({
        name: 'consent',
        label: t(`consent.agree.${first.notice}`),
        required: t('fields.errors.consent'),
      }),
    ],
    async send() {
      await post('/consents', {
        consent: { notice: first.notice, version: notice.version },
        ...(first.patient_id && { patient_id: first.patient_id }),
      });
      if (due.length === 1) {
        await refresh();
        go(next(), { replace: true });
      } else go('#/consenso', { replace: true });
    },
  });
  return {
    title: t('consent.due.title'),
    above: due.length > 1 ? [progress(1, due.length)] : [],
    content: [
      h('p.lead', {}, t('consent.due.lead')),
      owner ? h('p', {}, t('consent.due.of', { name: owner })) : null,
      noticeInShort(notice),
      form.element,
      h(
        'section.aside',
        {},
        h('h2', {}, t('consent.due.no')),
        h('p', {}, t('consent.due.no_text')),
        h('a', { href: '#/cancellazione/account' }, t('leaving.account.title')),
      ),
    ],
  };
}

/** The consent to a dossier's notice once more, after taking it back: enabling the service asks for it. */
export async function consentAgain({ patient: id, go }) {
  const [patient, notice] = await Promise.all([patientOf(id), loadNotice('dossier', { anew: true })]);
  if (!patient) return { elsewhere: ADDRESS };
  const form = createForm({
    draft: {},
    submit: t('fields.next'),
    fields: [
      new TickField({ name: 'consent', label: t('consent.agree.dossier'), required: t('fields.errors.consent') }),
    ],
    async send() {
      await post('/consents', { consent: { notice: 'dossier', version: notice.version }, patient_id: id });
      go(`#/cancellazione/${id}/servizio`, { replace: true });
    },
  });
  return {
    title: t('consent.notices.dossier'),
    patient,
    above: [backLink('#/cancellazione', t('leaving.back'))],
    content: [h('p.lead', {}, t('consent.again', { name: fullName(patient) })), noticeInShort(notice), form.element],
  };
}
