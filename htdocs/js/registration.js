// What a registration has gathered so far. It outlives a reload: phones drop the page while the SMS is read.

const KEPT = 'registration';
let password = ''; // in memory only

function load() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

const state = { consent: null, profile: {}, sent: null, ...load() };

/** {consent: version | null, profile: {...}, sent: {id, to, expires_at, resend_at} | null} */
export const registration = state;

export const chosenPassword = () => password;
export function choosePassword(text) {
  password = text;
}

/** After every change; until the tab is closed. */
export function keepRegistration() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(state));
  } catch {
    // then it lasts as long as the page
  }
}

export function forgetRegistration() {
  Object.assign(state, { consent: null, profile: {}, sent: null });
  password = '';
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    // nothing was kept
  }
}
