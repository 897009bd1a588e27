// Italian rules on what may be online, a test for each. Nobody can tell that something is concealed.
import assert from 'node:assert/strict';
import { desk, expect, fieldErrors, literal, newClient, otherDesk, outbox, portal, steps, test } from './lib/suite.mjs';
import { described } from './lib/contract.mjs';
import { makePdf } from './lib/pdf.mjs';
import { acceptanceBody, externalId, metadataOf, person } from './lib/people.mjs';

const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
const release = (id, body = {}, by = desk) => by.post(`/integration/documents/${id}/release`, body);
const state = async (id) => expect(await desk.get(`/integration/documents/${id}`), 200).json;
const alertsOf = (of) =>
  Number(
    portal.sql(
      `SELECT count(*) FROM dossier_data.outbox WHERE template IN ('new_documents', 'last_call') AND account_id = ${literal(of.account.id)}`,
    ),
  );
const setDossier = (of, to) =>
  portal.rows(`UPDATE dossier_data.dossier SET state = ${literal(to)} WHERE account_id = ${literal(of.account.id)}`);

/** An account that keeps this patient's dossier as a relative's. */
async function holderOf(patient) {
  const holder = await steps.activate();
  const both = `${literal(holder.account.id)}, ${literal(patient.patient.id)}`;
  portal.rows(`INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state) VALUES (${both}, 'relative', 'delegate', 'active');
    INSERT INTO dossier_data.consent (account_id, patient_id, kind, version) VALUES (${both}, 'dossier', ${literal(await steps.noticeVersion('dossier'))})`);
  return holder;
}

const offered = (path) => described.some((operation) => operation.path === path);

/** The names in a ZIP, from its central directory. */
function namesIn(zip) {
  const names = [];
  for (let at = zip.indexOf('PK\x01\x02'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 46)) {
    names.push(zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28)));
  }
  return names.sort();
}

/** What the activity says of documents; its other lines are about the account. */
async function activityOf(of) {
  const { activity } = expect(await of.client.get('/activity', { query: { limit: '100' } }), 200).json;
  const lines = activity.filter(({ document_id: id }) => id);
  // looking adds lines of one's own, but none about a document that was not told of before
  return {
    others: lines.filter(({ actor }) => actor !== 'you'),
    documents: [...new Set(lines.map(({ document_id: id }) => id))].sort(),
  };
}

/** How many documents of a patient the account has not read. */
async function unreadOf(of, patient = of.patient) {
  const { patients } = expect(await of.client.get('/patients'), 200).json;
  return patients.find(({ id }) => id === patient.id).new_documents;
}

/** All that an account can see of a patient: the list whole and in pages, filters, the count, its alerts, activity, export. */
async function view(of, patient = of.patient) {
  const list = async (query) => expect(await of.client.get(`/patients/${patient.id}/documents`, { query }), 200).json;
  return {
    exported: offered('/export') && namesIn(expect(await of.client.get('/export'), 200).body),
    whole: await list(),
    page: await list({ limit: '1' }),
    filtered: await list({ type: 'laboratory', facility: 'san-pellegrino', from: '2020-01-01' }),
    count: await unreadOf(of, patient),
    alerts: alertsOf(of),
    activity: offered('/activity') && (await activityOf(of)),
  };
}

/** For this account the document answers exactly as one that does not exist. */
async function doesNotExist(of, id) {
  const none = '7d0b4c5e-1f7c-4a53-9f63-0c1a3b9d2e41';
  for (const path of [(any) => `/documents/${any}`, (any) => `/documents/${any}/content`]) {
    const [is, wanted] = [await of.client.get(path(id)), await of.client.get(path(none))];
    expect(is, 404, 'not-found');
    assert.deepEqual(is.json, wanted.json);
    assert.equal(is.headers.etag, undefined);
  }
  assert.equal((await of.client.head(`/documents/${id}/content`)).status, 404);
  expect(await of.client.get(`/documents/${id}/content`, { headers: { Range: 'bytes=0-9' } }), 404, 'not-found');
}

