// A form: checks before it sends, puts every error at its field and in a summary, and loses nothing that was typed.
import { NoConnection } from './api.js';
import { h, icon } from './dom.js';
import { t } from './i18n.js';
import { fieldWords, problemCallout, wordsOf } from './messages.js';

// problems that are about one field of the form, if it has it
const OF_FIELD = { 'password-wrong': 'password' };

const draftValue = (draft, field, value) => {
  draft[field.name] = value;
};

/**
 * @param {object} options
 * @param {Array} options.fields instances of fields.js
 * @param {object} options.draft holds what is typed, under the fields' names; outlives the form
 * @param {string} options.submit text of the button
 * @param {string} [options.kind] "primary", or "danger" for what cannot be undone
 * @param {Function} options.send (values) => Promise; what it throws is shown
 * @param {string} [options.username] whose password is set: what keeps passwords asks for it, and the page does not show it
 * @param {Function} [options.changed] after each change of the draft
 * @param {object} [options.ways] see problemCallout
 * @param {Array} [options.extra] elements between the fields and the button
 * @param {object} [options.paths] names of the portal's fields ("profile.mobile") to names of this form's
 */
export function createForm({
  fields,
  draft,
  submit,
  send,
  kind = 'primary',
  username,
  changed = () => {},
  ways = {},
  extra = [],
  paths = {},
}) {
  const summary = h('div.summary', { tabindex: '-1', role: 'alert' });
  const button = h(`button.btn.btn-${kind}`, { type: 'submit' }, submit);
  const waiting = h('p.waiting', { role: 'status' });
  const whose =
    username &&
    h('input', {
      type: 'text',
      name: 'username',
      autocomplete: 'username',
      value: username,
      readonly: true,
      hidden: true,
    });
  const element = h(
    'form.form',
    { novalidate: true },
    summary,
    whose,
    ...fields.map((field) => field.element),
    ...extra,
    h('div.actions', {}, button, waiting),
  );
  let busy = false;

  for (const field of fields) {
    if (draft[field.name] !== undefined) field.value = draft[field.name];
    field.connect(() => {
      draftValue(draft, field, field.value);
      changed();
    });
  }

  function say(...content) {
    summary.replaceChildren(...content);
    if (!content.length) return;
    summary.focus({ preventScroll: true });
    summary.scrollIntoView({ block: 'start' });
  }

  function link(field, text) {
    const follow = (event) => {
      event.preventDefault(); // the address stays: it says which screen this is
      field.focus();
    };
    return h('li', {}, h('a', { href: `#${field.id}`, onclick: follow }, `${field.labelText}: ${text}`));
  }

  /** wrong: [[field, text], …] */
  function showErrors(wrong) {
    for (const field of fields) field.showError(wrong.find(([other]) => other === field)?.[1] ?? null);
    if (!wrong.length) return say();
    return say(
      h(
        'div.callout.danger',
        {},
        icon('alert'),
        h(
          'div.callout-text',
          {},
          h('p.callout-title', {}, t('fields.summary', { count: wrong.length })),
          h(
            'ul',
            {},
            wrong.map(([field, text]) => link(field, text)),
          ),
        ),
      ),
    );
  }

  function showProblem(error) {
    const byName = (name) => fields.find((field) => field.name === name);
    const one = byName(OF_FIELD[error.name]);
    if (one) return showErrors([[one, wordsOf(error).detail]]);
    const wrong = (error.errors ?? []).map((each) => [byName(paths[each.field] ?? each.field), fieldWords(each)]);
    if (wrong.length && wrong.every(([field]) => field)) return showErrors(wrong);
    return say(problemCallout(error, ways, { typed: fields.length > 0 }));
  }

  function wait(on) {
    busy = on;
    button.setAttribute('aria-disabled', String(on));
    waiting.textContent = on ? t('fields.waiting') : '';
  }

  async function submitted(event) {
    event.preventDefault();
    if (busy) return;
    const wrong = fields.map((field) => [field, field.problem()]).filter(([, text]) => text);
    showErrors(wrong);
    if (wrong.length) return;
    wait(true);
    try {
      await send(Object.fromEntries(fields.map((field) => [field.name, field.value])));
    } catch (error) {
      if (!error.status && !(error instanceof NoConnection)) throw error;
      if (error.name !== 'unauthenticated') showProblem(error);
    } finally {
      wait(false);
    }
  }

  element.addEventListener('submit', submitted);
  return { element, showProblem, button };
}
