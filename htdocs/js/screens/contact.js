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
    field: () => mobileField(t('contact.mobile.hint')),
  },
  email: {
    address: '#/profilo/email',
    path: '/profile/email-changes',
    field: () => emailField({ hint: t('contact.email.hint') }),
  },
};

async function finish(kind, go, done = t(`contact.${kind}.done`)) {
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
    submit: t('contact.submit'),
    fields: [field(), passwordField()],
    async send({ password, ...typed }) {
      setPending(kind, sentOf(await post(path, { [kind]: typed[kind].trim(), password })));
      go(`${address}/codice`);
    },
  });
  const current = profile[kind];
  return {
    title: current ? t(`contact.${kind}.title`) : t('contact.email.add'),
    above: [backLink(PROFILE, t('profile.back')), progress(1, 2)],
    leave: () => delete draft.password,
    content: [
      h('p.lead', {}, current ? t(`contact.${kind}.now`, { value: current }) : t('contact.email.lead')),
      form.element,
      kind === 'email' && current
        ? h(
            'section.aside',
            {},
            h('h2', {}, t('contact.remove.title')),
            h('p', {}, t('contact.remove.text')),
            h('a.btn.btn-outline-primary', { href: '#/profilo/email/togli' }, t('contact.remove.submit')),
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
    fields: [codeField(t(`contact.${kind}.code`))],
    async send({ code }) {
      await post(`${path}/${sent.id}/verification`, { code: digits(code) });
      await finish(kind, go, sent.confirms ? t('contact.confirm.done') : undefined);
    },
  });
  const { element, stop } = resendPart({
    sent,
    path: `${path}/${sent.id}/codes`,
    title: t(`contact.${kind}.none`),
    resent: t(`contact.${kind}.resent`, { to: sent.to }),
    changed: () => setPending(kind, sent),
    showProblem: form.showProblem,
    help: kind === 'mobile' ? [h('p.after', {}, t('contact.mobile.desk')), deskPart()] : [],
  });
  return {
    title: t('code.title'),
    above: [backLink(address, t('contact.back')), progress(2, 2)],
    leave: stop,
    content: [
      h('p.lead', {}, t(`contact.${kind}.sent`, { to: sent.to })),
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
    title: t('contact.confirm.title'),
    back: [PROFILE, t('profile.back')],
    says: [t('contact.confirm.text', { value: profile.email })],
    submit: t('contact.confirm.submit'),
    kind: 'primary',
    async send(password) {
      setPending('email', { ...sentOf(await post(path, { email: profile.email, password })), confirms: true });
      go(`${address}/codice`);
    },
  });
}

export const contactRemoval = ({ go }) =>
  confirmation({
    title: t('contact.remove.title'),
    back: [PROFILE, t('profile.back')],
    says: [t('contact.remove.text')],
    submit: t('contact.remove.submit'),
    async send(password) {
      await remove('/profile/email', { password });
      await finish('email', go);
    },
  });
