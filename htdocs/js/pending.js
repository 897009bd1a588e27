// What waits for a code that was sent or for that of the slip. It outlives a reload, as registration.js does, and no login.

const KEPT = 'pending';

function load() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

const waiting = load();

function keep() {
  try {
    if (Object.keys(waiting).length) sessionStorage.setItem(KEPT, JSON.stringify(waiting));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // then it lasts as long as the page
  }
}

/** What sentOf made of the portal's answer, or undefined. name: "mobile", "email", "password"; see activation_notice.js too */
export const pendingOf = (name) => waiting[name];

/** sent: null forgets it. Called again after each change of it. */
export function setPending(name, sent) {
  if (sent) waiting[name] = sent;
  else delete waiting[name];
  keep();
}

export function forgetPending() {
  for (const name of Object.keys(waiting)) delete waiting[name];
  keep();
}
