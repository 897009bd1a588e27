// Whose portal this is: every facility has its own address.
import { get } from './api.js';

let name = null;
let desk = null;

/** null until it is known, and where none is configured. */
export const facilityName = () => name;

/** How its desk is reached, {telephone, hours: {it, en}, address}; null where it is not configured. */
export const facilityDesk = () => desk;

/** Its colour and its logo in place of the group's. */
function dress({ colour, logo }) {
  if (colour) document.documentElement.style.setProperty('--brand', colour);
  if (colour) document.querySelector('meta[name="theme-color"]').content = colour;
  if (logo) document.getElementById('logo').src = logo;
}

/** The pages do without it when it cannot be had. */
export async function loadFacility() {
  try {
    const facility = await get('/facility');
    name = facility.name;
    desk = facility.desk;
    dress(facility);
  } catch {
    name = null;
    desk = null;
  }
}
