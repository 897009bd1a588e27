// Registrati, 2: Il mio profilo.
import { h } from '../dom.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { keepRegistration, registration } from '../registration.js';
import { progress } from './parts.js';
import { emailField, identityFields, mobileField } from './person_fields.js';

const fieldsOf = (draft) => [
  ...identityFields(draft, { alone: true }).fields,
  mobileField(t('profile.mobile_hint')),
  emailField({ hint: t('profile.email_hint'), optional: true }),
];

let refused = null; // what the portal said of this step, told where it can be corrected

/** Called by a later step, before it comes back here. */
export function refuseProfile(problem) {
  refused = problem;
}

export function registrationProfile({ go }) {
  if (!registration.consent) return { elsewhere: '#/registrati' };
  const form = createForm({
    draft: registration.profile,
    changed: keepRegistration,
    submit: t('fields.next'),
    fields: fieldsOf(registration.profile),
    async send() {
      keepRegistration();
      go('#/registrati/password');
    },
  });
  const told = refused;
  refused = null;
  if (told) setTimeout(() => form.showProblem(told));
  return {
    title: t('profile.title'),
    above: [progress(2, 4)],
    content: [h('p.lead', {}, t('profile.lead')), form.element],
  };
}
