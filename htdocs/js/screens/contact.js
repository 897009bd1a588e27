// A new mobile number or e-mail address, or one that is to be confirmed: the password, then the code that went to it.
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
const CONFIRM = '#/profilo/email/conferma';
const KINDS = {
  mobile: {
    address: '#/profilo/cellulare',
    path: '/profile/mobile-changes',
    field: () => mobileField(t('change.mobile.hint')),
  },
  email: {
    address: '#/profilo/email',
    path: '/profile/email-changes',
    field: () => emailField({ hint: t('change.email.hint') }),
  },
};

async function finish(kind, go, done = t(`change.${kind}.done`)) {
  setPending(kind, null);
  forgetDraft(kind);
  await refresh();
  say(done);
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
      kind === 'email' && current
        ? h(
            'section.aside',
            {},
            h('h2', {}, t('change.remove.title')),
            h('p', {}, t('change.remove.text')),
            h('a.btn.btn-outline-primary', { href: '#/profilo/email/togli' }, t('change.remove.submit')),
          )
        : null,
    ],
  };
}

export function contactCode({ kind, go }) {
  const { address: begin, path } = KINDS[kind];
  const sent = pendingOf(kind);
  const address = sent?.confirms ? CONFIRM : begin;
  if (!sent) return { elsewhere: address };
  const form = createForm({
    draft: {},
    submit: t('code.submit'),
    ways: { 'code-expired': address, 'change-closed': address },
    fields: [codeField(t(`change.${kind}.code`))],
    async send({ code }) {
      await post(`${path}/${sent.id}/verification`, { code: digits(code) });
      await finish(kind, go, sent.confirms ? t('change.confirm.done') : undefined);
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
    content: [
      h('p.lead', {}, t(`change.${kind}.sent`, { to: sent.to })),
      h('p', {}, t('code.valid', { time: formatTime(sent.expires_at) })),
      form.element,
      element,
    ],
  };
}

/** The account's e-mail, as it was written down when registering. */
export async function contactConfirmation({ go }) {
  const { address, path } = KINDS.email;
  const { profile } = await get('/profile');
  if (!profile.email || profile.email_proved) return { elsewhere: PROFILE };
  return confirmation({
    title: t('change.confirm.title'),
    back: [PROFILE, t('profile.back')],
    says: [t('change.confirm.text', { value: profile.email })],
    submit: t('change.confirm.submit'),
    kind: 'primary',
    async send(password) {
      setPending('email', { ...sentOf(await post(path, { email: profile.email, password })), confirms: true });
      go(`${address}/codice`);
    },
  });
}

export const contactRemoval = ({ go }) =>
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
