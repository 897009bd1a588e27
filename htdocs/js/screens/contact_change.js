// A new mobile number or e-mail address: the password, then the code that went to the new one.
import { get, post, remove } from '../api.js';
import { deskPart } from '../desk.js';
import { h } from '../dom.js';
import { draftOf, forgetDraft } from '../drafts.js';
import { createForm } from '../forms.js';
import { formatTime, t } from '../i18n.js';
import { pendingOf, setPending } from '../pending.js';
import { say } from '../said.js';
import { refresh } from '../session.js';
import { codeField, digits, resendPart, sentOf } from './code_parts.js';
import { confirmation, passwordField } from './confirm.js';
import { backLink, progress } from './parts.js';
import { emailField, mobileField } from './person_fields.js';

const PROFILE = '#/profilo';
const KINDS = {
  mobile: { address: '#/profilo/cellulare', path: '/profile/mobile-changes', field: () => mobileField(t('change.mobile.hint')) },
  email: { address: '#/profilo/email', path: '/profile/email-changes', field: () => emailField({ hint: t('change.email.hint') }) },
};

async function finish(kind, go) {
  setPending(kind, null);
  forgetDraft(kind);
  await refresh();
  say(t(`change.${kind}.done`));
  go(PROFILE, { replace: true });
}

/** kind: "mobile" or "email" */
export async function contactChange({ kind, go }) {
  const { address, path, field } = KINDS[kind];
  const { profile } = await get('/profile');
  const draft = draftOf(kind);
  const form = createForm({
    draft,
    submit: t('change.submit'),
    fields: [field(), passwordField()],
    async send({ password, ...typed }) {
      setPending(kind, sentOf(await post(path, { [kind]: typed[kind].trim(), password })));
      go(`${address}/codice`);
    },
  });
  const current = profile[kind];
  return {
    title: current ? t(`change.${kind}.title`) : t('change.email.add'),
    above: [backLink(PROFILE, t('profile.back')), progress(1, 2)],
    leave: () => delete draft.password,
    content: [
      h('p.lead', {}, current ? t(`change.${kind}.now`, { value: current }) : t('change.email.lead')),
      form.element,
      kind === 'email' && current ? h('section.aside', {}, h('h2', {}, t('change.remove.title')), h('p', {}, t('change.remove.text')), h('a.btn.btn-outline-primary', { href: '#/profilo/email/togli' }, t('change.remove.submit'))) : null,
    ],
  };
}

export function contactCode({ kind, go }) {
  const { address, path } = KINDS[kind];
  const sent = pendingOf(kind);
  if (!sent) return { elsewhere: address };
  const form = createForm({
    draft: {},
    submit: t('code.submit'),
    ways: { 'code-expired': address, 'change-closed': address },
    fields: [codeField(t(`change.${kind}.code`))],
    async send({ code }) {
      await post(`${path}/${sent.id}/verification`, { code: digits(code) });
      await finish(kind, go);
    },
  });
  const { element, stop } = resendPart({
    sent,
    path: `${path}/${sent.id}/codes`,
    title: t(`change.${kind}.none`),
    resent: t(`change.${kind}.resent`, { to: sent.to }),
    changed: () => setPending(kind, sent),
    showProblem: form.showProblem,
    help: kind === 'mobile' ? [h('p.after', {}, t('change.mobile.desk')), deskPart()] : [],
  });
  return {
    title: t('code.title'),
    above: [backLink(address, t('change.back')), progress(2, 2)],
    leave: stop,
    content: [h('p.lead', {}, t(`change.${kind}.sent`, { to: sent.to })), h('p', {}, t('code.valid', { time: formatTime(sent.expires_at) })), form.element, element],
  };
}

export const emailRemoval = ({ go }) =>
  confirmation({
    title: t('change.remove.title'),
    back: [PROFILE, t('profile.back')],
    says: [t('change.remove.text')],
    submit: t('change.remove.submit'),
    async send(password) {
      await remove('/profile/email', { password });
      await finish('email', go);
    },
  });