/** The visit of a person, as the patient's pages see it. */
const visitsOf = async (of, patient = of.patient) =>
  expect(await of.client.get(`/patients/${patient.id}/acceptances`), 200).json.acceptances;

test('online pick-up is optional: the desk says no for one acceptance, and nothing is taken', async () => {
  const of = await steps.activate();
  const path = `/integration/acceptances/${of.acceptance}`;
  const before = await view(of);
  assert.equal(
    expect(await desk.put(path, acceptanceBody(of, undefined, { online_pickup: false })), 200).json.online_pickup,
    false,
  );
  assert.equal(expect(await desk.put(path, acceptanceBody(of)), 200).json.changed, false, 'left out it stays');
  const objects = portal.objects().length;
  const put = (id) => desk.publish(id, metadataOf(of, { acceptance: of.acceptance }), makePdf());
  expect(await put(externalId('R')), 409, 'online-pickup-declined');
  assert.equal(portal.objects().length, objects, 'not a byte was kept');
  assert.deepEqual(await view(of), before);
  const other = await steps.accept({ ...of, acceptance: undefined });
  expect(await desk.publish(externalId('R'), metadataOf(of, { acceptance: other.acceptance }), makePdf()), 201);
  assert.deepEqual(
    (await visitsOf(of)).map(({ online_pickup }) => online_pickup),
    [true, false],
  );
  assert.equal(
    expect(await desk.put(path, acceptanceBody(of, undefined, { online_pickup: true })), 200).json.online_pickup,
    true,
  );
  expect(await put(externalId('R')), 201);
  assert.deepEqual(
    fieldErrors(
      expect(await desk.put(path, acceptanceBody(of, undefined, { online_pickup: 'no' })), 422, 'invalid-fields'),
    ),
    ['online_pickup type'],
  );
});

test('online pick-up is optional: the patient opts out of one exam after joining, and in again', async () => {
  const of = await steps.activate();
  const other = await steps.accept({ ...of });
  const kept = await steps.publish(of, { acceptance: other.acceptance });
  const before = await view(of);
  const exam = await steps.publish(of, { acceptance: of.acceptance });
  const visit = (await visitsOf(of)).at(-1);
  assert.deepEqual([visit.facility.name, visit.online_pickup], ['Ospedale San Pellegrino', true]);
  const set = (online_pickup) => of.client.put(`/patients/${of.patient.id}/acceptances/${visit.id}`, { online_pickup });
  assert.deepEqual(expect(await set(false), 200).json.acceptance, { ...visit, online_pickup: false });
  assert.deepEqual(await view(of), before, 'only the other one is there');
  await doesNotExist(of, exam.id);
  const declined = await state(exam.external_id);
  assert.deepEqual([declined.state, declined.published_at], ['declined', null], 'the desk hands it over');
  const held = expect(await desk.post(`/integration/documents/${exam.external_id}/release`, {}), 200).json;
  assert.deepEqual([held.state, held.published_at], ['declined', null]);
  assert.equal((await state(kept.external_id)).state, 'published');
  expect(
    await desk.publish(externalId('R'), metadataOf(of, { acceptance: of.acceptance }), makePdf()),
    409,
    'online-pickup-declined',
  );
  // the acceptance system repeats what it knows; the patient's word stands
  const again = acceptanceBody({ ...of, birth_place: 'Suzzara' }, undefined, { online_pickup: true });
  assert.equal(
    expect(await desk.put(`/integration/acceptances/${of.acceptance}`, again), 200).json.online_pickup,
    false,
  );
  expect(await set(true), 200);
  expect(await of.client.get(`/documents/${exam.id}/content`), 200);
  const { published_at: since, ...back } = await state(exam.external_id);
  assert.deepEqual([back.state, Number.isNaN(Date.parse(since))], ['published', false]);
});

