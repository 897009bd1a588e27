// Consents: versioned notices, a new version asked for at the next login, consent taken back, and the history of it all.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { expect, fieldErrors, literal, newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { described } from './lib/contract.mjs';

const login = async (of, client = newClient()) => {
  expect(await client.post('/session', { login: of.mobile, password: of.password }), 200);
  return client;
};
const consents = async (client) => expect(await client.get('/consents'), 200).json;
const give = (client, notice, version, patient) =>
  client.post('/consents', { consent: { notice, version }, ...(patient && { patient_id: patient }) });
const withdraw = (of, id, client = of.client) => client.post(`/consents/${id}/withdrawal`, { password: of.password });
const standing = async (of, notice) =>
  (await consents(of.client)).consents.find((consent) => consent.notice === notice && !consent.withdrawn_at);

// Versions of this file's own, taken back at its end: the portal is that of all files.
const VERSIONS = { portal: '2026-e2e', dossier: '2026-e2e' };
function publish(kind, version = VERSIONS[kind]) {
  portal.sql(`INSERT INTO dossier_data.notice VALUES (${literal(kind)}, ${literal(version)}, now());
    INSERT INTO dossier_data.notice_text SELECT kind, ${literal(version)}, language, title, body FROM dossier_data.notice_text WHERE kind = ${literal(kind)} AND version = '2026-01'`);
}
function retract(kind, version = VERSIONS[kind]) {
  const where = `WHERE kind = ${literal(kind)} AND version = ${literal(version)}`;
  for (const table of ['consent', 'notice_text', 'notice']) portal.sql(`DELETE FROM dossier_data.${table} ${where}`);
}
after(() => Object.keys(VERSIONS).forEach((kind) => retract(kind)));

/** With a newer version of these notices in force. */
async function withNew(kinds, body) {
  kinds.forEach((kind) => publish(kind));
  try {
    await body();
  } finally {
    kinds.forEach((kind) => retract(kind));
  }
}

test('the history tells what was agreed to, and nothing is due', async () => {
  const of = await steps.activate();
  const { consents: given, due } = await consents(of.client);
  assert.deepEqual(
    given.map(({ notice, version, patient_id, withdrawn_at }) => [notice, version, patient_id, withdrawn_at]),
    [
      ['dossier', '2026-01', of.patient.id, null],
      ['portal', '2026-01', null, null],
    ],
  );
  assert.equal(given[0].first_name, of.first_name);
  assert.deepEqual(due, []);
  const [address] = portal.rows(
    `SELECT DISTINCT address FROM dossier_data.consent WHERE account_id = ${literal(of.account.id)}`,
  );
  assert.deepEqual(address, [of.client.address]);
  assert.equal(expect(await of.client.get('/session'), 200).json.account.consents_due, false);
});

test('a new version is asked for at the next login, and until then nothing else is answered', async () => {
  const of = await steps.activate();
  const document = await steps.publish(of);
  await withNew(['portal', 'dossier'], async () => {
    expect(await of.client.get('/patients'), 200); // the session was there before
    const client = newClient();
    const { account } = expect(await client.post('/session', { login: of.mobile, password: of.password }), 200).json;
    assert.equal(account.consents_due, true);
    assert.equal(expect(await client.get('/session'), 200).json.account.consents_due, true);
    for (const path of ['/patients', `/documents/${document.id}`, `/documents/${document.id}/content`]) {
      expect(await client.get(path), 409, 'consent-due');
    }
    const { due } = await consents(client);
    assert.deepEqual(due, [
      { notice: 'portal', version: VERSIONS.portal, patient_id: null, first_name: null, last_name: null },
      {
        notice: 'dossier',
        version: VERSIONS.dossier,
        patient_id: of.patient.id,
        first_name: of.first_name,
        last_name: of.last_name,
      },
    ]);
    expect(await give(client, 'portal', '2026-01'), 409, 'notice-outdated');
    assert.equal(
      expect(await client.get('/notices/portal', { query: { version: '2026-01' } }), 200).json.version,
      '2026-01',
      'the one agreed to can be read again',
    );
    expect(await give(client, 'portal', VERSIONS.portal), 201);
    expect(await client.get('/patients'), 409, 'consent-due');
    expect(await give(client, 'dossier', VERSIONS.dossier, of.patient.id), 201);
    expect(await client.get(`/documents/${document.id}/content`), 200);
    assert.equal((await consents(client)).consents.length, 4);
    expect(await (await login(of)).get('/patients'), 200);
  });
});

test('who does not agree to a new version can take the consent back, and the rest stays open', async () => {
  const of = await steps.activate();
  await withNew(['dossier'], async () => {
    const client = await login(of);
    expect(await client.get('/patients'), 409, 'consent-due');
    const { consents: given } = await consents(client);
    const { consent } = expect(
      await withdraw(of, given.find(({ notice }) => notice === 'dossier').id, client),
      200,
    ).json;
    assert.ok(consent.withdrawn_at);
    const [patient] = expect(await client.get('/patients'), 200).json.patients;
    assert.equal(patient.dossier, 'disabled');
  });
});

const OPEN = [
  'getSession',
  'closeSession',
  'listConsents',
  'giveConsent',
  'withdrawConsent',
  'wipeDocuments',
  'deleteAccount',
  'getProfile',
];

