// How good a password is, for the person who is choosing it. What is accepted the portal decides.
import { typedSecret } from './typed.js';

export const MINIMUM = 12;
const GOOD = 16;

const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The longest stretch like aaaa, 1234, dcba. */
function longestRun(text) {
  let longest = 1;
  for (const step of [-1, 0, 1]) {
    let run = 1;
    for (let i = 1; i < text.length; i++) {
      run = text.charCodeAt(i) - text.charCodeAt(i - 1) === step ? run + 1 : 1;
      longest = Math.max(longest, run);
    }
  }
  return longest;
}

const holdsPersonal = (text, personal) => personal.map(plain).some((value) => value.length > 3 && text.includes(value));

/**
 * {level: 0 to 4, advice: empty, short, personal, simple, good or strong, missing: characters}
 * @param {string[]} personal values that a stranger could look up
 */
export function strengthOf(password, personal = []) {
  const length = [...typedSecret(password)].length;
  const missing = Math.max(0, MINIMUM - length);
  const text = plain(password);
  const variety = new Set(text).size;
  if (!length) return { level: 0, advice: 'empty', missing };
  if (missing) return { level: 1, advice: 'short', missing };
  if (holdsPersonal(text, personal)) return { level: 1, advice: 'personal', missing };
  if (variety < 7 || longestRun(text) > length / 2) return { level: 2, advice: 'simple', missing };
  return length < GOOD || variety < 9 ? { level: 3, advice: 'good', missing } : { level: 4, advice: 'strong', missing };
}