test('a declined visit is not got round by leaving its number out, whichever hospital sends, before or after', async () => {
  const of = await steps.activate();
  const unnamed = await steps.publish(of);
  const before = await view(of);
  const { acceptance } = await steps.accept({ ...of, acceptance: undefined });
  const path = `/integration/acceptances/${acceptance}`;
  expect(await desk.put(path, acceptanceBody(of, undefined, { online_pickup: false })), 200);
  const objects = portal.objects().length;
  for (const [by, facility] of [
    [desk, 'san-pellegrino'],
    [otherDesk, 'citta-di-suzzara'],
  ]) {
    const put = (metadata, options) =>
      by.publish(externalId('R'), metadataOf(of, { facility, ...metadata }), makePdf(), options);
    const { detail } = expect(await put(), 409, 'acceptance-needed').json;
    assert.match(detail, /metadata\.acceptance/);
    expect(await put({}, { query: { dry_run: 'true' } }), 409, 'acceptance-needed');
    const own = await steps.accept({ ...of, acceptance: undefined }, { desk: by, facility });
    expect(await put({ acceptance: own.acceptance, hold: true }), 201);
  }
  assert.equal(portal.objects().length, objects + 2, 'not a byte was kept of the others');
  // what came before, without a number, may be of that visit
  await doesNotExist(of, unnamed.id);
  assert.deepEqual((await view(of)).whole.documents, []);
  assert.equal((await state(unnamed.external_id)).state, 'declined');
  const named = await desk.publish(unnamed.external_id, metadataOf(of, { acceptance: of.acceptance }), unnamed.bytes);
  assert.equal(expect(named, 200).json.state, 'published');
  assert.deepEqual(
    (await view(of)).whole.documents.map(({ id }) => id),
    before.whole.documents.map(({ id }) => id),
  );
});

test('acceptances: refusals', async () => {
  const of = await steps.activate();
  const stranger = await steps.activate();
  const [visit] = await visitsOf(of);
  const path = `/patients/${of.patient.id}/acceptances`;
  const body = { online_pickup: false };
  expect(await stranger.client.get(path), 404, 'not-found');
  expect(await stranger.client.put(`${path}/${visit.id}`, body), 404, 'not-found');
  expect(await stranger.client.put(`/patients/${stranger.patient.id}/acceptances/${visit.id}`, body), 404, 'not-found');
  for (const id of ['x', of.patient.id]) expect(await of.client.put(`${path}/${id}`, body), 404, 'not-found');
  expect(await of.client.get('/patients/x/acceptances'), 404, 'not-found');
  for (const [wrong, error] of [
    [{}, 'online_pickup required'],
    [{ online_pickup: 1 }, 'online_pickup type'],
    [{ ...body, more: 1 }, 'more unknown'],
  ]) {
    assert.deepEqual(fieldErrors(expect(await of.client.put(`${path}/${visit.id}`, wrong), 422, 'invalid-fields')), [
      error,
    ]);
  }
  for (const [to, problem] of [
    ['inactive', 'dossier-inactive'],
    ['disabled', 'dossier-disabled'],
  ]) {
    setDossier(of, to);
    expect(await of.client.get(path), 409, problem);
    expect(await of.client.put(`${path}/${visit.id}`, body), 409, problem);
  }
  setDossier(of, 'active');
  assert.equal((await visitsOf(of))[0].online_pickup, true, 'nothing was changed');
});

test("a relative's account sees the visits it was at the desk for", async () => {
  const of = await steps.activate();
  const holder = await holderOf(of);
  assert.deepEqual(await visitsOf(holder, of.patient), []);
  await steps.accept({ ...of, mobile: holder.mobile });
  const [visit, ...others] = await visitsOf(holder, of.patient);
  assert.deepEqual(others, []);
  expect(await holder.client.put(`/patients/${of.patient.id}/acceptances/${visit.id}`, { online_pickup: false }), 200);
  assert.equal((await visitsOf(of)).length, 2);
});

test('genetic reports are refused with a clear problem', async (t) => {
  t.expectLog(/422 document_genetic/);
  const of = await steps.activate();
  const objects = portal.objects().length;
  const before = await view(of);
  const answer = expect(
    await desk.publish(externalId('R'), metadataOf(of, { class: 'genetic' }), makePdf()),
    422,
    'document-genetic',
  );
  assert.match(answer.json.detail, /genetico si consegna di persona/);
  assert.equal(portal.objects().length, objects);
  assert.deepEqual(await view(of), before);
});

