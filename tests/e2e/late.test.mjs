// Calls of a hospital's system that come late, or without knowing what has happened since.
import assert from 'node:assert/strict';
import { desk, expect, fieldErrors, otherDesk, portal, steps, test } from './lib/suite.mjs';
import { makePdf } from './lib/pdf.mjs';
import { acceptanceBody, externalId, metadataOf, mobile, person } from './lib/people.mjs';

const path = (id) => `/integration/documents/${id}`;
const match = (tag) => ({ headers: { 'If-Match': tag } });
const onlyNew = { headers: { 'If-None-Match': '*' } };
const dry = { query: { dry_run: 'true' } };
const list = async (of) => expect(await of.client.get(`/patients/${of.patient.id}/documents`), 200).json.documents;

test('a late repetition does not bring a withdrawn document back; a call that means it does', async (t) => {
  t.expectLog(/409 document_was_withdrawn/);
  const of = await steps.activate();
  const { external_id: id, metadata, bytes } = await steps.publish(of);
  expect(await desk.delete(path(id)), 200);
  const objects = portal.objects().length;
  for (const file of [bytes, makePdf('corretto')]) {
    for (const options of [{}, dry]) {
      expect(await desk.publish(id, metadata, file, options), 409, 'document-was-withdrawn');
      expect(await desk.publish(id, { ...metadata, republish: false }, file, options), 409, 'document-was-withdrawn');
    }
  }
  assert.equal(portal.objects().length, objects, 'not a byte was kept');
  assert.equal(expect(await desk.get(path(id)), 200).json.state, 'withdrawn');
  assert.deepEqual(await list(of), []);
  assert.equal(expect(await desk.publish(id, { ...metadata, republish: true }, bytes, dry), 200).json.would, 'replace');
  assert.equal(expect(await desk.publish(id, { ...metadata, republish: true }, bytes), 200).json.state, 'published');
  assert.equal((await list(of)).length, 1);
});

test('a late repetition does not put a file in the place of its correction', async (t) => {
  t.expectLog(/409 document_was_replaced/);
  const of = await steps.activate();
  const { external_id: id, metadata, bytes } = await steps.publish(of);
  const corrected = makePdf('corretto');
  const { sha256 } = expect(await desk.publish(id, metadata, corrected), 200).json;
  const objects = portal.objects().length;
  expect(await desk.publish(id, metadata, bytes, dry), 409, 'document-was-replaced');
  expect(await desk.publish(id, metadata, bytes), 409, 'document-was-replaced');
  assert.equal(portal.objects().length, objects, 'the file that came is gone again');
  assert.equal(expect(await desk.get(path(id)), 200).json.sha256, sha256);
  assert.equal(expect(await desk.publish(id, { ...metadata, republish: true }, bytes), 200).json.version, 3);
});

test('what the patient has deleted does not come back, whatever is said', async () => {
  const of = await steps.activate();
  const { external_id: id, metadata, bytes } = await steps.publish(of);
  expect(await of.client.delete(`/patients/${of.patient.id}/documents`, { json: { password: of.password } }), 204);
  for (const options of [{}, dry]) {
    expect(await desk.publish(id, { ...metadata, republish: true }, bytes, options), 409, 'document-ended');
  }
  assert.deepEqual(await list(of), []);
});

