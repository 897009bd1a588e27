// The fields that say who a person is, and how to reach one: of a registration, of a relative, of a change.
import { emailError, mobileError } from '../contacts.js';
import { DateField, TextField, isDate } from '../fields.js';
import { t } from '../i18n.js';
import { codiceFiscaleField } from './parts.js';

function birthError(date) {
  if (!isDate(date)) return 'date';
  if (new Date(date) > new Date()) return 'date_future';
  return Number(date.slice(0, 4)) < new Date().getFullYear() - 130 ? 'date_past' : null;
}

/** First name, last name, birth date and place, codice fiscale. autofill: these are the reader's own. */
export function identityFields(draft, { autofill = true } = {}) {
  const own = (token) => (autofill ? token : 'off');
  const birth = new DateField({
    name: 'birth_date',
    label: t('profile.birth_date'),
    hint: t('profile.birth_date_hint'),
    autocomplete: { day: own('bday-day'), month: own('bday-month'), year: own('bday-year') },
    check: birthError,
  });
  /** Who has typed no date gets that of the codice fiscale. */
  const fillBirth = ({ year, month, day, sure }) => {
    if (!birth.empty || !sure) return;
    birth.value = [year, month, day].join('-');
    draft.birth_date = birth.value;
  };
  const text = (name, options) => new TextField({ name, label: t(`profile.${name}`), longest: 100, spellcheck: 'false', ...options });
  return {
    birth,
    fields: [
      text('first_name', { autocomplete: own('given-name') }),
      text('last_name', { autocomplete: own('family-name') }),
      birth,
      text('birth_place', { hint: t('profile.birth_place_hint'), autocomplete: 'off' }),
      codiceFiscaleField({ right: fillBirth }),
    ],
  };
}

export const mobileField = (hint) =>
  new TextField({ name: 'mobile', label: t('profile.mobile'), hint, type: 'tel', inputmode: 'tel', autocomplete: 'tel', check: mobileError });

export const emailField = ({ hint, optional }) =>
  new TextField({
    name: 'email',
    label: t('profile.email'),
    hint,
    type: 'email',
    autocomplete: 'email',
    capitals: 'none',
    spellcheck: 'false',
    longest: 254,
    optional,
    check: emailError,
  });