test('an HIV report is released only when a doctor has told the patient, and only to that person', async () => {
  const of = await steps.activate();
  const holder = await holderOf(of);
  const [before, relatives] = [await view(of), await view(holder, of.patient)];
  const { id, external_id, bytes, answer } = await steps.publish(of, { class: 'hiv' });
  assert.deepEqual([answer.state, answer.published_at], ['held', null]);
  assert.deepEqual(await view(of), before);
  await doesNotExist(of, id);
  expect(await release(external_id), 409, 'not-told-by-doctor');
  expect(await release(external_id, { told_by_doctor: false }), 409, 'not-told-by-doctor');
  const released = expect(await release(external_id, { told_by_doctor: true }), 200).json;
  assert.deepEqual(
    [released.state, Date.parse(released.expires_at) - Date.parse(released.published_at)],
    ['published', 60 * 86_400_000],
  );
  const unread = await unreadOf(of);
  const after = await view(of);
  assert.deepEqual([after.whole.documents.map((document) => document.id), unread, after.alerts], [[id], 1, 2]);
  assert.ok(expect(await of.client.get(`/documents/${id}/content`), 200).body.equals(bytes));
  assert.ok(!('class' in after.whole.documents[0]));
  assert.deepEqual(await view(holder, of.patient), relatives, "the relative's account sees and hears nothing");
  await doesNotExist(holder, id);
  // the same told in the metadata
  const told = await steps.publish(of, { class: 'hiv', told_by_doctor: true });
  assert.equal(told.answer.state, 'published');
  await doesNotExist(holder, told.id);
});

for (const kind of ['abortion', 'sexual_violence', 'substances', 'anonymous_birth', 'family_counselling']) {
  test(`protected class ${kind}: visible to the patient alone`, async () => {
    const of = await steps.activate();
    const holder = await holderOf(of);
    const ordinary = await steps.publish(of);
    const before = await view(holder, of.patient);
    const { id } = await steps.publish(of, { class: kind });
    assert.deepEqual(
      (await view(of)).whole.documents.map((document) => document.id),
      [id, ordinary.id],
    );
    assert.deepEqual(await view(holder, of.patient), before);
    await doesNotExist(holder, id);
    expect(await holder.client.put(`/documents/${id}/visibility`, { hidden: true }), 404, 'not-found');
  });
}

test("a minor's protected reports: the parent neither sees nor hears of them, before and after they are told", async () => {
  const parent = await steps.activate();
  const child = await steps.accept(
    person({ birth_date: `${new Date().getUTCFullYear() - 16}-01-01`, mobile: parent.mobile }),
  );
  const { id: patient } = await steps.addRelative(parent, child, 'parent');
  expect(await parent.client.post(`/patients/${patient}/activation`, await steps.activationBody(child)), 200);
  const ordinary = await steps.publish(child);
  const before = await view(parent, { id: patient });
  assert.deepEqual(
    before.whole.documents.map(({ id }) => id),
    [ordinary.id],
  );
  for (const metadata of [
    { class: 'hiv', told_by_doctor: true },
    { class: 'hiv' },
    { class: 'substances' },
    { class: 'abortion', hold: true },
  ]) {
    const { id, external_id } = await steps.publish(child, metadata);
    assert.deepEqual(await view(parent, { id: patient }), before);
    expect(await release(external_id, { told_by_doctor: true }), 200);
    assert.deepEqual(await view(parent, { id: patient }), before);
    await doesNotExist(parent, id);
  }
  assert.equal((await visitsOf(parent, { id: patient })).length, 1, 'the visit is no secret, its reports are');
});

