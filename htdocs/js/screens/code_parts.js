// A verification code: its field, and a new one when it did not come.
import { post } from '../api.js';
import { h, icon } from '../dom.js';
import { TextField } from '../fields.js';
import { t } from '../i18n.js';
import { callout } from '../messages.js';
import { typedCode } from '../typed.js';

export const digits = (typed) => typedCode(typed).replace(/\D/g, '');
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

/** {id, to, expires_at, resend_at} of the portal's answer to what made it send a code. */
export const sentOf = (answer) => ({
  id: answer.id,
  ...(answer.sent_to && { to: answer.sent_to }),
  expires_at: answer.expires_at,
  resend_at: Date.now() + answer.resend_after * 1000,
});

export const codeField = (label = t('code.label')) =>
  new TextField({
    name: 'code',
    label,
    hint: t('code.hint'),
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    clean: typedCode,
    spellcheck: 'false',
    className: '.input-code.input-digits',
    check: (typed) => (digits(typed).length === 6 ? null : 'verification_code'),
  });

/**
 * "A new code in 0:45", then a button. {element, stop}
 * @param {object} options
 * @param {object} options.sent see sentOf; kept here, for a login forgets the registration at once
 * @param {string} options.path where to ask for a new code
 * @param {string} options.title what the person may be asking
 * @param {string} options.resent what to say when it has left
 * @param {Function} options.changed after each change of `sent`
 * @param {Function} options.showProblem
 * @param {Array} [options.help] what stands below
 */
export function resendPart({ sent, path, title, resent, changed, showProblem, help = [] }) {
  const text = h('p.resend-text', {});
  const said = h('div', { role: 'status' });
  const button = h(
    'button.btn.btn-outline-primary',
    { type: 'button', onclick: resend },
    icon('again'),
    h('span', {}, t('code.resend')),
  );

  function tick() {
    const seconds = Math.max(0, Math.ceil((sent.resend_at - Date.now()) / 1000));
    button.disabled = seconds > 0;
    text.textContent = seconds ? t('code.resend_in', { time: clock(seconds) }) : t('code.resend_now');
  }

  async function resend() {
    button.disabled = true;
    try {
      Object.assign(sent, sentOf(await post(path, {})), { id: sent.id });
      said.replaceChildren(callout('success', resent));
    } catch (error) {
      if (error.retryAfter) sent.resend_at = Date.now() + error.retryAfter * 1000;
      showProblem(error);
    }
    changed();
    tick();
  }

  tick();
  const timer = setInterval(tick, 1000);
  return {
    element: h('section.aside', {}, h('h2', {}, title), text, button, said, ...help),
    stop: () => clearInterval(timer),
  };
}
