// Cancellazione: the service off and on, the reports deleted, the account deleted. Each says what it does and asks for the password.
import { put, remove } from '../api.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { fullName, loadPatients, patientOf } from '../people.js';
import { say } from '../said.js';
import { deleted } from '../session.js';
import { confirmation } from './confirm.js';
import { backLink } from './parts.js';

const ADDRESS = '#/cancellazione';
const BACK = () => [ADDRESS, t('leaving.back')];

const way = (href, text, kind = 'outline-primary') => h(`a.btn.btn-${kind}`, { href }, text);

function personPart(patient, several) {
  const base = `${ADDRESS}/${patient.id}`;
  const off = patient.dossier === 'disabled';
  if (patient.dossier === 'inactive') return null;
  return h(
    'section.day',
    {},
    several ? h('h2', {}, fullName(patient)) : null,
    h(
      'div.doors',
      {},
      h(
        'section.door',
        {},
        h(several ? 'h3' : 'h2', {}, t(off ? 'leaving.enable.title' : 'leaving.disable.title')),
        h('p', {}, t(off ? 'leaving.enable.short' : 'leaving.disable.short')),
        way(`${base}/servizio`, t(off ? 'leaving.enable.submit' : 'leaving.disable.submit')),
      ),
      h(
        'section.door',
        {},
        h(several ? 'h3' : 'h2', {}, t('leaving.documents.title')),
        h('p', {}, t(off ? 'leaving.documents.short_off' : 'leaving.documents.short')),
        way(`${base}/referti`, t('leaving.documents.submit')),
      ),
    ),
  );
}

export async function leaving() {
  const patients = await loadPatients();
  const parts = patients.map((patient) => personPart(patient, patients.length > 1)).filter(Boolean);
  return {
    title: t('leaving.title'),
    wide: true,
    above: [backLink('#/profilo', t('profile.back'))],
    content: [
      h('p.lead', {}, t('leaving.lead')),
      ...parts,
      h(
        'section.aside',
        {},
        h('h2', {}, t('leaving.account.title')),
        h('p', {}, t('leaving.account.short')),
        way(`${ADDRESS}/account`, t('leaving.account.submit'), 'danger'),
      ),
    ],
  };
}

const lines = (key, values, last = 'again') => ['what', 'who', last].map((line) => t(`leaving.${key}.${line}`, values));

/** One whose dossier was activated, or null. */
async function activated(id) {
  const patient = await patientOf(id);
  return patient?.dossier === 'inactive' ? null : patient;
}

export async function leavingService({ patient: id, go }) {
  const patient = await activated(id);
  if (!patient) return { elsewhere: ADDRESS };
  const enabled = patient.dossier === 'disabled';
  const key = enabled ? 'enable' : 'disable';
  const name = fullName(patient);
  return confirmation({
    title: t(`leaving.${key}.title`),
    patient,
    back: BACK(),
    says: lines(key, { name }),
    submit: t(`leaving.${key}.submit`),
    kind: enabled ? 'primary' : 'danger',
    async send(password) {
      try {
        await put(`/patients/${id}/service`, { enabled, password });
      } catch (error) {
        if (error.name !== 'consent-due') throw error;
        go(`#/consenso/${id}`);
        return;
      }
      say(t(`leaving.${key}.done`, { name }));
      go(enabled ? `#/fascicolo/${id}` : ADDRESS, { replace: true });
    },
  });
}

export async function leavingDocuments({ patient: id, go }) {
  const patient = await activated(id);
  if (!patient) return { elsewhere: ADDRESS };
  const name = fullName(patient);
  return confirmation({
    title: t('leaving.documents.title'),
    patient,
    back: BACK(),
    says: lines('documents', { name }, patient.dossier === 'disabled' ? 'again_off' : 'again'),
    warnings: [
      patient.other_readers ? t('leaving.documents.others', { count: patient.other_readers }) : null,
      t('leaving.documents.final'),
    ].filter(Boolean),
    submit: t('leaving.documents.submit'),
    async send(password) {
      await remove(`/patients/${id}/documents`, { password });
      say(t('leaving.documents.done', { name }));
      go(ADDRESS, { replace: true });
    },
  });
}

/** Null while a consent is due: the account can be deleted all the same. */
async function patientsIfShown() {
  try {
    return await loadPatients();
  } catch (error) {
    if (error.name !== 'consent-due') throw error;
    return null;
  }
}

export async function leavingAccount() {
  const patients = await patientsIfShown();
  const some = (which) => !patients || patients.some(which); // not known: said in case there are
  const line = (key) => t(`leaving.account.${key}`);
  return confirmation({
    title: line('title'),
    back: BACK(),
    says: ['what', some(({ relation }) => relation === 'relative') ? 'relatives' : null, 'who', 'again']
      .filter(Boolean)
      .map(line),
    warnings: [some(({ relation, other_readers: others }) => relation === 'self' && others) ? 'others' : null, 'final']
      .filter(Boolean)
      .map(line),
    submit: line('submit'),
    async send(password) {
      await remove('/account', { password });
      say(line('done'));
      deleted();
    },
  });
}
