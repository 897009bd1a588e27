// The activation code of a slip whose QR code was opened: kept until it has been used, through registration and login.
import { inGroups } from './activation_code.js';

const KEPT = 'slip';
let code = null;

try {
  code = sessionStorage.getItem(KEPT);
} catch {
  // then it lasts as long as the page
}

/** In groups, or null. */
export const slipCode = () => code;

export function keepSlip(typed) {
  code = inGroups(typed);
  try {
    sessionStorage.setItem(KEPT, code);
  } catch {
    // see above
  }
}

export function forgetSlip() {
  code = null;
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    // nothing was kept
  }
}