test('a late repetition brings no old class, acceptance or title back, unless its caller knows the present state', async (t) => {
  t.expectLog(/409 call_superseded/);
  const of = await steps.activate();
  const { external_id: id, metadata, bytes } = await steps.publish(of);
  const held = { ...metadata, class: 'hiv' };
  assert.equal(
    expect(await desk.publish(id, { ...metadata, class: 'ordinary' }, bytes), 200).json.changed,
    'unchanged',
  );
  const tag = expect(await desk.publish(id, held, bytes), 200).headers.etag;
  const objects = portal.objects().length;
  expect(await desk.publish(id, { ...metadata, class: 'ordinary' }, bytes, dry), 200);
  for (const options of [{}, dry]) {
    expect(await desk.publish(id, metadata, bytes, options), 409, 'call-superseded');
  }
  assert.equal(portal.objects().length, objects, 'the file that came is gone again');
  assert.equal(expect(await desk.publish(id, held, bytes), 200).json.changed, 'unchanged');
  assert.deepEqual(await list(of), []);
  assert.equal(
    expect(await desk.publish(id, { ...metadata, class: 'ordinary' }, bytes, match(tag)), 200).json.state,
    'published',
  );
  expect(await desk.publish(id, held, bytes), 409, 'call-superseded');
});

test('a late repetition of an acceptance changes nothing', async (t) => {
  t.expectLog(/409 call_superseded/);
  const who = person();
  const id = externalId('A');
  const put = (change, options) =>
    desk.put(`/integration/acceptances/${id}`, acceptanceBody(who, undefined, change), options);
  expect(await put({ online_pickup: true }), 201);
  const tag = expect(await put({ online_pickup: false }), 200).headers.etag;
  expect(await put({ online_pickup: true }), 409, 'call-superseded');
  expect(await put({ online_pickup: true }, dry), 409, 'call-superseded');
  assert.equal(expect(await put({ online_pickup: true }, match(tag)), 200).json.online_pickup, true);
});

test('a late release lets nothing out that is held anew, and a late withdrawal takes nothing that was published again', async (t) => {
  t.expectLog(/409 call_superseded/);
  const of = await steps.activate();
  const id = externalId('R');
  const metadata = metadataOf(of);
  const release = (options) => desk.post(`${path(id)}/release`, {}, options);
  expect(await desk.publish(id, { ...metadata, hold: true }, makePdf()), 201);
  assert.equal(expect(await release(), 200).json.state, 'published');
  const { headers } = expect(await desk.publish(id, { ...metadata, hold: true }, makePdf('due')), 200);
  expect(await release(), 409, 'call-superseded');
  assert.deepEqual(await list(of), []);
  assert.equal(expect(await release(match(headers.etag)), 200).json.state, 'published');
  expect(await desk.delete(path(id)), 200);
  const back = expect(await desk.publish(id, { ...metadata, hold: false, republish: true }, makePdf('tre')), 200);
  assert.equal(back.json.state, 'published');
  expect(await desk.delete(path(id)), 409, 'call-superseded');
  assert.equal((await list(of)).length, 1);
  expect(await of.client.get(`/documents/${back.json.id}/content`), 200);
  expect(await desk.delete(path(id), match(back.headers.etag)), 200);
  expect(await desk.delete(path(id)), 200);
  assert.deepEqual(await list(of), []);
});

test('If-Match and If-None-Match are held to by every call that changes a document', async () => {
  const of = await steps.activate();
  const id = externalId('R');
  const metadata = metadataOf(of);
  const bytes = makePdf();
  expect(await desk.publish(id, metadata, bytes, match('*')), 412, 'precondition-failed');
  const first = expect(await desk.publish(id, metadata, bytes, onlyNew), 201).headers.etag;
  expect(await desk.publish(id, metadata, bytes, onlyNew), 412, 'precondition-failed');
  assert.equal(expect(await desk.get(path(id)), 200).headers.etag, first);
  assert.equal(expect(await desk.publish(id, metadata, bytes), 200).headers.etag, first, 'nothing has changed');
  assert.equal(
    expect(await desk.publish(id, metadata, makePdf('due'), { ...dry, ...match(first) }), 200).headers.etag,
    undefined,
  );
  const second = expect(await desk.publish(id, metadata, makePdf('due'), match(first)), 200).headers.etag;
  assert.match(second, /^"[0-9a-f]{32}"$/);
  assert.notEqual(second, first);
  const objects = portal.objects().length;
  expect(await desk.publish(id, metadata, makePdf('tre'), match(first)), 412, 'precondition-failed');
  expect(await desk.publish(id, metadata, makePdf('tre'), { ...dry, ...match(first) }), 412, 'precondition-failed');
  expect(await desk.delete(path(id), match(first)), 412, 'precondition-failed');
  expect(await desk.post(`${path(id)}/release`, {}, match(first)), 412, 'precondition-failed');
  expect(await otherDesk.delete(path(id), match(second)), 404, 'not-found');
  assert.equal(portal.objects().length, objects);
  assert.equal((await list(of)).length, 1);
  assert.equal(
    expect(await desk.post(`${path(id)}/release`, {}, match(second)), 200).headers.etag,
    second,
    'it was not held',
  );
  const third = expect(
    await desk.publish(id, { ...metadata, title: 'Emocromo' }, makePdf('due'), match(`"x", ${second}`)),
    200,
  ).headers.etag;
  const gone = expect(await desk.delete(path(id), match(third)), 200).headers.etag;
  assert.equal(new Set([first, second, third, gone]).size, 4);
  expect(await desk.publish(id, { ...metadata, republish: true }, bytes, match(third)), 412, 'precondition-failed');
});

