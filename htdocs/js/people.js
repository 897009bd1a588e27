// The patients of the account, and what was typed for each while activating a dossier.
import { get } from './api.js';

const typed = new Map();

export async function loadPatients() {
  const { patients } = await get('/patients');
  return patients;
}

/** One of them, or undefined. */
export const patientOf = async (id) => (await loadPatients()).find((one) => one.id === id);

export const fullName = (person) => `${person.first_name} ${person.last_name}`;

/** {consent, codice_fiscale, activation_code}: lasts as long as the page, and no longer than the login. */
export function activationDraft(patientId) {
  if (!typed.has(patientId)) typed.set(patientId, {});
  return typed.get(patientId);
}

export const forgetActivation = (patientId) => typed.delete(patientId);
export const forgetPeople = () => typed.clear();
