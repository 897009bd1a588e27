// Registrati, 3: the password. Then everything goes to the portal, and the code leaves.
import { activationCodeError, normalise } from '../activation_code.js';
import { post } from '../api.js';
import { h } from '../dom.js';
import { createForm } from '../forms.js';
import { portalLanguage, t } from '../i18n.js';
import { chosenPassword, choosePassword, keepRegistration, registration } from '../registration.js';
import { slipCode } from '../slip.js';
import { sentOf } from './code_parts.js';
import { newPasswordField } from './password_new.js';
import { loadNotice, progress } from './parts.js';
import { refuseProfile } from './registration_profile.js';

function bodyOf({ consent, profile }) {
  const trimmed = Object.fromEntries(Object.entries(profile).map(([name, value]) => [name, value.trim()]));
  const slip = slipCode();
  return {
    ...(slip && !activationCodeError(slip) ? { activation_code: normalise(slip) } : {}),
    consent: { notice: 'portal', version: consent },
    password: chosenPassword(),
    profile: { ...trimmed, email: trimmed.email || null, language: portalLanguage() },
  };
}

async function start(go) {
  try {
    const answer = await post('/registrations', bodyOf(registration));
    registration.sent = sentOf(answer);
    keepRegistration();
    go('#/registrati/codice');
  } catch (error) {
    if (error.name === 'notice-outdated') {
      registration.consent = null;
      await loadNotice('portal', { anew: true });
    }
    if (!error.errors?.some(({ field }) => field.startsWith('profile.'))) throw error;
    error.errors = error.errors
      .map((one) => ({ ...one, field: one.field.replace('profile.', '') }))
      .filter(({ field }) => field !== 'password');
    refuseProfile(error);
    go('#/registrati/profilo');
  }
}

export function registrationPassword({ go }) {
  if (!registration.consent || !registration.profile.codice_fiscale) return { elsewhere: '#/registrati' };
  const draft = { password: chosenPassword() };
  const form = createForm({
    draft,
    username: registration.profile.mobile,
    changed: () => choosePassword(draft.password),
    submit: t('password.submit'),
    ways: { 'notice-outdated': '#/registrati', throttled: '#/registrati/modulo' },
    fields: [newPasswordField(registration.profile)],
    send: () => start(go),
  });
  return {
    title: t('password.title'),
    above: [progress(3, 4)],
    content: [h('p.lead', {}, t('password.lead')), form.element],
  };
}
