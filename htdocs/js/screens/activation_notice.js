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

const agreedTo = (id) => `activation/${currentAccount().id}/${id}`;

/** {consent, codice_fiscale, activation_code} of one patient; the consent outlives a reload while one looks for the slip. */
export function activationDraft(id) {
  const draft = draftOf(`activation/${id}`);
  draft.consent ??= pendingOf(agreedTo(id))?.consent ?? null;
  return draft;
}

/** version: of the notice; null when it is taken back. */
export function keepAgreed(id, version) {
  activationDraft(id).consent = version;
  setPending(agreedTo(id), version && { consent: version });
}

/** It was sent. */
export function forgetActivation(id) {
  setPending(agreedTo(id), null);
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
      keepAgreed(id, ticked.consent ? notice.version : null);
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
    above: [patients.length > 1 ? backLink(`#/fascicolo/${id}`, t('activation.back')) : null, progress(1, 2)].filter(Boolean),
    content: [h('p.lead', {}, t('activation.lead', { name: fullName(patient) })), noticeInShort(notice), form.element],
  };
}
