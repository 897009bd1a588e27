// Forgotten password: who it is, then a code and a new password. Whoever asks gets the same answer.
import { post } from '../api.js';
import { deskPart } from '../desk.js';
import { h } from '../dom.js';
import { draftOf } from '../drafts.js';
import { createForm } from '../forms.js';
import { formatTime, t } from '../i18n.js';
import { pendingOf, setPending } from '../pending.js';
import { say } from '../said.js';
import { codeField, digits, resendPart, sentOf } from './code_parts.js';
import { newPasswordField } from './password_new.js';
import { backLink, loginField, progress } from './parts.js';

/** Has the code sent; `shown`: codice_fiscale and activation_code, if they are needed. */
export async function startPasswordReset({ login, ...shown }) {
  setPending('password', { ...sentOf(await post('/password-resets', { login: login.trim(), ...shown })), login });
}

export function passwordReset({ go }) {
  const draft = draftOf('login'); // for who comes back to correct it,
  draft.login ??= pendingOf('password')?.login; // also when the phone dropped the page meanwhile
  const form = createForm({
    draft,
    submit: t('password.reset.submit'),
    ways: { throttled: '#/password/dati' },
    fields: [loginField()],
    async send(values) {
      await startPasswordReset(values);
      go('#/password/codice');
    },
  });
  return {
    title: t('password.reset.title'),
    above: [backLink('#/accedi', t('password.reset.back')), progress(1, 2)],
    content: [h('p.lead', {}, t('password.reset.lead')), form.element],
  };
}

export function passwordResetCode({ go }) {
  const sent = pendingOf('password');
  if (!sent) return { elsewhere: '#/password' };
  const path = `/password-resets/${sent.id}`;
  const form = createForm({
    draft: {},
    username: sent.login,
    submit: t('password.reset.submit_new'),
    ways: { 'code-expired': '#/password', 'change-closed': '#/password' },
    fields: [codeField(t('password.reset.code')), newPasswordField()],
    async send({ code, password }) {
      await post(`${path}/verification`, { code: digits(code), password });
      draftOf('login').login = sent.login;
      setPending('password', null);
      say(t('password.reset.done'));
      go('#/accedi', { replace: true });
    },
  });
  const { element, stop } = resendPart({
    sent,
    path: `${path}/codes`,
    title: t('code.none.title'),
    resent: t('password.reset.resent'),
    changed: () => setPending('password', sent),
    showProblem: form.showProblem,
    help: [
      h('p', {}, t('password.reset.none')),
      deskPart(),
      h('p', {}, t('password.reset.shared'), ' ', h('a', { href: '#/password/dati' }, t('password.reset.shared_way'))),
    ],
  });
  return {
    title: t('password.reset.title_code'),
    above: [backLink('#/password', t('password.reset.back_ask')), progress(2, 2)],
    leave: stop,
    content: [
      h('p.lead', {}, t('password.reset.lead_code')),
      h('p', {}, t('code.valid', { time: formatTime(sent.expires_at) })),
      form.element,
      element,
    ],
  };
}
