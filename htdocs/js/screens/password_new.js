// The field for a new password, with a word on how good it is.
import { normalise } from '../codice_fiscale.js';
import { h } from '../dom.js';
import { PasswordField } from '../fields.js';
import { t } from '../i18n.js';
import { MINIMUM, strengthOf } from '../password_strength.js';

const LONGEST = 128;
const STATES = { empty: 'info', short: 'info', personal: 'error', simple: 'error', good: 'ok', strong: 'ok' };

/** Values of the profile that a stranger could look up. */
function personalOf(profile) {
  const names = ['first_name', 'last_name', 'birth_place', 'birth_date', 'email', 'mobile', 'codice_fiscale'];
  const [first_name, last_name, birth_place, birth_date, email, mobile, codice_fiscale] = names.map(
    (name) => profile[name] ?? '',
  );
  return [
    first_name,
    last_name,
    birth_place,
    birth_date.slice(0, 4),
    email.split('@')[0],
    mobile.replace(/\D/g, '').replace(/^39/, ''),
    normalise(codice_fiscale),
  ];
}

/** profile: whose data must not be in it, as far as it is known. */
export function newPasswordField(profile = {}, name = 'password') {
  const personal = personalOf(profile);
  const meter = h('meter.meter', {
    min: 0,
    max: 4,
    low: 3,
    high: 3,
    optimum: 4,
    value: 0,
    'aria-label': t('password.strength'),
  });
  return new PasswordField({
    name,
    label: t('password.label'),
    hint: t('password.hint'),
    autocomplete: 'new-password',
    longest: LONGEST,
    after: [meter],
    check: (typed) => ([...typed].length < MINIMUM ? 'too_short' : null),
    live(typed) {
      const { level, advice, missing } = strengthOf(typed, personal);
      meter.value = level;
      return {
        state: STATES[advice],
        text: advice === 'empty' ? '' : t(`password.advice.${advice}`, { count: missing }),
      };
    },
  });
}
