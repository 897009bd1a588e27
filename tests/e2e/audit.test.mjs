// Point 9: every step leaves its line, and neither the audit nor a log says anything about a person.
import assert from 'node:assert/strict';
import { desk, expect, literal, newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { remember, remembered, sweep } from './lib/canaries.mjs';
import { until } from './lib/portal.mjs';
import { makePdf } from './lib/pdf.mjs';
import { acceptanceBody, externalId, metadataOf, mobile, person } from './lib/people.mjs';

// in the lines of an account patients and documents have names of their own
const AUDIT = `(SELECT id, actor_kind, action, outcome, actor_id, account_id, facility_id, address,
  dossier_lib.audit_subject(patient_id) AS patient_id, dossier_lib.audit_subject(object_id) AS object_id FROM dossier_data.audit) a`;

/** The lines written since `from`: "actor action outcome", with the columns beside. */
function lines(from, condition) {
  return portal
    .rows(
      `SELECT actor_kind, action, outcome, actor_id, account_id, patient_id, object_id, facility_id, address FROM ${AUDIT} WHERE id > ${from} AND (${condition}) ORDER BY id`,
    )
    .map(([actor, action, outcome, actor_id, account_id, patient_id, object_id, facility_id, address]) => ({
      said: `${actor} ${action} ${outcome}`,
      actor_id,
      account_id,
      patient_id,
      object_id,
      facility_id,
      address,
    }));
}
const newest = () => portal.sql('SELECT coalesce(max(id), 0) FROM dossier_data.audit');

/** The one line that a step must have left. */
async function line(t, step, pattern, condition = 'true') {
  const from = newest();
  const result = await step();
  const found = lines(from, condition);
  const fits = found.filter(({ said }) => pattern.test(said));
  assert.ok(fits.length > 0, `no line ${pattern}; there is ${JSON.stringify(found.map(({ said }) => said))}`);
  t.diagnostic(fits[0].said);
  return { result, ...fits[0] };
}

test('every step leaves its line', async (t) => {
  t.expectLog(/403 facility_not_allowed/, /409 acceptance_patient_changed/, /409 document_patient_changed/);
  const of = person();
  const id = externalId('A');
  const path = `/integration/acceptances/${id}`;
  const put = (body) => () => desk.put(path, body);

  const accepted = await line(t, put(acceptanceBody(of)), /^integrator acceptance_created ok$/);
  Object.assign(of, { acceptance: id, activation_code: expect(accepted.result, 201).json.activation_code });
  assert.equal(accepted.facility_id, 'san-pellegrino');
  assert.equal(accepted.address, desk.address);
  await line(t, put(acceptanceBody({ ...of, birth_place: 'Suzzara' })), /^integrator acceptance_updated ok$/);
  await line(t, put(acceptanceBody(person())), /^integrator acceptance_put acceptance_patient_changed$/);
  await line(t, put(acceptanceBody(of, 'citta-di-suzzara')), /^integrator acceptance_put facility_not_allowed$/);
  const renewed = await line(
    t,
    () => desk.post(`${path}/activation-codes`, {}),
    /^integrator activation_code_renewed ok$/,
  );
  of.activation_code = renewed.result.json.activation_code;

  const started = await line(t, () => steps.startRegistration(of), /^anyone registration_started ok$/);
  const { client, id: registration, code } = started.result;
  assert.equal(started.object_id, registration);
  assert.equal(started.address, client.address);
  const wrong = String((Number(code) + 1) % 1e6).padStart(6, '0');
  expect(await client.post(`/registrations/${registration}/codes`, {}), 429, 'throttled'); // counted, without a line of its own
  assert.equal(
    portal.sql(
      `SELECT count(*) FROM dossier_data.audit WHERE object_id = ${literal(registration)} AND outcome = 'throttled'`,
    ),
    '0',
  );
  await line(
    t,
    () => client.post(`/registrations/${registration}/verification`, { code: wrong }),
    /^anyone registration_completed code_wrong$/,
  );
  const completed = await line(
    t,
    () => client.post(`/registrations/${registration}/verification`, { code }),
    /^account registration_completed ok$/,
  );
  const { account } = expect(completed.result, 201).json;
  assert.equal(completed.account_id, account.id);
  const consents = lines(0, `account_id = ${literal(account.id)}`).map(({ said }) => said);
  assert.ok(consents.includes('account consent_given ok'), consents.join());

  const login = (password) => () => newClient().post('/session', { login: of.mobile, password });
  await line(t, login('not the password'), /^anyone login login_failed$/, `account_id = ${literal(account.id)}`);
  const logged = await line(t, login(of.password), /^account login ok$/, `account_id = ${literal(account.id)}`);
  assert.equal(logged.actor_id, account.id);

  const [patient] = (await client.get('/patients')).json.patients;
  const activation = `/patients/${patient.id}/activation`;
  const activate = async (overrides) => client.post(activation, await steps.activationBody(of, overrides));
  const { activation_code: other } = await steps.accept();
  await line(t, () => activate({ activation_code: other }), /^account dossier_activated activation_wrong$/);
  await line(
    t,
    () => activate({ consent: { notice: 'dossier', version: '1999-12' } }),
    /^account dossier_activated notice_outdated$/,
  );
  const active = await line(
    t,
    () => activate(),
    /^account dossier_activated ok$/,
    `account_id = ${literal(account.id)}`,
  );
  expect(active.result, 200);
  assert.equal(
    lines(0, `account_id = ${literal(account.id)}`).filter(({ said }) => said === 'account consent_given ok').length,
    2,
    'a consent for each notice',
  );

  const bytes = makePdf();
  const external = externalId('R');
  const publish =
    (metadata, file = bytes, by = desk) =>
    () =>
      by.publish(external, metadata, file);
  const published = await line(t, publish(metadataOf(of)), /^integrator document_published created$/);
  const { id: document } = expect(published.result, 201).json;
  assert.equal(published.object_id, document);
  await line(
    t,
    publish(metadataOf(of), makePdf()),
    /^integrator document_published replaced$/,
    `object_id = ${literal(document)}`,
  );
  const stranger = await steps.accept();
  await line(t, publish(metadataOf(stranger)), /^integrator document_published document_patient_changed$/);

  const content = `/documents/${document}/content`;
  const read = await line(
    t,
    () => client.get(content),
    /^account document_read ok$/,
    `object_id = ${literal(document)}`,
  );
  assert.equal(read.actor_id, account.id);
  assert.equal(read.address, client.address);
  const thief = await steps.activate();
  const refused = await line(
    t,
    () => thief.client.get(content),
    /^account document_read not_found$/,
    `actor_id = ${literal(thief.account.id)}`,
  );
  assert.equal(refused.object_id, document);

  await line(t, () => desk.delete(`/integration/documents/${external}`), /^integrator document_withdrawn ok$/);
  await line(t, () => client.get(content), /^account document_read document_withdrawn$/);
  await line(t, () => client.delete('/session'), /^account logout ok$/, `account_id = ${literal(account.id)}`);
});

test('a corrected mobile is in it', async (t) => {
  const of = await steps.accept();
  await steps.startRegistration(of);
  const right = mobile();
  await line(
    t,
    () => desk.put(`/integration/acceptances/${of.acceptance}`, acceptanceBody({ ...of, mobile: right })),
    /^integrator mobile_corrected ok$/,
  );
  await outbox.next({ to: of.mobile, template: 'mobile_corrected' });
});

test('the audit only grows', () => {
  for (const change of [
    "UPDATE dossier_data.audit SET outcome = 'ok'",
    'DELETE FROM dossier_data.audit',
    'TRUNCATE dossier_data.audit',
  ]) {
    assert.throws(() => portal.sql(change), /append-only/, change);
  }
});

const verify = (seal = '') => portal.operator('audit', 'verify', ...seal.split(' ').filter(Boolean));

test('the watchdog seals it, and audit verify finds what a superuser does to it', async () => {
  const first = newest();
  await portal.graceful(); // the watchdog's first round is soon
  await until(
    () => portal.sql(`SELECT EXISTS (SELECT FROM dossier_data.audit_seal WHERE upper(lines) > ${first})`) === 't',
    'the watchdog seals the last line',
    75,
  );
  const sound = verify();
  assert.equal(sound.status, 0, sound.said);
  const [, noted] = /^audit: \d+ lines, \d+ in \d+ seals; last seal: (\d+ [0-9a-f]{64})$/m.exec(sound.said);
  assert.match(portal.log().read(), new RegExp(`DOS0480: the audit is sealed: seal ${noted}`), 'the log names it too');
  assert.equal(verify(noted).status, 0);
  assert.equal(verify(noted.replace(/.{8}$/, '00000000')).status, 1);

  const tamper = (change) =>
    portal.sql(
      `ALTER TABLE dossier_data.audit DISABLE TRIGGER ALL; ${change}; ALTER TABLE dossier_data.audit ENABLE ALWAYS TRIGGER audit_append_only; ALTER TABLE dossier_data.audit ENABLE ALWAYS TRIGGER audit_never_emptied`,
    );
  const outcome = portal.sql(`SELECT outcome FROM dossier_data.audit WHERE id = ${first}`);
  tamper(`UPDATE dossier_data.audit SET outcome = 'forged' WHERE id = ${first}`);
  const found = verify();
  tamper(`UPDATE dossier_data.audit SET outcome = ${literal(outcome)} WHERE id = ${first}`);
  assert.equal(found.status, 1);
  assert.match(found.said, /seal \d+: a line was changed/);
  assert.equal(verify(noted).status, 0, 'put back, it is as it was');
});

test('neither logs nor audit hold a name, number, code, token or password', async () => {
  const of = await steps.activate();
  await steps.publish(of);
  remember(portal.VAR, ...Object.values(portal.keys));
  const secrets = remembered(portal.VAR);
  for (const secret of [
    of.first_name,
    of.codice_fiscale,
    of.mobile,
    of.email,
    of.password,
    of.client.token,
    of.activation_code,
  ]) {
    assert.ok(secrets.includes(secret), 'what is looked for was remembered');
  }
  assert.deepEqual(sweep(portal, secrets), []);
  assert.notDeepEqual(sweep(portal, [of.account.id]), [], 'the look finds what is there: ids may be');
});

test('codes, tokens, keys and passwords are nowhere in the database', async () => {
  const of = await steps.activate();
  const pending = await steps.startRegistration(await steps.accept());
  await steps.publish(of);
  const tables = portal.rows(`SELECT tablename FROM pg_tables WHERE schemaname = 'dossier_data'`).flat();
  const dump = portal
    .rows(tables.map((table) => `SELECT t::text FROM dossier_data.${table} t`).join(' UNION ALL '))
    .flat()
    .join('\n');
  assert.ok(dump.includes(of.codice_fiscale), 'the dump is one');
  for (const secret of [
    of.password,
    of.client.token,
    of.activation_code,
    of.activation_code.replaceAll('-', ''),
    portal.keys.desk,
  ]) {
    assert.ok(!dump.includes(secret), 'a secret stands in the database');
  }
  const codes = portal
    .rows(`SELECT v::text FROM dossier_data.verification_code v WHERE registration_id = ${literal(pending.id)}`)
    .flat()
    .join();
  assert.ok(
    !codes
      .replace(/\d\d:\d\d:\d\d\.\d+/g, '')
      .split(/[^0-9]/)
      .includes(pending.code),
    'a verification code stands in the database',
  );
  assert.equal(
    portal.sql(`SELECT count(*) FROM dossier_data.outbox WHERE sealed IS NOT NULL AND state <> 'queued'`),
    '0',
    'what has left is wiped',
  );
});
