// Registrati, 3: the password. Then everything goes to the portal, and the code leaves.
import { post } from '../api.js';
import { h } from '../dom.js';
import { PasswordField } from '../fields.js';
import { createForm } from '../forms.js';
import { language, t } from '../i18n.js';
import { MINIMUM, strengthOf } from '../password_strength.js';
import { normalise } from '../codice_fiscale.js';
import { chosenPassword, choosePassword, keepRegistration, registration } from '../registration.js';
import { loadNotice, progress } from './parts.js';
import { refuseProfile } from './register_profile.js';

const STATES = { empty: 'info', short: 'info', personal: 'error', simple: 'error', good: 'ok', strong: 'ok' };

/** Values of the profile that a stranger could look up. */
function personalOf({ first_name = '', last_name = '', birth_place = '', birth_date = '', email = '', mobile = '', codice_fiscale = '' }) {
  return [first_name, last_name, birth_place, birth_date.slice(0, 4), email.split('@')[0], mobile.replace(/\D/g, '').replace(/^39/, ''), normalise(codice_fiscale)];
}

function passwordField(profile) {
  const personal = personalOf(profile);
  const meter = h('meter.meter', { min: 0, max: 4, low: 3, high: 3, optimum: 4, value: 0, 'aria-label': t('password.strength') });
  return new PasswordField({
    name: 'password',
    label: t('password.label'),
    hint: t('password.hint'),
    autocomplete: 'new-password',
    maxlength: 128,
    after: [meter],
    check: (typed) => ([...typed].length < MINIMUM ? 'too_short' : null),
    live(typed) {
      const { level, advice, missing } = strengthOf(typed, personal);
      meter.value = level;
      return { state: STATES[advice], text: advice === 'empty' ? '' : t(`password.advice.${advice}`, { count: missing }) };
    },
  });
}

function bodyOf({ consent, profile }) {
  const trimmed = Object.fromEntries(Object.entries(profile).map(([name, value]) => [name, value.trim()]));
  return {
    consent: { notice: 'portal', version: consent },
    password: chosenPassword(),
    profile: { ...trimmed, email: trimmed.email || null, language: language() },
  };
}

export const sentOf = (answer) => ({ expires_at: answer.expires_at, resend_at: Date.now() + answer.resend_after * 1000 });

async function start(go) {
  try {
    const answer = await post('/registrations', bodyOf(registration));
    registration.sent = { id: answer.id, to: answer.sent_to, ...sentOf(answer) };
    keepRegistration();
    go('#/registrati/codice');
  } catch (error) {
    if (error.name === 'notice-outdated') {
      registration.consent = null;
      await loadNotice('portal', { anew: true });
    }
    if (!error.errors?.some(({ field }) => field.startsWith('profile.'))) throw error;
    error.errors = error.errors.map((one) => ({ ...one, field: one.field.replace('profile.', '') })).filter(({ field }) => field !== 'password');
    refuseProfile(error);
    go('#/registrati/profilo');
  }
}

export function registerPassword({ go }) {
  if (!registration.consent || !registration.profile.codice_fiscale) return { elsewhere: '#/registrati' };
  const draft = { password: chosenPassword() };
  const form = createForm({
    draft,
    changed: () => choosePassword(draft.password),
    submit: t('password.submit'),
    ways: { 'notice-outdated': '#/registrati' },
    fields: [passwordField(registration.profile)],
    send: () => start(go),
  });
  return {
    title: t('password.title'),
    above: [progress(3, 4)],
    content: [h('p.lead', {}, t('password.lead')), form.element],
  };
}
