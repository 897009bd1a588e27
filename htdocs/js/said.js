// What was done on one screen is said on the next.
let text = null;

export function say(done) {
  text = done;
}

/** What there is to say, once. */
export function takeSaid() {
  const said = text;
  text = null;
  return said;
}