test('a condition that cannot be read is refused by its name, and nothing changes', async () => {
  const of = await steps.activate();
  const { external_id: id, metadata } = await steps.publish(of);
  const visit = `/integration/acceptances/${of.acceptance}`;
  const state = async () => [expect(await desk.get(path(id)), 200).headers.etag, portal.objects().length];
  const before = await state();
  for (const header of ['If-Match', 'If-None-Match']) {
    for (const text of ['abc', '"abc', '"a" "b"', 'W/abc', 'w/"abc"', '*, "a"', ',']) {
      const stated = { headers: { [header]: text } };
      for (const answer of [
        await desk.publish(id, metadata, makePdf('altro'), stated),
        await desk.post(`${path(id)}/release`, {}, stated),
        await desk.delete(path(id), stated),
        await desk.put(visit, acceptanceBody({ ...of, mobile: mobile() }), stated),
      ])
        assert.deepEqual(fieldErrors(expect(answer, 422, 'invalid-fields')), [`${header} condition_form`], text);
    }
  }
  assert.deepEqual(await state(), before);
  const other = { headers: { 'If-None-Match': '"abc" , W/"d,e"' } };
  assert.equal(
    expect(await desk.publish(id, metadata, makePdf('altro'), other), 200).json.version,
    2,
    'none of these is its tag',
  );
});

test('twenty corrections at once that know one state: one of them is taken', async () => {
  const of = await steps.accept();
  const { external_id: id, metadata } = await steps.publish(of);
  const tag = expect(await desk.get(path(id)), 200).headers.etag;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => desk.publish(id, metadata, makePdf(`versione ${n}`), match(tag))),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(19).fill(412)]);
  assert.equal(expect(await desk.get(path(id)), 200).json.version, 2);
});

test('a late acceptance with If-Match does not bring an old number back', async () => {
  const of = person();
  const at = `/integration/acceptances/${externalId('A')}`;
  expect(await desk.put(at, acceptanceBody(of), match('*')), 412, 'precondition-failed');
  const first = expect(await desk.put(at, acceptanceBody(of), onlyNew), 201).headers.etag;
  expect(await desk.put(at, acceptanceBody(of), onlyNew), 412, 'precondition-failed');
  const corrected = acceptanceBody({ ...of, mobile: mobile() });
  assert.equal(expect(await desk.put(at, corrected, { ...dry, ...match(first) }), 200).headers.etag, undefined);
  const second = expect(await desk.put(at, corrected, match(first)), 200).headers.etag;
  assert.notEqual(second, first);
  expect(await desk.put(at, acceptanceBody(of), match(first)), 412, 'precondition-failed');
  assert.equal(expect(await desk.put(at, corrected, match(second)), 200).json.changed, false);
});
