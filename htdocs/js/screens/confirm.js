// A screen that says plainly what will happen, and asks for the password before it does.
import { h } from '../dom.js';
import { PasswordField } from '../fields.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { callout } from '../messages.js';
import { backLink } from './parts.js';

export const passwordField = (name = 'password', label = t('fields.your_password')) =>
  new PasswordField({ name, label, autocomplete: 'current-password' });

/**
 * @param {object} options
 * @param {string} options.title
 * @param {object} [options.patient] whose dossier it is about
 * @param {[string, string]} options.back address and text of the way back
 * @param {string[]} options.says what will happen, a line each
 * @param {string[]} options.warnings what cannot be undone, a paragraph each
 * @param {string} options.submit text of the button
 * @param {string} [options.kind] "danger" (default) or "primary"
 * @param {Function} options.send (password) => Promise
 */
export function confirmation({ title, patient, back, says, warnings = [], submit, kind = 'danger', send }) {
  const form = createForm({
    draft: {},
    submit,
    kind,
    fields: [passwordField()],
    extra: [],
    send: ({ password }) => send(password),
  });
  return {
    title,
    patient,
    above: [backLink(...back)],
    content: [
      h(
        'ul.plain-list',
        {},
        says.map((line) => h('li', {}, line)),
      ),
      warnings.length
        ? callout(
            'warning',
            t('confirm.final'),
            warnings.map((text) => h('p', {}, text)),
          )
        : null,
      form.element,
      h('div.actions', {}, h('a.btn.btn-outline-primary', { href: back[0] }, t('confirm.cancel'))),
    ],
  };
}
