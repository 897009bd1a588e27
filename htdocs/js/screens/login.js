// Accedi: mobile or e-mail, and password.
import { post } from '../api.js';
import { h } from '../dom.js';
import { draftOf } from '../drafts.js';
import { PasswordField } from '../fields.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { callout } from '../messages.js';
import { opened } from '../session.js';
import { loginField } from './parts.js';

/** lost: why one has to log in again, 'expired' or 'ended'. entered: called when logged in */
export function login({ lost, entered }) {
  const draft = draftOf('login'); // the password only until the screen is left
  const form = createForm({
    draft,
    submit: t('login.submit'),
    ways: { throttled: ['#/password', 'login.by_code'] },
    fields: [
      loginField(),
      new PasswordField({ name: 'password', label: t('fields.password'), autocomplete: 'current-password' }),
    ],
    async send({ login: typed, password }) {
      const answer = await post('/session', { login: typed.trim(), password });
      delete draft.password;
      opened(answer);
      entered();
    },
  });
  return {
    title: t('login.title'),
    leave: () => delete draft.password,
    content: [
      lost
        ? h(
            'div',
            { role: 'status' },
            callout(
              'note',
              t('login.expired.title'),
              h('p', {}, t(lost === 'expired' ? 'login.expired.text' : 'login.expired.ended')),
              h('p', {}, t('login.expired.unsaved')),
            ),
          )
        : null,
      form.element,
      h('p.after', {}, h('a', { href: '#/password' }, t('password.reset.title'))),
      h(
        'section.aside',
        {},
        h('h2', {}, t('login.new.title')),
        h('p', {}, t('login.new.text')),
        h('a.btn.btn-outline-primary', { href: '#/registrati' }, t('registration.title')),
      ),
    ].filter(Boolean),
  };
}
