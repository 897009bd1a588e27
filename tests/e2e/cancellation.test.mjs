// Leaving, a step at a time, each after typing the password again: the service of a dossier off and on.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { expect, fieldErrors, literal, outbox, portal, steps, test } from './lib/suite.mjs';

const service = (of, enabled, overrides = {}) => of.client.put(`/patients/${of.patient.id}/service`, { enabled, password: of.password, ...overrides });
const list = (of) => of.client.get(`/patients/${of.patient.id}/documents`);
const state = async (of) => (await of.client.get('/patients')).json.patients[0].dossier;

test('the service disabled shows nothing and announces nothing; enabled, it shows what is within its days', async () => {
  const of = await steps.activate();
  const [gone, kept] = [await steps.publish(of), await steps.publish(of)];
  const { patient } = expect(await service(of, false), 200).json;
  assert.deepEqual([patient.id, patient.dossier, patient.new_documents], [of.patient.id, 'disabled', 0]);
  await outbox.next({ to: of.email, template: 'service_disabled' });
  expect(await list(of), 409, 'dossier-disabled');
  expect(await of.client.get(`/documents/${kept.id}`), 409, 'dossier-disabled');
  expect(await of.client.get(`/documents/${kept.id}/content`), 409, 'dossier-disabled');
  const later = await steps.publish(of);
  assert.equal(portal.sql(`SELECT count(*) FROM dossier_data.outbox WHERE account_id = ${literal(of.account.id)} AND template = 'new_documents' AND state = 'queued'`), '0');
  portal.age.document(gone.id, '60 days 1 second');
  assert.equal(expect(await service(of, true), 200).json.patient.dossier, 'active');
  const { documents } = expect(await list(of), 200).json;
  assert.deepEqual(documents.map(({ id }) => id), [later.id, kept.id]);
});

test('the service stays as it is without the password, for others\' patients, and before activation', async () => {
  const of = await steps.activate();
  const stranger = await steps.register();
  assert.deepEqual(fieldErrors(expect(await of.client.put(`/patients/${of.patient.id}/service`, {}), 422, 'invalid-fields')), ['enabled required', 'password required']);
  assert.deepEqual(fieldErrors(expect(await service(of, 'no'), 422)), ['enabled type']);
  expect(await service(of, false, { password: 'not the password' }), 422, 'password-wrong');
  expect(await service({ ...stranger, patient: of.patient }, false), 404, 'not-found');
  expect(await service({ ...of, patient: { id: randomUUID() } }, false), 404, 'not-found');
  expect(await service({ ...of, patient: { id: 'none' } }, false), 404, 'not-found');
  expect(await service(stranger, false), 409, 'dossier-inactive');
  assert.equal(await state(of), 'active');
  for (let n = 0; n < 9; n++) expect(await service(of, false, { password: 'not the password' }), 422, 'password-wrong');
  expect(await service(of, false), 429, 'throttled');
  assert.equal(await state(of), 'active');
});
