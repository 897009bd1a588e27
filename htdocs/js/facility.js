// Whose portal this is: every facility has its own address.
import { get } from './api.js';

let name = null;

/** null until it is known, and where none is configured. */
export const facilityName = () => name;

/** The pages do without it when it cannot be had. */
export async function loadFacility() {
  try {
    ({ name } = await get('/facility'));
  } catch {
    name = null;
  }
}
