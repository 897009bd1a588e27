// The nine points of the first journey in one story, from the desk to the report in the patient's hands.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { desk, expect, literal, newClient, otherDesk, outbox, portal, steps, test, until } from './lib/suite.mjs';
import { makePdf } from './lib/pdf.mjs';
import { acceptanceBody, externalId, metadataOf, person, registrationBody } from './lib/people.mjs';

test("a patient's report travels from the hospital's system to the patient", async () => {
  const of = person();
  const stranger = await steps.activate();
  const phone = newClient();

  // 1. The desk registers the visit; the slip with the activation code is printed.
  const acceptance = externalId('A');
  const path = `/integration/acceptances/${acceptance}`;
  const preview = expect(await desk.put(path, acceptanceBody(of), { query: { dry_run: 'true' } }), 200).json;
  assert.equal(preview.would, 'create');
  const { activation_code } = expect(await desk.put(path, acceptanceBody(of)), 201).json;
  assert.equal(expect(await desk.put(path, acceptanceBody(of)), 200).json.changed, false);

  // 5. The laboratory is faster than the patient.
  const first = makePdf('Primo referto');
  const report = externalId('R');
  const published = expect(
    await desk.publish(report, metadataOf(of, { acceptance, title: 'Esami del sangue' }), first),
    201,
  ).json;
  assert.equal(published.sha256, createHash('sha256').update(first).digest('hex'));

  // 2. At home: notice, consent, profile, password; the code arrives by SMS.
  const notice = expect(await phone.get('/notices/portal'), 200).json;
  const started = expect(await phone.post('/registrations', registrationBody(of, notice.version)), 202).json;
  const code = await outbox.code(of.mobile);
  expect(await phone.post(`/registrations/${started.id}/verification`, { code }), 201);

  // 3. Logging out and in again, with the e-mail this time.
  expect(await phone.delete('/session'), 204);
  expect(await phone.get('/patients'), 401, 'unauthenticated');
  expect(await phone.post('/session', { login: of.email, password: of.password }), 200);

  // 4. The dossier's own notice, and the code of the slip.
  const [patient] = expect(await phone.get('/patients'), 200).json.patients;
  assert.equal(patient.dossier, 'inactive');
  expect(await phone.get(`/patients/${patient.id}/documents`), 409, 'dossier-inactive');
  const { version } = expect(await phone.get('/notices/dossier'), 200).json;
  const activation = { consent: { notice: 'dossier', version }, codice_fiscale: of.codice_fiscale, activation_code };
  const active = expect(await phone.post(`/patients/${patient.id}/activation`, activation), 200).json.patient;
  assert.deepEqual([active.dossier, active.new_documents], ['active', 1]);

  // 6. What was there before the activation can be read.
  const list = async () => expect(await phone.get(`/patients/${patient.id}/documents`), 200).json.documents;
  const [document] = await list();
  assert.deepEqual(
    [document.id, document.title, document.facility.name, document.version, document.corrected, document.new],
    [published.id, 'Esami del sangue', 'Ospedale San Pellegrino', 1, false, true],
  );
  const content = `/documents/${document.id}/content`;
  const whole = expect(await phone.get(content), 200);
  assert.ok(whole.body.equals(first));
  assert.ok(
    expect(await phone.get(content, { headers: { Range: 'bytes=0-99' } }), 206).body.equals(first.subarray(0, 100)),
  );
  expect(await phone.get(content, { headers: { 'If-None-Match': whole.headers.etag } }), 304);
  expect(await stranger.client.get(content), 404, 'not-found');

  // 8. The desk sees that it was read.
  assert.equal(expect(await desk.get(`/integration/documents/${report}`), 200).json.read, true);
  expect(await otherDesk.get(`/integration/documents/${report}`), 404, 'not-found');

  // 5. A corrected report, and a second one: one alert for both.
  const second = makePdf('Referto corretto');
  const metadata = metadataOf(of, { acceptance, title: 'Esami del sangue' });
  const corrected = expect(await desk.publish(report, metadata, second), 200).json;
  assert.deepEqual([corrected.changed, corrected.version], ['replaced', 2]);
  const radiology = await steps.publish(of, { title: 'Radiografia del torace', type: 'radiology' });
  portal.age.alerts(expect(await phone.get('/session'), 200).json.account.id, '6 minutes');
  const alert = await outbox.next({ to: of.mobile, template: 'new_documents' });
  assert.match(alert.text, /nuovi documenti/);
  await outbox.next({ to: of.email, template: 'new_documents' });
  const both = await list();
  assert.deepEqual(
    both.map(({ title, corrected: again, new: fresh }) => [title, again, fresh]),
    [
      ['Radiografia del torace', false, true],
      ['Esami del sangue', true, true],
    ],
  );
  assert.ok(expect(await phone.get(content), 200).body.equals(second));

  // 7. After sixty days it is gone for good: for the patient at once, from the disk soon after.
  const file = portal.objectFile(radiology.id);
  portal.age.document(radiology.id, '60 days');
  expect(await phone.get(`/documents/${radiology.id}/content`), 410, 'document-expired');
  assert.deepEqual(
    (await list()).map(({ id }) => id),
    [published.id],
  );
  await portal.graceful(); // the watchdog's first round is soon
  await until(() => !existsSync(file), 'the watchdog to remove the file', 120);
  assert.equal(expect(await desk.get(`/integration/documents/${radiology.external_id}`), 200).json.state, 'expired');

  // 9. All of it is in the audit.
  const lines = portal.sql(
    `SELECT count(*) FROM dossier_data.audit WHERE dossier_lib.audit_subject(patient_id) = (SELECT id FROM dossier_data.patient WHERE codice_fiscale = ${literal(of.codice_fiscale)})`,
  );
  assert.ok(Number(lines) >= 8, `${lines} lines of the audit are about this patient`);
  assert.equal(outbox.messages({ to: of.mobile, template: 'new_documents' }).length, 1);
});
