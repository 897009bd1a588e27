// What people type and paste, in one spelling: as base/typed.c has it, held to it by tests/unit/typed.json.

const MARKS = /[\p{Cf}\p{DI}]/gu; // direction, zero width, soft hyphen, variation selectors, fillers
const BLANKS = /\p{Zs}/gu;
const OUTER = /^[ \t-\r\x85\u2028\u2029]+|[ \t-\r\x85\u2028\u2029]+$/g;
const TABS = /\t/g;
const DIGITS = /(?![0-9])\p{Nd}/gu;
const isDigit = (character) => /\p{Nd}/u.test(String.fromCodePoint(character));

/** Digits of a script stand one behind the other, from zero to nine. */
function asciiDigit(digit) {
  let zero = digit.codePointAt(0);
  while (isDigit(zero - 1)) zero--;
  return String(digit.codePointAt(0) - zero);
}

/** Names and sentences: composed letters, plain blanks, neither them nor line ends outside, no invisible marks. */
export const typedText = (typed) => typed.replace(MARKS, '').normalize('NFC').replace(BLANKS, ' ').replace(OUTER, '');

/** Numbers, codes, dates and addresses: the same, and letters and digits of any width or script as ASCII has them. */
export const typedCode = (typed) =>
  typed
    .replace(MARKS, '')
    .normalize('NFKC')
    .replace(DIGITS, asciiDigit)
    .replace(BLANKS, ' ')
    .replace(TABS, ' ')
    .replace(OUTER, '');

/** Passwords: composed letters, and else each character as it was typed. */
export const typedSecret = (typed) => typed.normalize('NFC');