test('a document is held until its release: then it is visible, announced, and has all its days', async () => {
  const of = await steps.activate();
  const first = await steps.publish(of);
  const before = await view(of);
  const { id, external_id, bytes, answer } = await steps.publish(of, { hold: true, title: 'Esame istologico' });
  assert.deepEqual([answer.state, answer.published_at], ['held', null]);
  assert.equal((await state(external_id)).state, 'held');
  assert.deepEqual(await view(of), before);
  await doesNotExist(of, id);
  expect(await of.client.put(`/documents/${id}/visibility`, { hidden: true }), 404, 'not-found');
  portal.rows(`DELETE FROM dossier_data.outbox WHERE account_id = ${literal(of.account.id)}`);
  const [released, ...same] = (await Promise.all(Array.from({ length: 20 }, () => release(external_id)))).map(
    (one) => expect(one, 200).json,
  );
  for (const one of same) assert.deepEqual(one, released, 'twenty at once release it once');
  assert.ok(Math.abs(Date.parse(released.published_at) - Date.now()) < 60_000);
  assert.equal(Date.parse(released.expires_at) - Date.parse(released.published_at), 60 * 86_400_000);
  assert.deepEqual(expect(await release(external_id), 200).json, released, 'and so does one later');
  assert.equal(
    portal.sql(
      `SELECT count(*) FROM dossier_data.audit WHERE action = 'document_released' AND object_id = ${literal(id)}`,
    ),
    '1',
  );
  assert.deepEqual(
    (await view(of)).whole.documents.map((document) => document.id),
    [id, first.id],
  );
  portal.age.alerts(of.account.id, '6 minutes');
  await outbox.next({ to: of.mobile, template: 'new_documents' });
  const repeated = metadataOf(of, { hold: true, title: 'Esame istologico', issued_at: '2026-01-02T03:04:05Z' });
  assert.equal(
    expect(await desk.publish(external_id, repeated, bytes), 200).json.state,
    'published',
    'repeated, it is not held again',
  );
});

test('a correction never loosens by silence: it says what it lifts', async () => {
  const of = await steps.activate();
  const holder = await holderOf(of);
  const before = [await view(of), await view(holder, of.patient)];
  const { id, external_id, bytes } = await steps.publish(of, {
    hold: true,
    class: 'substances',
    acceptance: of.acceptance,
  });
  const put = async (metadata, file) =>
    expect(await desk.publish(external_id, metadataOf(of, metadata), file), 200).json;
  for (const file of [bytes, makePdf('corretto')]) {
    for (const metadata of [{}, { hold: null, hold_until: null, class: null, acceptance: null }]) {
      assert.equal((await put(metadata, file)).state, 'held');
      assert.deepEqual([await view(of), await view(holder, of.patient)], before);
    }
  }
  const corrected = makePdf('ancora');
  assert.equal((await put({ hold: false }, corrected)).state, 'published');
  assert.deepEqual(
    (await view(of)).whole.documents.map((document) => document.id),
    [id],
  );
  assert.equal((await put({ author: null }, makePdf('di nuovo'))).state, 'published');
  await doesNotExist(holder, id);
  const visit = (await visitsOf(of))[0];
  expect(await of.client.put(`/patients/${of.patient.id}/acceptances/${visit.id}`, { online_pickup: false }), 200);
  expect(await desk.publish(external_id, metadataOf(of), makePdf()), 409, 'online-pickup-declined');
  expect(await of.client.put(`/patients/${of.patient.id}/acceptances/${visit.id}`, { online_pickup: true }), 200);
  assert.equal((await put({ class: 'ordinary' }, makePdf())).state, 'published');
  assert.deepEqual(
    (await view(holder, of.patient)).whole.documents.map((document) => document.id),
    [id],
  );
});

test('a hold: refusals, and what it cannot take back', async () => {
  const of = await steps.activate();
  const { external_id, bytes } = await steps.publish(of);
  expect(await desk.publish(external_id, metadataOf(of, { hold: true }), bytes), 409, 'document-was-published');
  assert.equal(await unreadOf(of), 1);
  expect(await release(external_id), 200);
  const wrong = (metadata) => desk.publish(externalId('R'), metadataOf(of, metadata), makePdf());
  for (const [metadata, error] of [
    [{ hold: 'yes' }, 'metadata.hold type'],
    [{ hold_until: 'tomorrow' }, 'metadata.hold_until time_form'],
    [{ hold_until: inDays(181) }, 'metadata.hold_until date_far'],
    [{ class: 'secret' }, 'metadata.class choice'],
    [{ told_by_doctor: 1 }, 'metadata.told_by_doctor type'],
  ]) {
    assert.deepEqual(fieldErrors(expect(await wrong(metadata), 422, 'invalid-fields')), [error]);
  }
  expect(await release(external_id, {}, otherDesk), 404, 'not-found');
  expect(await release(externalId('R')), 404, 'not-found');
  assert.deepEqual(fieldErrors(expect(await release('a%20b'), 422, 'invalid-fields')), ['external_id identifier']);
  assert.deepEqual(fieldErrors(expect(await release(external_id, { told_by_doctor: 'yes' }), 422, 'invalid-fields')), [
    'told_by_doctor type',
  ]);
  expect(await desk.delete(`/integration/documents/${external_id}`), 200);
  expect(await release(external_id), 409, 'document-over');
});

