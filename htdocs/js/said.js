// What was done on one screen is said on the next.
let said = null;

/** kind: see callout */
export function say(text, kind = 'success') {
  said = { text, kind };
}

/** What there is to say, once: {text, kind} or null. */
export function takeSaid() {
  const taken = said;
  said = null;
  return taken;
}
