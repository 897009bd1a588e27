// The slip's QR code was opened: whose it is, or the ways in. The code waits meanwhile; see slip.js above.
import { activationCodeError } from '../activation_code.js';
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { callout } from '../messages.js';
import { fullName, loadPatients } from '../people.js';
import { currentAccount } from '../session.js';
import { keepSlip, slipCode } from '../slip.js';

/** Takes the code out of the address, which stays in the browser's history. */
export function slipOpened({ code }) {
  keepSlip(code);
  return { elsewhere: '#/attiva' };
}

const ways = () =>
  h(
    'div.doors',
    {},
    h(
      'section.door',
      {},
      h('h2', {}, t('home.first.title')),
      h('p', {}, t('slip.first')),
      h('a.btn.btn-primary', { href: '#/registrati' }, icon('person'), h('span', {}, t('registration.title'))),
    ),
    h(
      'section.door',
      {},
      h('h2', {}, t('home.known.title')),
      h('p', {}, t('slip.known')),
      h('a.btn.btn-outline-primary', { href: '#/accedi' }, icon('key'), h('span', {}, t('login.title'))),
    ),
  );

const person = (patient) =>
  h(
    'li.card',
    {},
    h('span.card-icon', {}, icon('person')),
    h('div.card-text', {}, h('h2.card-title', {}, h('a', { href: `#/attivazione/${patient.id}` }, fullName(patient)))),
    icon('forward'),
  );

const relative = () =>
  h(
    'section.aside',
    {},
    h('h2', {}, t('slip.other')),
    h('p', {}, t('slip.other_text')),
    h('a.btn.btn-outline-primary', { href: '#/profilo/familiari/nuovo' }, t('relative.add')),
  );

export async function slip() {
  const code = slipCode();
  if (!code) return { elsewhere: '#/' };
  const wrong = activationCodeError(code)
    ? callout('warning', t('slip.wrong.title'), h('p', {}, t('slip.wrong.text')))
    : null;
  const title = t('slip.title');
  const read = h('p.slip-code', {}, h('span', {}, t('activation.code')), ' ', h('strong', { dir: 'ltr' }, code));
  if (!currentAccount())
    return { title, wide: true, content: [h('p.lead', {}, t('slip.lead')), wrong ?? read, ways()] };
  const waiting = (await loadPatients()).filter(({ dossier }) => dossier === 'inactive');
  return {
    title,
    content: [
      wrong ?? read,
      waiting.length
        ? [h('p.lead', {}, t('slip.whose')), h('ul.cards', {}, waiting.map(person))]
        : h('p.lead', {}, t('slip.all_active')),
      relative(),
    ],
  };
}