test('what is held says no time at which it was published; a hold by date says its date', async () => {
  const of = await steps.activate();
  const date = inDays(2);
  const times = ({ state: is, published_at, held_until }) => [is, published_at, held_until];
  const { external_id, bytes, answer } = await steps.publish(of, { hold_until: date });
  for (const one of [answer, await state(external_id)]) assert.deepEqual(times(one), ['held', null, date]);
  const dry = await desk.publish(external_id, metadataOf(of, { hold: true }), bytes, { query: { dry_run: 'true' } });
  assert.deepEqual(times(expect(dry, 200).json), ['held', null, null]);
  const { published_at } = expect(await release(external_id), 200).json;
  assert.deepEqual(times(await state(external_id)), ['published', published_at, null]);
  const untold = expect(await desk.publish(external_id, metadataOf(of, { class: 'hiv' }), bytes), 200).json;
  assert.deepEqual(times(untold), ['held', null, null], 'also what could be read before');
});

test('a held document that is withdrawn never was', async () => {
  const of = await steps.activate();
  const before = await view(of);
  const { id, external_id } = await steps.publish(of, { hold_until: inDays(2) });
  expect(await desk.delete(`/integration/documents/${external_id}`), 200);
  portal.age.document(id, '3 days');
  await doesNotExist(of, id);
  assert.deepEqual(await view(of), before);
});

test('the patient hides one document and shows it again, and nobody can tell', async () => {
  const of = await steps.activate();
  const holder = await holderOf(of);
  const kept = await steps.publish(of);
  const [before, relatives] = [await view(of), await view(holder, of.patient)];
  const { id, external_id } = await steps.publish(of, { title: 'Da nascondere' });
  const set = (hidden, client = of.client) => client.put(`/documents/${id}/visibility`, { hidden });
  const hidden = (client = of.client, password = of.password) =>
    client.post(`/patients/${of.patient.id}/hidden-documents`, { password });
  assert.deepEqual(expect(await hidden(), 200).json.documents, []);
  assert.equal(expect(await set(true), 200).json.document.id, id);
  expect(await set(true), 200);
  assert.deepEqual(await view(of), before);
  assert.deepEqual(await view(holder, of.patient), relatives);
  for (const one of [of, holder]) await doesNotExist(one, id);
  expect(await set(false, holder.client), 404, 'not-found');
  assert.equal((await state(external_id)).state, 'published', 'the desk sees nothing of it');
  const corrected = expect(await desk.publish(external_id, metadataOf(of), makePdf('corretto')), 200).json;
  assert.equal(corrected.version, 2);
  assert.deepEqual(await view(of), before, 'nor does a corrected version');
  assert.deepEqual(
    expect(await hidden(holder.client, holder.password), 200).json.documents,
    [],
    "the relative's account has hidden nothing",
  );
  assert.deepEqual(
    expect(await hidden(), 200).json.documents.map((document) => document.id),
    [id],
  );
  expect(await set(false), 200);
  assert.deepEqual(
    (await view(of)).whole.documents.map((document) => document.id),
    [id, kept.id],
  );
  expect(await of.client.get(`/documents/${id}/content`), 200);
  assert.deepEqual(expect(await hidden(), 200).json.documents, []);
});

