// What is surely no mobile number and no e-mail address; the portal knows the rest.

const MOBILE = /^(\+|00)?\d{8,15}$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function mobileError(typed) {
  const number = typed.replace(/[\s().\-/\u2010-\u2015]/g, '');
  const national = number.replace(/^(\+39|0039)/, '');
  const italian = !/^(\+|00)/.test(number) || national !== number;
  return MOBILE.test(number) && (!italian || /^3\d{8,9}$/.test(national)) ? null : 'mobile';
}

export const emailError = (typed) => (EMAIL.test(typed.trim()) ? null : 'email');