test('while a consent is due every route of an account is closed, but for those that say so', async () => {
  const of = await steps.register();
  await withNew(['portal'], async () => {
    const client = await login(of);
    for (const { name, method, path, operationId, security } of described) {
      if (!security.some(({ session }) => session) || OPEN.includes(operationId)) continue;
      const body = ['get', 'head'].includes(method)
        ? {}
        : { text: '{}', headers: { 'Content-Type': 'application/json' } };
      const answer = await client.request(method.toUpperCase(), path.replace(/\{[^}]+\}/g, randomUUID()), body);
      assert.equal(answer.status, 409, name);
      if (method !== 'head') assert.equal(answer.problem, 'consent-due', name);
    }
    for (const operationId of OPEN)
      assert.ok(
        described.some((operation) => operation.operationId === operationId),
        operationId,
      );
    expect(await client.get('/session'), 200);
    expect(await client.get('/notices/portal'), 200);
    expect(await client.delete('/session'), 204);
  });
});

test('consent taken back is as a service disabled: nothing shown, no alert, and the account is told', async () => {
  const of = await steps.activate();
  const document = await steps.publish(of);
  const { id } = await standing(of, 'dossier');
  const { consent } = expect(await withdraw(of, id), 200).json;
  assert.equal(consent.id, id);
  assert.match(consent.withdrawn_at, /Z$/);
  expect(await of.client.get(`/documents/${document.id}`), 409, 'dossier-disabled');
  await outbox.next({ to: of.email, template: 'service_disabled' });
  assert.equal(
    portal.sql(
      `SELECT count(*) FROM dossier_data.outbox WHERE account_id = ${literal(of.account.id)} AND state = 'queued' AND template = 'new_documents'`,
    ),
    '0',
  );
  assert.equal(
    expect(await withdraw(of, id), 200).json.consent.withdrawn_at,
    consent.withdrawn_at,
    'once more is the same',
  );
  const enable = () => of.client.put(`/patients/${of.patient.id}/service`, { enabled: true, password: of.password });
  expect(await enable(), 409, 'consent-due');
  const again = expect(await give(of.client, 'dossier', '2026-01', of.patient.id), 201).json.consent;
  assert.notEqual(again.id, id);
  assert.equal(expect(await give(of.client, 'dossier', '2026-01', of.patient.id), 201).json.consent.id, again.id);
  expect(await of.client.get(`/documents/${document.id}`), 409, 'dossier-disabled');
  expect(await enable(), 200);
  expect(await of.client.get(`/documents/${document.id}`), 200);
});

test("without the portal's notice there is no service at all, until it is given again", async () => {
  const of = await steps.activate();
  const elsewhere = await login(of);
  expect(await withdraw(of, (await standing(of, 'portal')).id), 200);
  for (const client of [of.client, elsewhere]) expect(await client.get('/patients'), 409, 'consent-due');
  assert.deepEqual(
    (await consents(of.client)).due.map(({ notice, version }) => `${notice} ${version}`),
    ['portal 2026-01'],
  );
  expect(await give(of.client, 'portal', '2026-01'), 201);
  const [patient] = expect(await of.client.get('/patients'), 200).json.patients;
  assert.equal(patient.dossier, 'disabled');
});

test('consents that are refused', async () => {
  const of = await steps.register();
  const stranger = await steps.activate();
  const post = (body) => of.client.post('/consents', body);
  assert.deepEqual(fieldErrors(expect(await post({}), 422, 'invalid-fields')), ['consent required']);
  assert.deepEqual(fieldErrors(expect(await post({ consent: { notice: 'dossier', version: '2026-01' } }), 422)), [
    'consent.notice choice',
  ]);
  assert.deepEqual(
    fieldErrors(
      expect(await post({ consent: { notice: 'portal', version: '2026-01' }, patient_id: of.patient.id }), 422),
    ),
    ['consent.notice choice'],
  );
  assert.deepEqual(
    fieldErrors(expect(await post({ consent: { notice: 'portal', version: '2026-01' }, given_at: 'now' }), 422)),
    ['given_at unknown'],
  );
  expect(await give(of.client, 'dossier', '2026-01', of.patient.id), 409, 'dossier-inactive');
  expect(await give(of.client, 'dossier', '2026-01', stranger.patient.id), 404, 'not-found');
  expect(await give(of.client, 'dossier', '2026-01', 'nobody'), 404, 'not-found');
});

test("taking back is refused without the password, for others' consents, and after too many wrong ones", async () => {
  const of = await steps.activate();
  const stranger = await steps.activate();
  const { id } = await standing(of, 'dossier');
  const path = `/consents/${id}/withdrawal`;
  assert.deepEqual(fieldErrors(expect(await of.client.post(path, {}), 422, 'invalid-fields')), ['password required']);
  expect(await withdraw(stranger, id), 404, 'not-found');
  expect(await withdraw(of, randomUUID()), 404, 'not-found');
  expect(await withdraw(of, 'none'), 404, 'not-found');
  for (let n = 0; n < 10; n++)
    expect(await of.client.post(path, { password: 'not the password' }), 422, 'password-wrong');
  expect(await withdraw(of, id), 429, 'throttled');
  assert.ok(await standing(of, 'dossier'), 'nothing was taken back');
});
