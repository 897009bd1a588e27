// Others have used up the codes of these data: what tells the portal that who asks is no stranger.
import { normalise } from '../activation_code.js';
import { deskPart } from '../desk.js';
import { h } from '../dom.js';
import { draftOf } from '../drafts.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { pendingOf } from '../pending.js';
import { registration } from '../registration.js';
import { keepSlip, slipCode } from '../slip.js';
import { activationCodeField } from './activation_form.js';
import { backLink, codiceFiscaleField, loginField, progress } from './parts.js';
import { startPasswordReset } from './password_reset.js';

export function registrationNoStranger({ go }) {
  if (!registration.profile.codice_fiscale) return { elsewhere: '#/registrati' };
  const form = createForm({
    draft: { activation_code: slipCode() ?? undefined },
    submit: t('no_stranger.submit'),
    fields: [activationCodeField()],
    async send({ activation_code }) {
      keepSlip(activation_code);
      go('#/registrati/password');
    },
  });
  return {
    title: t('no_stranger.registration.title'),
    above: [backLink('#/registrati/password', t('no_stranger.registration.back')), progress(3, 4)],
    content: [h('p.lead', {}, t('no_stranger.registration.lead')), form.element, deskPart()],
  };
}

export function passwordNoStranger({ go }) {
  const draft = draftOf('login');
  draft.login ??= pendingOf('password')?.login; // to whom no code came
  draft.activation_code ??= slipCode() ?? undefined;
  const form = createForm({
    draft,
    submit: t('password.reset.submit'),
    fields: [loginField(), codiceFiscaleField(), activationCodeField({ optional: true })],
    async send({ login, codice_fiscale, activation_code }) {
      const code = normalise(activation_code);
      await startPasswordReset({
        login,
        codice_fiscale: codice_fiscale.trim(),
        ...(code ? { activation_code: code } : {}),
      });
      go('#/password/codice');
    },
  });
  return {
    title: t('no_stranger.password.title'),
    above: [backLink('#/password', t('password.reset.back_ask')), progress(1, 2)],
    content: [h('p.lead', {}, t('no_stranger.password.lead')), form.element],
  };
}
