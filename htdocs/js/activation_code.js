// The activation code of the pick-up slip: twelve characters without look-alikes, and one that checks them.
import { typedCode } from './typed.js';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const LENGTH = 13;

/** What was typed or pasted, without blanks and dashes, with look-alikes as they were meant. */
export function normalise(typed) {
  return typedCode(typed)
    .toUpperCase()
    .replace(/[\s\p{Pd}\u2212.]/gu, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
}

/** K7QF-2MXP-94TD-8, or as much of it as there is. */
export function inGroups(typed) {
  return normalise(typed)
    .slice(0, LENGTH)
    .replace(/(.{4})(?=.)/g, '$1-');
}

/** Times the generator of GF(32), modulo x^5 + x^2 + 1: as domain/code.c makes the codes. */
const timesGenerator = (element) => ((element << 1) & 32 ? (element << 1) ^ 37 : element << 1);

/** Null when it can be a code, else activation_length, activation_characters or activation_check. */
export function activationCodeError(typed) {
  const code = normalise(typed);
  const values = [...code].map((character) => ALPHABET.indexOf(character));
  if (values.includes(-1)) return 'activation_characters';
  if (code.length !== LENGTH) return 'activation_length';
  return values.reduce((sum, value) => timesGenerator(sum) ^ value, 0) ? 'activation_check' : null;
}
