// Attivazione fascicolo, 1: the dossier's own notice, and the consent to it.
import { h } from '../dom.js';
import { draftOf, forgetDraft } from '../drafts.js';
import { TickField } from '../fields.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { fullName, loadPatients } from '../people.js';
import { pendingOf, setPending } from '../pending.js';
import { currentAccount } from '../session.js';
import { backLink, loadNotice, noticeInShort, progress } from './parts.js';

const kept = (id) => `activation/${currentAccount().id}/${id}`;

/**
 * {consent, codice_fiscale, activation_code} of one patient. Consent and code outlive a reload while one looks for the slip, as
 * a scanned slip's code does: it opens nothing but to who is logged in and is the patient, or has the mobile of the visit. The
 * codice fiscale need not be kept: the profile has it.
 */
export function activationDraft(id) {
  const draft = draftOf(`activation/${id}`);
  const before = pendingOf(kept(id));
  draft.consent ??= before?.consent ?? null;
  draft.activation_code ??= before?.activation_code;
  return draft;
}

/** After each change of it. */
export function keepActivation(id) {
  const { consent, activation_code } = activationDraft(id);
  setPending(kept(id), consent || activation_code ? { consent, activation_code } : null);
}

/** It was sent. */
export function forgetActivation(id) {
  setPending(kept(id), null);
  forgetDraft(`activation/${id}`);
}

/** The patient of an address, or the screen to show instead. */
export async function patientToActivate(id) {
  const patients = await loadPatients();
  const patient = patients.find((one) => one.id === id);
  if (!patient) return { elsewhere: '#/fascicolo' };
  return patient.dossier === 'inactive' ? { patient, patients } : { elsewhere: `#/fascicolo/${id}` };
}

export async function activationNotice({ patient: id, go }) {
  const [found, notice] = await Promise.all([patientToActivate(id), loadNotice('dossier')]);
  if (found.elsewhere) return found;
  const { patient, patients } = found;
  const draft = activationDraft(id);
  const ticked = { consent: draft.consent === notice.version };
  const form = createForm({
    draft: ticked,
    changed() {
      draft.consent = ticked.consent ? notice.version : null;
      keepActivation(id);
    },
    submit: t('fields.next'),
    fields: [new TickField({ name: 'consent', label: t('activation.consent'), required: t('fields.errors.consent') })],
    async send() {
      go(`#/attivazione/${id}/codice`);
    },
  });
  return {
    title: t('activation.title'),
    patient,
    above: [patients.length > 1 ? backLink(`#/fascicolo/${id}`, t('activation.back')) : null, progress(1, 2)].filter(
      Boolean,
    ),
    content: [h('p.lead', {}, t('activation.lead', { name: fullName(patient) })), noticeInShort(notice), form.element],
  };
}
