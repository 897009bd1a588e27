// Answers for routes that the portal does not have yet, by the contract. A route that openapi.yaml describes is the real one.
import { readFileSync } from 'node:fs';

const description = readFileSync(new URL('../../../htdocs/openapi.yaml', import.meta.url), 'utf8');
const ID = '00000000-0000-4000-8000-000000000001';
const NOW = new Date().toISOString();
const FACILITY = { id: 'san-pellegrino', name: 'Ospedale San Pellegrino' };

const ANSWERS = {
  '/profile': {
    profile: {
      first_name: 'Mario', last_name: 'Rossi', birth_date: '1980-01-01', birth_place: 'Mantova', codice_fiscale: 'RSSMRA80A01E897X',
      mobile: '+393331234567', email: 'mario@example.org', language: 'it', alerts: { sms: true, mail: true, last_call: true },
    },
  },
  '/sessions': { sessions: [{ id: ID, current: true, device: 'Chrome, Android', created_at: NOW, last_seen_at: NOW }] },
  '/activity': { activity: [{ id: ID, at: NOW, action: 'login', outcome: 'ok', actor: 'you', patient_id: null, facility: null, document_id: null, device: null, address: '127.0.0.1' }], next: null },
  '/patients/{id}/acceptances': { acceptances: [{ id: ID, facility: FACILITY, created_at: NOW, online_pickup: true }] },
};

export async function standIn(page) {
  for (const [path, json] of Object.entries(ANSWERS)) {
    if (description.includes(`\n  ${path}:\n`)) continue;
    const pattern = new RegExp(`/api/v1${path.replace('{id}', '[^/]+')}(\\?.*)?$`);
    await page.route(pattern, (route) => route.fulfill({ json }));
  }
}
