// A new password, for who knows the old one.
import { get, put } from '../api.js';
import { h } from '../dom.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { say } from '../said.js';
import { passwordField } from './confirm.js';
import { newPasswordField } from './password_new.js';
import { backLink } from './parts.js';

export async function passwordChange({ go }) {
  const { profile } = await get('/profile');
  const form = createForm({
    draft: {},
    username: profile.mobile,
    submit: t('password.change.submit'),
    fields: [passwordField('old_password', t('password.change.old')), newPasswordField(profile, 'new_password')],
    async send({ old_password, new_password }) {
      await put('/profile/password', { old_password, new_password });
      say(t('password.change.done'));
      go('#/profilo', { replace: true });
    },
  });
  return {
    title: t('password.change.title'),
    above: [backLink('#/profilo', t('profile.back'))],
    content: [h('p.lead', {}, t('password.change.lead')), form.element],
  };
}
