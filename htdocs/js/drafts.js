// What was typed in forms, so that it is still there on coming back: as long as the page lasts, and no longer than the login.
const drafts = new Map();

/** The values typed under this name; an empty object at first. */
export function draftOf(name) {
  if (!drafts.has(name)) drafts.set(name, {});
  return drafts.get(name);
}

/** It was sent. */
export const forgetDraft = (name) => drafts.delete(name);

/** Somebody else sits here now. */
export const forgetDrafts = () => drafts.clear();
