// Alerts, and the language of what the portal sends.
import { get, patch } from '../api.js';
import { h } from '../dom.js';
import { ChoiceField, SwitchField } from '../fields.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { say } from '../said.js';
import { refresh } from '../session.js';
import { backLink } from './parts.js';

const MESSAGES = ['it', 'en']; // what messages are written in

function fieldsOf({ email }) {
  const box = (name, hint) => new SwitchField({ name, label: t(`profile.alerts.${name}`), hint });
  return [
    box('sms'),
    ...(email ? [box('mail')] : []),
    box('last_call', t('profile.alerts.last_call_hint')),
    new ChoiceField({
      name: 'language',
      label: t('profile.alerts.language'),
      hint: t('profile.alerts.language_hint'),
      choices: MESSAGES.map((value) => ({ value, text: t(`languages.${value}`) })),
    }),
  ];
}

export async function profileAlerts({ go }) {
  const { profile } = await get('/profile');
  const form = createForm({
    draft: { ...profile.alerts, language: profile.language },
    submit: t('profile.alerts.submit'),
    fields: fieldsOf(profile),
    paths: { 'alerts.sms': 'sms', 'alerts.mail': 'mail', 'alerts.last_call': 'last_call' },
    async send({ language, ...alerts }) {
      await patch('/profile', { language, alerts });
      await refresh();
      say(t('profile.alerts.done'));
      go('#/profilo', { replace: true });
    },
  });
  return {
    title: t('profile.alerts.title'),
    above: [backLink('#/profilo', t('profile.back'))],
    content: [
      h('p.lead', {}, t('profile.alerts.lead')),
      profile.email
        ? null
        : h('p', {}, t('profile.alerts.no_email'), ' ', h('a', { href: '#/profilo/email' }, t('contact.email.add'))),
      form.element,
    ],
  };
}
