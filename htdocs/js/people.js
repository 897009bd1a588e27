// The patients of the account.
import { get } from './api.js';

export async function loadPatients() {
  const { patients } = await get('/patients');
  return patients;
}

/** One of them, or undefined. */
export const patientOf = async (id) => (await loadPatients()).find((one) => one.id === id);

export const fullName = (person) => `${person.first_name} ${person.last_name}`;
