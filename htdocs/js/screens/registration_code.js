// Registrati, 4: the code of the SMS.
import { post } from '../api.js';
import { deskPart } from '../desk.js';
import { h } from '../dom.js';
import { draftOf } from '../drafts.js';
import { createForm } from '../forms.js';
import { formatTime, t, tList } from '../i18n.js';
import { keepRegistration, registration } from '../registration.js';
import { say } from '../said.js';
import { opened } from '../session.js';
import { codeField, digits, resendPart } from './code_parts.js';
import { progress } from './parts.js';

const help = () =>
  h(
    'details.help',
    {},
    h('summary', {}, t('code.none.more')),
    h(
      'ul',
      {},
      tList('code.none.advice').map((line) => h('li', {}, line)),
    ),
    deskPart(),
    h('p', {}, h('a.btn.btn-outline-primary', { href: '#/registrati/profilo' }, t('problems.correct_profile'))),
  );

export function registrationCode({ entered }) {
  if (!registration.sent) return { elsewhere: '#/registrati' };
  const { sent } = registration;
  const draft = draftOf('registration');
  const form = createForm({
    draft,
    submit: t('code.submit'),
    fields: [codeField()],
    async send({ code }) {
      const answer = await post(`/registrations/${sent.id}/verification`, { code: digits(code) });
      delete draft.code;
      const emailLeftOut = registration.profile.email?.trim() && !answer.account.email;
      opened(answer);
      say(t(emailLeftOut ? 'registration.done_no_email' : 'registration.done'));
      entered();
    },
  });
  const { element, stop } = resendPart({
    sent,
    path: `/registrations/${sent.id}/codes`,
    title: t('code.none.title'),
    resent: t('code.resent', { number: sent.to }),
    changed: () => registration.sent && keepRegistration(),
    showProblem: form.showProblem,
    help: [help()],
  });
  return {
    title: t('code.title'),
    above: [progress(4, 4)],
    leave: stop,
    content: [
      h('p.lead', {}, t('code.lead', { number: sent.to })),
      h('p', {}, t('code.valid', { time: formatTime(sent.expires_at) })),
      form.element,
      element,
    ],
  };
}
