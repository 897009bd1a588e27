// The codice fiscale while it is typed: the portal checks the same once more. See D.M. 23 December 1976.
import { typedCode } from './typed.js';

const PERSON = /^[A-Z]{6}[\dLMNPQRSTUV]{2}[ABCDEHLMPRST][\dLMNPQRSTUV]{2}[A-Z][\dLMNPQRSTUV]{3}[A-Z]$/;
const OMOCODIA = 'LMNPQRSTUV'; // letters that stand for digits when two people would share a code
const MONTHS = 'ABCDEHLMPRST';
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

export const normalise = (typed) => typedCode(typed).replace(/\s/g, '').toUpperCase();

const valueOf = (character) => (/\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65);
const digits = (text) => Number([...text].map((c) => (/\d/.test(c) ? c : OMOCODIA.indexOf(c))).join(''));

function checkLetter(code) {
  const sum = [...code.slice(0, 15)].reduce((total, c, index) => total + (index % 2 ? valueOf(c) : ODD[valueOf(c)]), 0);
  return String.fromCharCode(65 + (sum % 26));
}

/** Two-digit year, month and day of birth, or null when the date is none. */
function birth(code) {
  const year = digits(code.slice(6, 8));
  const month = MONTHS.indexOf(code[8]) + 1;
  const day = digits(code.slice(9, 11)) % 40;
  const date = new Date(Date.UTC(2000 + year, month - 1, day));
  return day > 0 && digits(code.slice(9, 11)) < 72 && date.getUTCMonth() === month - 1 ? { year, month, day } : null;
}

function personError(code) {
  if (!PERSON.test(code)) return 'structure';
  if (!birth(code)) return 'date';
  return checkLetter(code) === code[15] ? null : 'check_character';
}

/** As for a partita IVA (Luhn). */
function provisionalError(code) {
  if (!/^\d+$/.test(code) || code.startsWith('0000000')) return 'structure';
  const sum = [...code].reduce(
    (total, c, index) => total + (index % 2 ? Number(c) * 2 - (c > '4' ? 9 : 0) : Number(c)),
    0,
  );
  return sum % 10 ? 'check_character' : null;
}

/** Null when it can be one, else length, structure, date or check_character. */
export function codiceFiscaleError(typed) {
  const code = normalise(typed);
  if (code.length === 11 && /^\d/.test(code)) return provisionalError(code);
  if (code.length !== 16) return 'length';
  if (/^(STP|ENI)\d/.test(code)) return /^...\d{13}$/.test(code) ? null : 'structure';
  return personError(code);
}

/** {year, month, day} of birth, as far as a person's valid code tells them; the century is a guess. */
export function birthOf(typed, today = new Date()) {
  const code = normalise(typed);
  if (code.length !== 16 || !PERSON.test(code) || personError(code)) return null;
  const { year, month, day } = birth(code);
  const century = 2000 + year > today.getFullYear() ? 1900 : 2000;
  return { year: century + year, month, day, sure: century === 1900 };
}
