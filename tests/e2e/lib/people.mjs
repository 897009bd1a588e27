// Fictional patients: names nobody has, with the codice fiscale that belongs to them (D.M. 23 December 1976).
import { randomInt, randomUUID } from 'node:crypto';

const MONTHS = 'ABCDEHLMPRST';
const ODD = {
  0: 1,
  1: 0,
  2: 5,
  3: 7,
  4: 9,
  5: 13,
  6: 15,
  7: 17,
  8: 19,
  9: 21,
  A: 1,
  B: 0,
  C: 5,
  D: 7,
  E: 9,
  F: 13,
  G: 15,
  H: 17,
  I: 19,
  J: 21,
  K: 2,
  L: 4,
  M: 18,
  N: 20,
  O: 11,
  P: 3,
  Q: 6,
  R: 8,
  S: 12,
  T: 14,
  U: 16,
  V: 10,
  W: 22,
  X: 25,
  Y: 24,
  Z: 23,
};
const OMOCODIA = 'LMNPQRSTUV';
const DIGIT_PLACES = [6, 7, 9, 10, 12, 13, 14];

const pick = (list) => list[randomInt(list.length)];

export function checkCharacter(fifteen) {
  let sum = 0;
  [...fifteen].forEach((character, index) => {
    if (index % 2 === 0) sum += ODD[character];
    else sum += /\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65;
  });
  return String.fromCharCode(65 + (sum % 26));
}

const letters = (name) =>
  name
    .normalize('NFD')
    .toUpperCase()
    .replace(/[^A-Z]/g, '');
const consonants = (name) => letters(name).replace(/[AEIOU]/g, '');
const vowels = (name) => letters(name).replace(/[^AEIOU]/g, '');

export function surnameCode(name) {
  return (consonants(name) + vowels(name) + 'XXX').slice(0, 3);
}

export function nameCode(name) {
  const found = consonants(name);
  if (found.length >= 4) return found[0] + found[2] + found[3];
  return (found + vowels(name) + 'XXX').slice(0, 3);
}

export function codiceFiscale({ last_name, first_name, birth_date, sex, place = 'E897' }) {
  const [year, month, day] = birth_date.split('-').map(Number);
  const fifteen =
    surnameCode(last_name) +
    nameCode(first_name) +
    String(year % 100).padStart(2, '0') +
    MONTHS[month - 1] +
    String(day + (sex === 'F' ? 40 : 0)).padStart(2, '0') +
    place;
  return fifteen + checkCharacter(fifteen);
}

/** The form of omocodia numbered 0 (all digits) to 127 (all letters). */
export function omocodia(cf, form) {
  const characters = [...cf.slice(0, 15)];
  DIGIT_PLACES.forEach((place, bit) => {
    if (form & (1 << bit)) characters[place] = OMOCODIA[Number(characters[place])];
  });
  const fifteen = characters.join('');
  return fifteen + checkCharacter(fifteen);
}

/** With its own Luhn digit. */
export function provisionalCode() {
  const digits = Array.from({ length: 10 }, () => randomInt(10));
  let sum = 0;
  digits.forEach((digit, index) => {
    const doubled = index % 2 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  });
  return digits.join('') + ((10 - (sum % 10)) % 10);
}

export const stpCode = (prefix = 'STP') => prefix + Array.from({ length: 13 }, () => randomInt(10)).join('');

function name() {
  const syllables = ['bra', 'zo', 'vel', 'qui', 'tor', 'fen', 'lut', 'gar', 'mis', 'dop', 'ney', 'wak'];
  const text = Array.from({ length: 5 }, () => pick(syllables)).join('');
  return text[0].toUpperCase() + text.slice(1);
}

export const mobile = () => `+393${String(randomInt(1e9)).padStart(9, '0')}`;

export const externalId = (prefix = 'A') => `${prefix}-${randomUUID()}`;

/** A person as the desk knows them. Everything is new on each call and in each run. */
export function person(overrides = {}) {
  const base = {
    first_name: name(),
    last_name: name(),
    birth_date: `${randomInt(1930, 2000)}-${String(randomInt(1, 13)).padStart(2, '0')}-${String(randomInt(1, 29)).padStart(2, '0')}`,
    birth_place: 'Mantova',
    sex: pick(['M', 'F']),
    mobile: mobile(),
    ...overrides,
  };
  return {
    codice_fiscale: codiceFiscale(base),
    email: `${base.first_name}.${randomUUID().slice(0, 8)}@example.org`.toLowerCase(),
    password: `${name()} ${name()} ${randomInt(1000)}`.toLowerCase(),
    ...base,
    ...overrides,
  };
}

/** The body of PUT /integration/acceptances/…. */
export function acceptanceBody(of, facility = 'san-pellegrino', overrides = {}) {
  const { codice_fiscale, first_name, last_name, birth_date, birth_place, sex } = of;
  return {
    facility,
    mobile: of.mobile,
    email: of.email,
    patient: { codice_fiscale, first_name, last_name, birth_date, birth_place, sex },
    ...overrides,
  };
}

/** The body of POST /registrations. */
export function registrationBody(of, version, overrides = {}) {
  const { codice_fiscale, first_name, last_name, birth_date, birth_place, mobile: number, email } = of;
  return {
    consent: { notice: 'portal', version },
    password: of.password,
    profile: { codice_fiscale, first_name, last_name, birth_date, birth_place, mobile: number, email, language: 'it' },
    ...overrides,
  };
}

/** The body of POST /patients. */
export function relativeBody(of, role = 'delegate', overrides = {}) {
  const { codice_fiscale, first_name, last_name, birth_date, birth_place } = of;
  return { codice_fiscale, first_name, last_name, birth_date, birth_place, role, ...overrides };
}

/** The part "metadata" of PUT /integration/documents/…. */
export function metadataOf(of, overrides = {}) {
  return {
    facility: 'san-pellegrino',
    codice_fiscale: of.codice_fiscale,
    title: 'Esami del sangue',
    type: 'laboratory',
    issued_at: new Date(Date.now() - 3600_000).toISOString().replace(/\.\d+Z$/, 'Z'),
    author: 'Dr. Anna Verdi',
    ...overrides,
  };
}
