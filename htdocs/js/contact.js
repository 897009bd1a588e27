// What is surely no mobile number and no e-mail address; the portal knows the rest.
import { typedCode } from './typed.js';

const DECORATION = /[ .()[\]/\-\u2010-\u2015\u2212]/g; // what people write between digits
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** As domain/contact.c: what is longer than an Italian mobile and begins with 393 has its country already. */
export function mobileError(typed) {
  const number = typedCode(typed).replace(DECORATION, '');
  const [, prefix = '', rest] = /^(\+|00)?(\d+)$/.exec(number) ?? [];
  if (!rest) return 'mobile';
  const digits = prefix || /^393\d{8}/.test(rest) ? rest : `39${rest}`;
  return /^(?!39)[1-9]\d{7,14}$/.test(digits) || /^393\d{8,9}$/.test(digits) ? null : 'mobile';
}

export const emailError = (typed) => (EMAIL.test(typedCode(typed)) ? null : 'email');
