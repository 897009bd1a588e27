// Leaving, a step at a time, each after typing the password again: the service of a dossier off and on, its
// history wiped, the account deleted.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { desk, expect, fieldErrors, literal, newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { makePdf } from './lib/pdf.mjs';
import { person } from './lib/people.mjs';

const service = (of, enabled, overrides = {}) =>
  of.client.put(`/patients/${of.patient.id}/service`, { enabled, password: of.password, ...overrides });
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
  assert.equal(
    portal.sql(
      `SELECT count(*) FROM dossier_data.outbox WHERE account_id = ${literal(of.account.id)} AND template = 'new_documents' AND state = 'queued'`,
    ),
    '0',
  );
  portal.age.document(gone.id, '60 days 1 second');
  assert.equal(expect(await service(of, true), 200).json.patient.dossier, 'active');
  const { documents } = expect(await list(of), 200).json;
  assert.deepEqual(
    documents.map(({ id }) => id),
    [later.id, kept.id],
  );
});

test("the service stays as it is without the password, for others' patients, and before activation", async () => {
  const of = await steps.activate();
  const stranger = await steps.register();
  assert.deepEqual(
    fieldErrors(expect(await of.client.put(`/patients/${of.patient.id}/service`, {}), 422, 'invalid-fields')),
    ['enabled required', 'password required'],
  );
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

const wipe = (of, password = of.password) =>
  of.client.delete(`/patients/${of.patient.id}/documents`, { json: { password } });
const remove = (of, password = of.password) => of.client.delete('/account', { json: { password } });
const content = (of, document) => of.client.get(`/documents/${document.id}/content`);
const atDesk = async (document) => expect(await desk.get(`/integration/documents/${document.external_id}`), 200).json;
const audit = (account) =>
  portal
    .rows(
      `SELECT row_to_json(a) FROM dossier_data.audit a WHERE ${literal(account)} IN (account_id::text, actor_id::text)`,
    )
    .map(([line]) => JSON.parse(line));

/** Nothing is left that could be read: no key, no words, no file. */
function assertDestroyed(document, object) {
  const [row] = portal.rows(
    `SELECT concat_ws(' ', wrapped_key, title, author) FROM dossier_data.document WHERE object_id = ${literal(object)}`,
  );
  assert.deepEqual(row ?? [''], [''], 'key and words');
  assert.ok(!portal.objects().some((path) => path.includes(object)), 'the file is still there');
}

test('the history wiped: keys and files are gone at once, the desk sees who did it', async () => {
  const of = await steps.activate();
  const documents = [await steps.publish(of), await steps.publish(of)];
  expect(await content(of, documents[0]), 200);
  const objects = documents.map(({ id }) => portal.documentColumn(id, 'object_id'));
  expect(await wipe(of), 204);
  documents.forEach((document, n) => assertDestroyed(document, objects[n]));
  assert.deepEqual(expect(await list(of), 200).json.documents, []);
  assert.equal(expect(await of.client.get('/patients'), 200).json.patients[0].new_documents, 0);
  for (const document of documents) {
    expect(await of.client.get(`/documents/${document.id}`), 410, 'document-deleted');
    expect(await content(of, document), 410, 'document-deleted');
    assert.equal((await of.client.head(`/documents/${document.id}/content`)).status, 410);
  }
  const [read, unread] = [await atDesk(documents[0]), await atDesk(documents[1])];
  assert.deepEqual(
    [read.state, read.read, unread.state, unread.read],
    ['deleted_by_patient', true, 'deleted_by_patient', false],
  );
  assert.equal(
    portal.sql(
      `SELECT count(*) FROM dossier_data.outbox WHERE account_id = ${literal(of.account.id)} AND template = 'new_documents' AND state = 'queued'`,
    ),
    '0',
  );
  const lines = audit(of.account.id).map(({ action, outcome }) => `${action} ${outcome}`);
  assert.deepEqual(
    lines.filter((line) => /^document(_deleted|s_wiped) /.test(line)),
    ['document_deleted ok', 'document_deleted ok', 'documents_wiped ok'],
  );
  expect(await wipe(of), 204); // nothing is left to wipe
});

test('wiped is wiped: the same bytes never come back, a corrected report is a new document', async () => {
  const of = await steps.activate();
  const document = await steps.publish(of);
  expect(await wipe(of), 204);
  const again = expect(await desk.publish(document.external_id, document.metadata, document.bytes), 200).json;
  assert.equal(again.state, 'deleted_by_patient');
  assert.ok(!portal.objects().some((path) => path.includes(portal.documentColumn(document.id, 'object_id'))));
  expect(await content(of, document), 410, 'document-deleted');
  const bytes = makePdf('corretto');
  const corrected = expect(await desk.publish(document.external_id, document.metadata, bytes), 200).json;
  assert.deepEqual([corrected.state, corrected.version], ['published', 2]);
  assert.ok(expect(await content(of, document), 200).body.equals(bytes));
  expect(await wipe(of), 204);
  assert.equal(
    expect(await desk.delete(`/integration/documents/${document.external_id}`), 200).json.state,
    'withdrawn',
  );
});

test('who else reads the reports is counted before they are wiped, and finds it in the activity, without names', async () => {
  const [one, two] = [await steps.activate(), await steps.activate()];
  const child = person({ birth_date: '2018-01-01', mobile: one.mobile });
  for (const parent of [one, two]) {
    const slip = await steps.accept({ ...child, mobile: parent.mobile });
    parent.child = await steps.addRelative(parent, slip, 'parent');
    expect(await parent.client.post(`/patients/${parent.child.id}/activation`, await steps.activationBody(slip)), 200);
  }
  const readers = async ({ client }) =>
    expect(await client.get('/patients'), 200).json.patients.map(
      ({ relation, other_readers: others }) => `${relation} ${others}`,
    );
  assert.deepEqual(
    [await readers(one), await readers(two)],
    [
      ['self 0', 'relative 1'],
      ['self 0', 'relative 1'],
    ],
  );
  const document = await steps.publish(child, { title: 'Esami di Kevin' });
  expect(await wipe({ ...one, patient: one.child }), 204);
  expect(await two.client.get(`/documents/${document.id}`), 410, 'document-deleted');
  const told = async ({ client }) =>
    expect(await client.get('/activity'), 200).json.activity.filter(
      ({ action }) => action === 'documents_wiped_by_another',
    );
  const [line, ...more] = await told(two);
  assert.deepEqual(
    [line.actor, line.outcome, line.patient_id, line.address, line.document_id, more.length],
    ['somebody', 'ok', two.child.id, null, null, 0],
  );
  assert.deepEqual(await told(one), []);
});

test('a disabled dossier can be wiped', async () => {
  const of = await steps.activate();
  const document = await steps.publish(of);
  expect(await service(of, false), 200);
  expect(await wipe(of), 204);
  expect(await service(of, true), 200);
  expect(await content(of, document), 410, 'document-deleted');
});

test('nothing is wiped without the password, for others, and before activation', async () => {
  const of = await steps.activate();
  const stranger = await steps.register();
  const document = await steps.publish(of);
  assert.deepEqual(
    fieldErrors(
      expect(await of.client.delete(`/patients/${of.patient.id}/documents`, { json: {} }), 422, 'invalid-fields'),
    ),
    ['password required'],
  );
  expect(await wipe({ ...stranger, patient: of.patient }), 404, 'not-found');
  expect(await wipe({ ...of, patient: { id: 'none' } }), 404, 'not-found');
  expect(await wipe(stranger), 409, 'dossier-inactive');
  for (let n = 0; n < 10; n++) expect(await wipe(of, 'not the password'), 422, 'password-wrong');
  expect(await wipe(of), 429, 'throttled');
  expect(await content(of, document), 200);
});

test('the account deleted: every session, the profile, the dossiers and the documents', async () => {
  const of = await steps.activate();
  const document = await steps.publish(of);
  expect(await content(of, document), 200);
  const object = portal.documentColumn(document.id, 'object_id');
  const elsewhere = newClient();
  expect(await elsewhere.post('/session', { login: of.email, password: of.password }), 200);
  const { token } = of.client;
  expect(await remove(of), 204);
  assert.equal(of.client.token, undefined, 'the cookie is taken away');
  of.client.cookies.set('__Host-dossier', token);
  for (const client of [of.client, elsewhere]) expect(await client.get('/session'), 401, 'unauthenticated');
  expect(await content(of, document), 401, 'unauthenticated');
  expect(await newClient().post('/session', { login: of.mobile, password: of.password }), 401, 'login-failed');
  await outbox.next({ to: of.email, template: 'account_deleted' });
  assertDestroyed(document, object);
  const state = await atDesk(document);
  assert.deepEqual([state.state, state.read], ['deleted_by_patient', true], 'that it was read, the desk may know');
});

/** For each text the tables that hold it anywhere. */
function holding(...texts) {
  const tables = portal.rows(`SELECT tablename FROM pg_tables WHERE schemaname = 'dossier_data' ORDER BY 1`).flat();
  const wanted = `(VALUES ${texts.map((text, n) => `(${n}, ${literal(text)})`)}) AS w (n, text)`;
  const found = portal.rows(
    tables
      .map(
        (table) =>
          `SELECT DISTINCT n, '${table}' FROM ${wanted}, dossier_data.${table} t WHERE strpos(t::text, w.text) > 0`,
      )
      .join(' UNION ALL '),
  );
  return texts.map((_, n) =>
    found
      .filter(([of]) => of === String(n))
      .map(([, table]) => table)
      .sort(),
  );
}

test('what stays after a deletion leads from the account to nobody', async () => {
  const of = await steps.activate();
  const document = await steps.publish(of);
  expect(await content(of, document), 200);
  const { id } = of.account;
  const written = audit(id).length;
  expect(await remove(of), 204);
  const lines = audit(id);
  assert.ok(lines.length > written, 'the audit stays, and says so');
  const consents = portal.rows(
    `SELECT patient_id, unlinked_at FROM dossier_data.consent WHERE account_id = ${literal(id)}`,
  );
  assert.equal(consents.length, 2);
  assert.ok(consents.every(([, unlinked]) => unlinked));
  const named = [
    ...new Set(
      [
        ...lines.flatMap(({ patient_id, object_id }) => [patient_id, object_id]),
        ...consents.map(([patient]) => patient),
      ].filter(Boolean),
    ),
  ];
  assert.ok(named.length > 2);
  const [account, mobile, codice_fiscale, email, ...rest] = holding(
    id,
    of.mobile,
    of.codice_fiscale,
    of.email,
    ...named,
  );
  assert.deepEqual(account, ['audit', 'consent']);
  // what the lines and the consents name besides: no row of any other table
  for (const tables of rest)
    assert.deepEqual(
      tables.filter((table) => !['audit', 'consent'].includes(table)),
      [],
    );
  const kept = [
    ...lines.map((line) => JSON.stringify(line)),
    ...portal.rows(`SELECT c::text FROM dossier_data.consent c WHERE account_id = ${literal(id)}`).flat(),
  ].join('\n');
  for (const text of [of.codice_fiscale, of.mobile, of.email, of.first_name, of.last_name])
    assert.ok(!kept.includes(text), text);
  // of the person there is what the desk wrote, and the word to the address
  assert.deepEqual(mobile, ['acceptance']);
  assert.deepEqual(codice_fiscale, ['patient']);
  assert.deepEqual(
    email.filter((table) => table !== 'outbox'),
    ['acceptance'],
  );
});

test('the mobile of a deleted account registers anew and starts empty', async () => {
  const of = await steps.activate();
  const document = await steps.publish(of);
  const [former, code] = [of.account.id, of.activation_code];
  expect(await remove(of), 204);
  portal.age.throttles(
    'code_send',
    `subject = dossier_lib.registration_subject(${literal(of.codice_fiscale)}, ${literal(of.mobile)})`,
    '2 minutes',
  );
  const again = await steps.register({ ...of, client: undefined });
  assert.notEqual(again.account.id, former);
  assert.equal(again.patient.dossier, 'inactive');
  expect(
    await again.client.post(
      `/patients/${again.patient.id}/activation`,
      await steps.activationBody(again, { activation_code: code }),
    ),
    409,
    'activation-used',
  );
  await steps.activate(await steps.accept(again));
  assert.deepEqual(expect(await list(again), 200).json.documents, []);
  expect(await content(again, document), 410, 'document-deleted');
  assert.equal(expect(await again.client.get('/consents'), 200).json.consents.length, 2);
  const fresh = await steps.publish(again);
  assert.deepEqual(
    expect(await list(again), 200).json.documents.map(({ id }) => id),
    [fresh.id],
  );
});

test('an account is not deleted without its password', async () => {
  const of = await steps.register();
  assert.deepEqual(fieldErrors(expect(await of.client.delete('/account', { json: {} }), 422, 'invalid-fields')), [
    'password required',
  ]);
  for (let n = 0; n < 10; n++) expect(await remove(of, 'not the password'), 422, 'password-wrong');
  expect(await remove(of), 429, 'throttled');
  expect(await of.client.get('/session'), 200);
  portal.age.throttle('password_again', of.account.id, '61 minutes');
  expect(await remove(of), 204);
});
