// Registrati, 4: the code of the SMS.
import { post } from '../api.js';
import { h, icon } from '../dom.js';
import { TextField } from '../fields.js';
import { createForm } from '../forms.js';
import { formatTime, t, tList } from '../i18n.js';
import { callout } from '../messages.js';
import { keepRegistration, registration } from '../registration.js';
import { opened } from '../session.js';
import { progress } from './parts.js';
import { sentOf } from './register_password.js';

const digits = (typed) => typed.replace(/\D/g, '');
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

const draft = {};

function codeField() {
  return new TextField({
    name: 'code',
    label: t('code.label'),
    hint: t('code.hint'),
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    spellcheck: 'false',
    maxlength: 12,
    className: '.input-code.input-digits',
    check: (typed) => (digits(typed).length === 6 ? null : 'verification_code'),
  });
}

/** "A new code in 0:45", then a button. {element, stop}. `sent` is kept here: a login forgets the registration at once. */
function resendPart(sent, showProblem) {
  const text = h('p.resend-text', {});
  const said = h('div', { role: 'status' });
  const button = h('button.button.button-outline', { type: 'button', onclick: resend }, icon('again'), h('span', {}, t('code.resend')));
  let timer;

  function tick() {
    const seconds = Math.max(0, Math.ceil((sent.resend_at - Date.now()) / 1000));
    button.disabled = seconds > 0;
    text.textContent = seconds ? t('code.resend_in', { time: clock(seconds) }) : t('code.resend_now');
  }

  async function resend() {
    button.disabled = true;
    try {
      Object.assign(sent, sentOf(await post(`/registrations/${sent.id}/codes`, {})));
      said.replaceChildren(callout('success', t('code.resent', { number: sent.to })));
    } catch (error) {
      if (error.retryAfter) sent.resend_at = Date.now() + error.retryAfter * 1000;
      showProblem(error);
    }
    keepRegistration();
    tick();
  }

  tick();
  timer = setInterval(tick, 1000);
  return { element: h('section.aside', {}, h('h2', {}, t('code.none.title')), text, button, said, help()), stop: () => clearInterval(timer) };
}

const help = () =>
  h(
    'details.help',
    {},
    h('summary', {}, t('code.none.more')),
    h('ul', {}, tList('code.none.advice').map((line) => h('li', {}, line))),
    h('p', {}, h('a.button.button-outline', { href: '#/registrati/profilo' }, t('problems.correct_profile'))),
  );

export function registerCode({ entered }) {
  if (!registration.sent) return { elsewhere: '#/registrati' };
  const { sent } = registration;
  const { id, to } = sent;
  const form = createForm({
    draft,
    submit: t('code.submit'),
    fields: [codeField()],
    async send({ code }) {
      const answer = await post(`/registrations/${id}/verification`, { code: digits(code) });
      delete draft.code;
      opened(answer);
      entered();
    },
  });
  const { element, stop } = resendPart(sent, form.showProblem);
  return {
    title: t('code.title'),
    above: [progress(4, 4)],
    leave: stop,
    content: [h('p.lead', {}, t('code.lead', { number: to })), h('p', {}, t('code.valid', { time: formatTime(sent.expires_at) })), form.element, element],
  };
}
