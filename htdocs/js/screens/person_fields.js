// The fields that say who a person is, and how to reach one: of a registration, of a relative, of a change.
import { emailError, mobileError } from '../contact.js';
import { birthOf } from '../codice_fiscale.js';
import { DateField, TextField, isDate } from '../fields.js';
import { t } from '../i18n.js';
import { typedCode } from '../typed.js';
import { codiceFiscaleField } from './parts.js';

function birthError(date) {
  if (!isDate(date)) return 'date';
  if (new Date(date) > new Date()) return 'date_future';
  return Number(date.slice(0, 4)) < new Date().getFullYear() - 130 ? 'date_past' : null;
}

/** Whole years today, or null. */
export function ageOf(date, today = new Date()) {
  if (!isDate(date)) return null;
  const [year, month, day] = date.split('-').map(Number);
  const before = today.getMonth() + 1 < month || (today.getMonth() + 1 === month && today.getDate() < day);
  const age = today.getFullYear() - year - (before ? 1 : 0);
  return age >= 0 ? age : null;
}

const isMinor = (age) => age !== null && age < 18;
const ageText = (age) => t('relative.age', { count: age });

/** The same two digits a century away, where both make an age that people have; else null. */
function otherYear(date) {
  const age = ageOf(date);
  if (age === null || (age >= 18 && age < 100)) return null;
  return Number(date.slice(0, 4)) + (age < 18 ? -100 : 100);
}

/** What to say of an age while one types, and whether it is that of the year that was meant. */
function liveAge(date) {
  const age = ageOf(date);
  if (age === null) return null;
  const year = otherYear(date);
  return { state: 'info', text: year ? `${ageText(age)}. ${t('profile.year_right', { year })}` : ageText(age) };
}

/** As the portal does it: a day that does not agree is refused only where it would make a minor of an adult, or an adult of a minor. */
function disagreement(date, code) {
  const birth = birthOf(code);
  if (!birth || !isDate(date)) return null;
  const [year, month, day] = date.split('-').map(Number);
  if (year % 100 === birth.year % 100 && month === birth.month && day === birth.day) return null;
  const byCode = [birth.year, birth.month, birth.day].map((part) => String(part).padStart(2, '0')).join('-');
  const refused = isMinor(ageOf(byCode)) !== isMinor(ageOf(date));
  return [
    refused ? 'birth_of_code' : 'birth_of_code_doubt',
    { date: `${birth.day}/${birth.month}/${String(birth.year).slice(2)}` },
  ];
}

/**
 * First name, last name, birth date and place, codice fiscale. autofill: these are the reader's own.
 * alone: no minor may be the person.
 */
export function identityFields(draft, { autofill = true, alone = false } = {}) {
  const own = (token) => (autofill ? token : 'off');
  let asked = null; // what was doubted: who goes on with it means it
  function checkBirth(date) {
    const wrong = birthError(date);
    if (wrong) return wrong;
    const doubt = disagreement(date, code.value);
    const both = `${date} ${code.value}`;
    if (doubt && (doubt[0] === 'birth_of_code' || asked !== both)) {
      asked = both;
      return doubt;
    }
    return alone && isMinor(ageOf(date)) ? ['minor', { age: ageText(ageOf(date)), year: otherYear(date) }] : null;
  }
  function liveBirth(date) {
    const [key, values] = disagreement(date, code.value) ?? [];
    return key ? { state: 'error', text: t(`fields.errors.${key}`, values) } : liveAge(date);
  }
  const birth = new DateField({
    name: 'birth_date',
    label: t('profile.birth_date'),
    hint: t('profile.birth_date_hint'),
    autocomplete: { day: own('bday-day'), month: own('bday-month'), year: own('bday-year') },
    check: checkBirth,
    live: liveBirth,
  });
  /** Who has typed no date gets that of the codice fiscale. */
  const fillBirth = ({ year, month, day, sure }) => {
    if (birth.empty && sure) {
      birth.value = [year, month, day].join('-');
      draft.birth_date = birth.value;
    } else if (isDate(birth.value)) {
      if (birth.wrong) birth.showError(null);
      birth.showLive();
    }
  };
  const code = codiceFiscaleField({ right: fillBirth });
  const text = (name, options) =>
    new TextField({ name, label: t(`profile.${name}`), longest: 100, spellcheck: 'false', ...options });
  return {
    birth,
    fields: [
      text('first_name', { autocomplete: own('given-name') }),
      text('last_name', { autocomplete: own('family-name') }),
      birth,
      text('birth_place', { hint: t('profile.birth_place_hint'), autocomplete: 'off' }),
      code,
    ],
  };
}

export const mobileField = (hint) =>
  new TextField({
    name: 'mobile',
    label: t('profile.mobile'),
    hint,
    type: 'tel',
    inputmode: 'tel',
    autocomplete: 'tel',
    clean: typedCode,
    check: mobileError,
  });

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
    clean: typedCode,
    check: emailError,
  });
