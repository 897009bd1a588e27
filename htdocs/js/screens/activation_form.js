// Attivazione fascicolo, 2: codice fiscale and activation code of the pick-up slip.
import { LENGTH, activationCodeError, inGroups, normalise } from '../activation_code.js';
import { post } from '../api.js';
import { h } from '../dom.js';
import { TextField } from '../fields.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { fullName } from '../people.js';
import { say } from '../said.js';
import { forgetSlip, slipCode } from '../slip.js';
import { activationDraft, forgetActivation, keepActivation, patientToActivate } from './activation_notice.js';
import { backLink, codiceFiscaleField, loadNotice, progress } from './parts.js';

function liveCode(typed) {
  const { length } = normalise(typed);
  if (!length) return null;
  const error = activationCodeError(typed);
  if (!error) return { state: 'ok', text: t('activation.code_right') };
  if (error !== 'activation_length') return { state: 'error', text: t(`fields.errors.${error}`) };
  return { state: 'info', text: t('fields.missing', { count: LENGTH - length }) };
}

export function activationCodeField(options = {}) {
  return new TextField({
    name: 'activation_code',
    label: t('activation.code'),
    hint: t('activation.code_hint'),
    autocomplete: 'off',
    capitals: 'characters',
    spellcheck: 'false',
    className: '.input-code',
    format: inGroups,
    live: liveCode,
    check: activationCodeError,
    ...options,
  });
}

export async function activationForm({ patient: id, go }) {
  const draft = activationDraft(id);
  if (!draft.consent) return { elsewhere: `#/attivazione/${id}` };
  const found = await patientToActivate(id);
  if (found.elsewhere) return found;
  const { patient } = found;
  draft.codice_fiscale ??= patient.codice_fiscale;
  draft.activation_code = slipCode() ?? draft.activation_code;

  async function send({ codice_fiscale, activation_code }) {
    try {
      await post(`/patients/${id}/activation`, {
        consent: { notice: 'dossier', version: draft.consent },
        codice_fiscale: codice_fiscale.trim(),
        activation_code: normalise(activation_code),
      });
    } catch (error) {
      if (error.name === 'notice-outdated') {
        draft.consent = null;
        keepActivation(id);
        await loadNotice('dossier', { anew: true });
      }
      throw error;
    }
    forgetActivation(id);
    forgetSlip();
    say(t('activation.done', { name: fullName(patient) }));
    go(`#/fascicolo/${id}`, { replace: true });
  }

  const form = createForm({
    draft,
    changed() {
      if (draft.activation_code !== slipCode()) forgetSlip(); // another was typed in its place
      keepActivation(id);
    },
    submit: t('activation.submit'),
    ways: { 'notice-outdated': `#/attivazione/${id}` },
    fields: [codiceFiscaleField(), activationCodeField()],
    send,
  });
  return {
    title: t('activation.title_code'),
    patient,
    above: [backLink(`#/attivazione/${id}`, t('activation.back_notice')), progress(2, 2)],
    content: [h('p.lead', {}, t('activation.lead_code', { name: fullName(patient) })), form.element],
  };
}