test("a relative's account hides from itself only", async () => {
  const of = await steps.activate();
  const holder = await holderOf(of);
  const { id } = await steps.publish(of);
  const before = await view(of);
  expect(await holder.client.put(`/documents/${id}/visibility`, { hidden: true }), 200);
  await doesNotExist(holder, id);
  assert.deepEqual(await view(of), before);
  const listed = expect(
    await holder.client.post(`/patients/${of.patient.id}/hidden-documents`, { password: holder.password }),
    200,
  ).json;
  assert.deepEqual(
    listed.documents.map((document) => document.id),
    [id],
  );
});

test('hiding: refusals', async () => {
  const of = await steps.activate();
  const stranger = await steps.activate();
  const { id, external_id } = await steps.publish(of);
  const path = `/documents/${id}/visibility`;
  const list = (client, password) => client.post(`/patients/${of.patient.id}/hidden-documents`, { password });
  expect(await stranger.client.put(path, { hidden: true }), 404, 'not-found');
  expect(await of.client.put('/documents/x/visibility', { hidden: true }), 404, 'not-found');
  for (const [wrong, error] of [
    [{}, 'hidden required'],
    [{ hidden: 'yes' }, 'hidden type'],
  ]) {
    assert.deepEqual(fieldErrors(expect(await of.client.put(path, wrong), 422, 'invalid-fields')), [error]);
  }
  expect(await list(stranger.client, stranger.password), 404, 'not-found');
  assert.deepEqual(
    fieldErrors(expect(await of.client.post(`/patients/${of.patient.id}/hidden-documents`, {}), 422, 'invalid-fields')),
    ['password required'],
  );
  for (const [to, problem] of [
    ['inactive', 'dossier-inactive'],
    ['disabled', 'dossier-disabled'],
  ]) {
    setDossier(of, to);
    expect(await of.client.put(path, { hidden: true }), 409, problem);
    expect(await list(of.client, of.password), 409, problem);
  }
  setDossier(of, 'active');
  for (let n = 0; n < 10; n++) expect(await list(of.client, 'not the password'), 422, 'password-wrong');
  expect(await list(of.client, of.password), 429, 'throttled');
  portal.age.document(id, '60 days');
  expect(await of.client.put(path, { hidden: true }), 410, 'document-expired');
  const other = await steps.publish(of);
  expect(await desk.delete(`/integration/documents/${other.external_id}`), 200);
  expect(await of.client.put(`/documents/${other.id}/visibility`, { hidden: true }), 410, 'document-withdrawn');
  assert.equal((await state(external_id)).state, 'expired');
  const wiped = await steps.publish(of);
  expect(
    await of.client.delete(`/patients/${of.patient.id}/documents`, { json: { password: of.password } }),
    429,
    'throttled',
  );
  portal.age.throttle('password_again', of.account.id, '1 hour');
  expect(await of.client.delete(`/patients/${of.patient.id}/documents`, { json: { password: of.password } }), 204);
  expect(await of.client.put(`/documents/${wiped.id}/visibility`, { hidden: true }), 410, 'document-deleted');
});

test('alerts carry no exam, result, ward or name', async () => {
  const of = await steps.activate();
  await steps.publish(of, {
    title: 'Tampone positivo',
    type: 'microbiology',
    author: 'Reparto Malattie Infettive',
    class: 'substances',
  });
  portal.age.alerts(of.account.id, '6 minutes');
  const messages = [
    await outbox.next({ to: of.mobile, template: 'new_documents' }),
    await outbox.next({ to: of.email, template: 'new_documents' }),
  ];
  for (const { subject, text } of messages) {
    const said = `${subject ?? ''} ${text}`.toLowerCase();
    for (const word of [
      'tampone',
      'positivo',
      'microbio',
      'reparto',
      'infettive',
      'esam',
      'referto',
      'sert',
      'pellegrino',
      of.first_name,
      of.last_name,
      of.codice_fiscale,
    ]) {
      assert.ok(!said.includes(word.toLowerCase()), `an alert says ${word}: ${said}`);
    }
  }
});

test('what is concealed stays so for a new session and another client', async () => {
  const of = await steps.activate();
  const { id } = await steps.publish(of);
  expect(await of.client.put(`/documents/${id}/visibility`, { hidden: true }), 200);
  const client = newClient();
  expect(await client.post('/session', { login: of.email, password: of.password }), 200);
  await doesNotExist({ client }, id);
});
