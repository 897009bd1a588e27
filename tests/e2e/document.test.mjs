// Points 5, 7 and 8: what integrators publish, for how long it lasts, and what the desk sees of it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  desk,
  expect,
  fieldErrors,
  literal,
  newClient,
  otherDesk,
  outbox,
  portal,
  steps,
  test,
  until,
} from './lib/suite.mjs';
import { makeDicomZip, makeHtml, makeJpeg, makeP7m, makePdf, makePng, makeZip } from './lib/pdf.mjs';
import { externalId, metadataOf, person } from './lib/people.mjs';

const state = (id) => `/integration/documents/${id}`;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const list = async (of, query) =>
  expect(await of.client.get(`/patients/${of.patient.id}/documents`, { query }), 200).json;
const titles = ({ documents }) => documents.map(({ title }) => title);

const kinds = {
  PDF: [makePdf, 'application/pdf', 'pdf'],
  'signed .p7m': [makeP7m, 'application/pkcs7-mime', 'pdf.p7m'],
  'signed .p7m in base64': [
    () =>
      Buffer.from(
        makeP7m()
          .toString('base64')
          .replace(/(.{64})/g, '$1\r\n'),
      ),
    'application/pkcs7-mime',
    'pdf.p7m',
  ],
  JPEG: [makeJpeg, 'image/jpeg', 'jpg'],
  PNG: [makePng, 'image/png', 'png'],
  'DICOM archive': [makeDicomZip, 'application/zip', 'zip'],
};
for (const [kind, [make, mediaType, extension]] of Object.entries(kinds)) {
  test(`publishes and gives back: ${kind}`, async () => {
    const of = await steps.activate();
    const bytes = make();
    const { id, answer } = await steps.publish(of, { bytes });
    assert.deepEqual(
      [answer.media_type, answer.size, answer.sha256, answer.version, answer.changed, answer.state],
      [mediaType, bytes.length, sha256(bytes), 1, 'created', 'published'],
    );
    const content = expect(await of.client.get(`/documents/${id}/content`), 200);
    assert.equal(content.headers['content-type'], mediaType);
    assert.ok(content.body.equals(bytes), 'the same bytes');
    const title = metadataOf(of).title;
    const disposition = `attachment; filename="${title}.${extension}"; filename*=UTF-8''${encodeURIComponent(title)}.${extension}`;
    assert.equal(content.headers['content-disposition'], disposition);
    assert.equal(
      expect(await of.client.request('HEAD', `/documents/${id}/content`), 200).headers['content-disposition'],
      disposition,
    );
  });
}

const refused = {
  'HTML renamed .pdf': makeHtml,
  'a zip without DICOM': () => makeZip([['a.txt', Buffer.from('text')]]),
  'plain text': () => Buffer.from('Referto: tutto bene'),
  'an executable': () => Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(100)]),
  SVG: () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  GIF: () => Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1'),
};
for (const [what, make] of Object.entries(refused)) {
  test(`refuses by content: ${what}`, async () => {
    const of = await steps.accept();
    const before = portal.objects().length;
    expect(
      await desk.publish(externalId('R'), metadataOf(of), make(), { filename: 'referto.pdf' }),
      415,
      'document-type',
    );
    assert.equal(portal.objects().length, before, 'nothing stays in the vault');
  });
}

test('the vault holds nothing readable', async () => {
  const of = await steps.accept();
  const before = new Set(portal.objects());
  const bytes = makePdf('Canarino');
  await steps.publish(of, { bytes });
  const added = portal.objects().filter((path) => !before.has(path));
  assert.equal(added.length, 1);
  const stored = readFileSync(added[0]);
  for (const text of ['%PDF', 'Canarino', of.codice_fiscale]) assert.equal(stored.indexOf(text), -1, text);
});

test('what is missing or in the wrong place is named', async () => {
  const of = await steps.accept();
  const metadata = { name: 'metadata', type: 'application/json', data: Buffer.from(JSON.stringify(metadataOf(of))) };
  const file = { name: 'file', type: 'application/pdf', filename: 'a.pdf', data: makePdf() };
  const cases = [
    [[metadata], ['file required']],
    [[file], ['metadata order']],
    [[file, metadata], ['metadata order']],
    [[metadata, { ...file, data: Buffer.alloc(0) }], ['file empty']],
    [[metadata, file, { name: 'note', data: Buffer.from('x') }], ['note unknown']],
    [[], ['file required', 'metadata required']],
  ];
  for (const [parts, errors] of cases) {
    const answer = await desk.publish(externalId('R'), null, null, { parts });
    assert.deepEqual(fieldErrors(expect(answer, 422, 'invalid-fields')), errors);
  }
});

const wrongMetadata = {
  nothing: [
    () => ({}),
    ['codice_fiscale required', 'facility required', 'issued_at required', 'title required', 'type required'],
  ],
  'unknown fields': [(good) => ({ ...good, urgent: true }), ['urgent unknown']],
  'wrong types': [
    () => ({ facility: 1, codice_fiscale: [], acceptance: 1, title: {}, type: true, issued_at: 1764000000, author: 1 }),
    [
      'acceptance type',
      'author type',
      'codice_fiscale type',
      'facility type',
      'issued_at type',
      'title type',
      'type type',
    ],
  ],
  'over-long values': [
    (good) => ({ ...good, title: 'x'.repeat(201), author: 'y'.repeat(121) }),
    ['author too_long', 'title too_long'],
  ],
  'a type nobody knows': [(good) => ({ ...good, type: 'horoscope' }), ['type choice']],
  'no date': [(good) => ({ ...good, issued_at: 'yesterday' }), ['issued_at time_form']],
  'a date without zone': [(good) => ({ ...good, issued_at: '2026-11-24T09:00:00' }), ['issued_at time_form']],
  'a day that is none': [(good) => ({ ...good, issued_at: '2026-02-30T09:00:00Z' }), ['issued_at date']],
  'a date in the future': [(good) => ({ ...good, issued_at: '2199-01-01T00:00:00Z' }), ['issued_at date_future']],
  'a malformed codice fiscale': [
    (good) => ({ ...good, codice_fiscale: 'RSSMRA80A01E897Y' }),
    ['codice_fiscale check_character'],
  ],
  'an impossible acceptance': [(good) => ({ ...good, acceptance: 'a b' }), ['acceptance identifier']],
  'a line break in the title': [(good) => ({ ...good, title: 'a\r\nSet-Cookie: b' }), ['title characters']],
};
for (const [what, [make, errors]] of Object.entries(wrongMetadata)) {
  test(`names each wrong field of the metadata: ${what}`, async () => {
    const of = await steps.accept();
    const answer = await desk.publish(externalId('R'), make(metadataOf(of)), makePdf());
    assert.deepEqual(
      fieldErrors(expect(answer, 422, 'invalid-fields')),
      errors.map((error) => `metadata.${error}`),
    );
    for (const { code, message, max_length } of answer.json.errors)
      assert.equal(code === 'too_long', message.includes(String(max_length)), message);
  });
}

test('refuses multipart bodies that are none', async () => {
  const of = await steps.accept();
  const metadata = { name: 'metadata', type: 'application/json', data: Buffer.from(JSON.stringify(metadataOf(of))) };
  const file = { name: 'file', filename: 'a.pdf', data: makePdf() };
  const put = (parts) => desk.publish(externalId('R'), null, null, { parts });
  for (const [text, errors] of Object.entries({
    '{': ['metadata json'],
    '[]': ['metadata json'],
    '{"title": "a", "type": "laboratory", "title": "b"}': ['metadata.title repeated'],
  })) {
    const answer = await put([{ ...metadata, data: Buffer.from(text) }, file]);
    assert.deepEqual(fieldErrors(expect(answer, 400, 'malformed-json')), errors, text);
  }
  const text = (type, text, headers) =>
    desk.request('PUT', state(externalId('R')), { text, headers: { 'Content-Type': type, ...headers } });
  const part = (headers, data = '{}') =>
    text('multipart/form-data; boundary=b', `--b\r\n${headers}\r\n\r\n${data}\r\n--b--\r\n`);
  const disposition = 'Content-Disposition: form-data; name="file"';
  const faults = {
    part_repeated: put([metadata, metadata, file]),
    transfer_encoding: put([metadata, { ...file, extra: 'Content-Transfer-Encoding: base64\r\n' }]),
    boundary_missing: text('multipart/form-data', 'x'),
    boundary_long: text(`multipart/form-data; boundary=${'b'.repeat(71)}`, 'x'),
    boundary_characters: text('multipart/form-data; boundary="b@c"', 'x'),
    boundary_absent: text('multipart/form-data; boundary=b', '--c\r\n\r\n--c--'),
    boundary_line: text('multipart/form-data; boundary=b', '--bc\r\n\r\n--bc--'),
    line_ends: text('multipart/form-data; boundary=b', `--b\n${disposition}\n\nx\n--b--\n`),
    part_headers: part('Content-Disposition form-data'),
    header_repeated: part(`${disposition}\r\n${disposition}`),
    disposition: part(`${disposition}; filename="referto "1".pdf"`),
    part_name: part('Content-Type: application/json'),
    cut_off: text(
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{}',
    ),
  };
  const said = new Set();
  for (const [fault, asked] of Object.entries(faults)) {
    const { json } = expect(await asked, 400, 'malformed-multipart');
    assert.equal(json.fault, fault);
    said.add(json.detail);
  }
  assert.equal(said.size, Object.keys(faults).length, 'each in words of its own');
  const packed = expect(
    await text('multipart/form-data; boundary=b', '--b--', { 'Content-Encoding': 'gzip' }),
    415,
    'unsupported-media-type',
  );
  assert.equal(packed.json.fault, 'content_encoding');
  assert.match(packed.json.detail, /Content-Encoding/);
  for (const other of [text('application/json', '{}'), text('multipart/mixed; boundary=b', '--b--')]) {
    const { json, headers } = expect(await other, 415, 'unsupported-media-type');
    assert.deepEqual([json.fault, headers.accept], ['content_type_multipart', 'multipart/form-data']);
  }
});

test('too large is said before the body is read', async () => {
  const of = await steps.accept();
  let sent = 0;
  const file = {
    size: 5 * 2 ** 30,
    async *stream() {
      for (; sent < file.size; sent += 65536) yield Buffer.alloc(65536);
    },
  };
  const began = Date.now();
  expect(await desk.publish(externalId('R'), metadataOf(of), file), 413, 'too-large');
  assert.ok(Date.now() - began < 5000, 'it took too long');
  assert.ok(sent < 64 * 2 ** 20, `${sent} bytes were taken`);
});

test('a body that is cut publishes nothing', async () => {
  const of = await steps.activate();
  const before = portal.objects().length;
  const id = externalId('R');
  const file = {
    size: 2 ** 20,
    async *stream() {
      yield makePdf();
      throw new Error('cut');
    },
  };
  await assert.rejects(
    newClient({ key: portal.keys.desk }).publish(id, metadataOf(of), file, { unchecked: true, timeout: 1000 }),
  );
  expect(await desk.get(state(id)), 404, 'not-found');
  await until(() => portal.objects().length === before, 'the vault without the half file', 90);
});

test('a key that ends during an upload publishes nothing', async () => {
  const name = externalId('LIS');
  const key = portal.integrator(['san-pellegrino'], name);
  const of = await steps.accept();
  const bytes = makePdf();
  const file = {
    size: bytes.length,
    async *stream() {
      yield bytes.subarray(0, 200);
      const one = `FROM dossier_admin.integrator_keys() k WHERE k.name = '${name}'`;
      await until(() => portal.sql(`SELECT last_used_at IS NOT NULL ${one}`) === 't', 'the key to have been looked at');
      portal.sql(`SELECT dossier_admin.integrator_key_end(k.key) ${one}`);
      yield bytes.subarray(200);
    },
  };
  const id = externalId('R');
  expect(await newClient({ key }).publish(id, metadataOf(of), file), 401, 'key-refused');
  assert.equal(portal.sql(`SELECT count(*) FROM dossier_data.document WHERE external_id = '${id}'`), '0');
});

test('chunked bodies are taken', async () => {
  const of = await steps.accept();
  expect(await desk.publish(externalId('R'), metadataOf(of), makePdf(), { chunked: true }), 201);
});

test('patient, acceptance and document must belong together', async (t) => {
  t.expectLog(/409 acceptance_mismatch/, /409 document_patient_changed/, /403 facility_not_allowed/);
  const of = await steps.accept();
  const other = await steps.accept();
  const put = (metadata, id = externalId('R'), by = desk) => by.publish(id, metadata, makePdf());
  expect(await put(metadataOf(person())), 409, 'patient-unknown');
  expect(await put(metadataOf(of, { acceptance: externalId() })), 409, 'acceptance-unknown');
  expect(await put(metadataOf(of, { acceptance: other.acceptance })), 409, 'acceptance-mismatch');
  expect(await put(metadataOf(of, { facility: 'citta-di-suzzara' })), 403, 'facility-not-allowed');
  const id = externalId('R');
  expect(await put(metadataOf(of, { acceptance: of.acceptance }), id), 201);
  expect(await put(metadataOf(other), id), 409, 'document-patient-changed');
  expect(await put(metadataOf(of, { facility: 'citta-di-suzzara' }), id, otherDesk), 201); // its own R-…
});

test('the same bytes again change nothing, other metadata update, other bytes replace', async () => {
  const of = await steps.activate();
  const { id, external_id, bytes, answer } = await steps.publish(of);
  const put = (metadata, file) => desk.publish(external_id, metadataOf(of, metadata), file);
  const metadata = { issued_at: '2026-01-02T03:04:05Z' };
  expect(await put(metadata, bytes), 200);
  const before = portal.objects().length;
  const same = expect(await put(metadata, bytes), 200).json;
  assert.deepEqual(same, { ...answer, changed: 'unchanged' });
  assert.equal(portal.objects().length, before, 'of its like only one is kept');

  const renamed = expect(await put({ ...metadata, title: 'Emocromo' }, bytes), 200).json;
  assert.deepEqual([renamed.changed, renamed.version, renamed.id], ['updated', 1, id]);
  assert.deepEqual(
    (await list(of)).documents.map(({ title, corrected }) => [title, corrected]),
    [['Emocromo', false]],
  );

  expect(await of.client.get(`/documents/${id}/content`), 200);
  const corrected = makePdf('Corretto');
  const replaced = expect(await put(metadata, corrected), 200).json;
  assert.deepEqual(
    [replaced.changed, replaced.version, replaced.id, replaced.sha256],
    ['replaced', 2, id, sha256(corrected)],
  );
  const [document] = (await list(of)).documents;
  assert.deepEqual([document.version, document.corrected, document.new], [2, true, true]);
  assert.ok(expect(await of.client.get(`/documents/${id}/content`), 200).body.equals(corrected));
  assert.equal(portal.objects().length, before + 1, 'the old bytes stay, for older copies of the database');
});

test('what was published before the activation is visible after it', async () => {
  const of = await steps.register();
  const { id } = await steps.publish(of);
  expect(await of.client.get(`/patients/${of.patient.id}/documents`), 409, 'dossier-inactive');
  for (const path of [`/documents/${id}`, `/documents/${id}/content`])
    expect(await of.client.get(path), 409, 'dossier-inactive');
  await steps.activate(of);
  assert.deepEqual(
    (await list(of)).documents.map((document) => document.id),
    [id],
  );
  assert.ok(expect(await of.client.get(`/documents/${id}`), 200).json.document.new);
});

test('several documents give one alert, without anything about health', async () => {
  const of = await steps.activate();
  await steps.publish(of, { title: 'Esame istologico' });
  await steps.publish(of, { title: 'Radiografia' });
  await steps.publish(of, { title: 'Emocromo' });
  portal.age.alerts(of.account.id, '6 minutes');
  const sms = await outbox.next({ to: of.mobile, template: 'new_documents' });
  const mail = await outbox.next({ to: of.email, template: 'new_documents' });
  assert.ok(mail.subject);
  for (const message of [sms, mail]) {
    for (const word of [
      'istologico',
      'Radiografia',
      'Emocromo',
      of.first_name,
      of.last_name,
      of.codice_fiscale,
      'Verdi',
    ]) {
      assert.ok(
        !JSON.stringify({ ...message, to: '' })
          .toLowerCase()
          .includes(word.toLowerCase()),
        `the alert says ${word}`,
      );
    }
  }
  // the next document is announced anew; when its alert is out, a second one of the first three would be too
  await steps.publish(of);
  portal.age.alerts(of.account.id, '6 minutes');
  await outbox.next({ to: of.mobile, template: 'new_documents' });
  assert.equal(outbox.messages({ to: of.mobile, template: 'new_documents' }).length, 2);
});

test('who has no active dossier gets no alert', async () => {
  const inactive = await steps.register();
  await steps.publish(inactive);
  assert.equal(
    portal.sql(
      `SELECT count(*) FROM dossier_data.outbox WHERE template = 'new_documents' AND recipient IN (${literal(inactive.mobile)}, ${literal(inactive.email)})`,
    ),
    '0',
  );
});

test('the list is paged by a cursor: nothing twice, nothing left out, newest first', async () => {
  const of = await steps.activate();
  const published = [];
  for (let n = 0; n < 7; n++) published.push((await steps.publish(of, { title: `Documento ${n}` })).id);
  const pages = [];
  let cursor = null;
  do {
    const page = await list(of, { limit: '3', ...(cursor && { cursor }) });
    pages.push(page.documents.map(({ id }) => id));
    cursor = page.next;
    if (pages.length === 1) await steps.publish(of, { title: 'Arrivato nel frattempo' });
  } while (cursor);
  assert.deepEqual(
    pages.map(({ length }) => length),
    [3, 3, 1],
  );
  assert.deepEqual([...pages.flat()].sort(), [...published].sort());
  const all = await list(of);
  assert.equal(all.documents.length, 8);
  const times = all.documents.map(({ published_at: time }) => time);
  assert.deepEqual(times, [...times].sort().reverse());
  assert.equal(all.documents[0].title, 'Arrivato nel frattempo');
  assert.equal((await list(of, { limit: '8' })).next, null);
});

test('the list is filtered by type, facility and date of issue', async () => {
  const of = await steps.activate();
  const publish = (title, metadata, by) => steps.publish(of, { title, desk: by, ...metadata });
  await publish('A', { type: 'laboratory', issued_at: '2026-03-01T10:00:00Z' });
  await publish('B', { type: 'radiology', issued_at: '2026-03-02T10:00:00Z' });
  await publish('C', { type: 'radiology', issued_at: '2026-03-02T23:30:00Z', facility: 'citta-di-suzzara' }, otherDesk); // the 3rd in Italy
  const found = async (query) =>
    titles(await list(of, query))
      .sort()
      .join('');
  assert.equal(await found({}), 'ABC');
  assert.equal(await found({ type: 'radiology' }), 'BC');
  assert.equal(await found({ facility: 'citta-di-suzzara' }), 'C');
  assert.equal(await found({ facility: 'san-pellegrino', type: 'radiology' }), 'B');
  assert.equal(await found({ from: '2026-03-02' }), 'BC');
  assert.equal(await found({ to: '2026-03-02' }), 'AB');
  assert.equal(await found({ from: '2026-03-03', to: '2026-03-03' }), 'C');
  assert.equal(await found({ type: 'vaccination' }), '');
});

test('parameters of the list that are wrong', async () => {
  const of = await steps.activate();
  const path = `/patients/${of.patient.id}/documents`;
  const cases = { limit: ['0', '101', 'x', '1e2', '-1', '', '1%00'], from: ['2026-02-30', 'x'], to: ['01-03-2026'] };
  for (const [name, values] of Object.entries(cases)) {
    for (const value of values) {
      const answer = expect(await of.client.get(path, { query: { [name]: value } }), 422, 'invalid-fields');
      assert.deepEqual(
        answer.json.errors.map(({ field }) => field),
        [name],
        `${name}=${value}`,
      );
    }
  }
  for (const cursor of ['x', 'AAAA', "' OR 1=1", 'é', '%00', 'x'.repeat(400)]) {
    const answer = await of.client.get(path, { query: { cursor } });
    assert.equal(answer.status, 422, `${cursor}: ${answer.text}`);
  }
});

test('a withdrawn document is gone for the patient, known to the desk', async () => {
  const of = await steps.activate();
  const { id, external_id } = await steps.publish(of);
  const before = portal.objects().length;
  assert.equal(expect(await desk.delete(state(external_id)), 200).json.state, 'withdrawn');
  assert.equal(portal.objects().length, before - 1, 'the file is gone');
  for (const path of [`/documents/${id}`, `/documents/${id}/content`])
    expect(await of.client.get(path), 410, 'document-withdrawn');
  assert.equal((await of.client.head(`/documents/${id}/content`)).status, 410);
  assert.deepEqual(titles(await list(of)), []);
  const seen = expect(await desk.get(state(external_id)), 200).json;
  assert.deepEqual([seen.state, seen.read], ['withdrawn', false]);
  assert.equal(expect(await desk.delete(state(external_id)), 200).json.state, 'withdrawn');
  expect(await otherDesk.delete(state(external_id)), 404, 'not-found');
  expect(await desk.delete(state(externalId('R'))), 404, 'not-found');
});

test('while the service is disabled nothing can be read', async () => {
  const of = await steps.activate();
  const { id } = await steps.publish(of);
  const set = (state) =>
    portal.rows(
      `UPDATE dossier_data.dossier SET state = ${literal(state)} WHERE account_id = ${literal(of.account.id)}`,
    );
  set('disabled');
  expect(await of.client.get(`/patients/${of.patient.id}/documents`), 409, 'dossier-disabled');
  for (const path of [`/documents/${id}`, `/documents/${id}/content`])
    expect(await of.client.get(path), 409, 'dossier-disabled');
  expect(await of.client.head(`/documents/${id}/content`), 409);
  assert.equal(expect(await of.client.get('/patients'), 200).json.patients[0].dossier, 'disabled');
  set('active');
  expect(await of.client.get(`/documents/${id}/content`), 200);
});

test('an identifier that is none is named', async () => {
  for (const id of ['a%20b', 'x'.repeat(65), 'caf%C3%A9']) {
    for (const call of [desk.get(state(id)), desk.delete(state(id))]) {
      assert.deepEqual(fieldErrors(expect(await call, 422, 'invalid-fields')), ['external_id identifier']);
    }
  }
});

test('the desk sees whether this version was read, and when', async () => {
  const of = await steps.activate();
  const { id, external_id } = await steps.publish(of);
  const seen = async () => expect(await desk.get(state(external_id)), 200).json;
  assert.deepEqual([(await seen()).read, (await seen()).read_at], [false, null]);
  expect(await of.client.get(`/documents/${id}`), 200);
  expect(await of.client.head(`/documents/${id}/content`), 200);
  const { etag } = (await of.client.head(`/documents/${id}/content`)).headers;
  expect(await of.client.get(`/documents/${id}/content`, { headers: { 'If-None-Match': etag } }), 304);
  expect(await of.client.get(`/documents/${id}/content`, { headers: { Range: 'bytes=99999999-' } }), 416);
  assert.equal((await seen()).read, false, 'looking is not reading');
  assert.equal((await list(of)).documents[0].new, true);
  const { new_documents: fresh } = expect(await of.client.get('/patients'), 200).json.patients[0];
  assert.equal(fresh, 1);

  expect(await of.client.get(`/documents/${id}/content`), 200);
  const { read, read_at } = await seen();
  assert.ok(read && Math.abs(Date.now() - Date.parse(read_at)) < 60_000, `read at ${read_at}`);
  assert.equal((await list(of)).documents[0].new, false);
  assert.equal(expect(await of.client.get('/patients'), 200).json.patients[0].new_documents, 0);
  expect(await otherDesk.get(state(external_id)), 404, 'not-found');
});

test('a document can be read until its last second, and not from then on', async () => {
  const of = await steps.activate();
  const { id, external_id, bytes, answer } = await steps.publish(of);
  const days = (Date.parse(answer.expires_at) - Date.parse(answer.published_at)) / 86_400_000;
  assert.equal(days, 60);
  portal.age.document(id, '59 days 23 hours 59 minutes');
  expect(await of.client.get(`/documents/${id}/content`), 200);
  portal.age.document(id, '1 minute 1 second');
  expect(await of.client.get(`/documents/${id}/content`), 410, 'document-expired');
  expect(await of.client.get(`/documents/${id}/content`, { headers: { Range: 'bytes=0-9' } }), 410, 'document-expired');
  expect(await of.client.get(`/documents/${id}`), 410, 'document-expired');
  assert.deepEqual(titles(await list(of)), []);
  assert.equal(expect(await desk.get(state(external_id)), 200).json.state, 'expired');

  const again = expect(await desk.publish(external_id, metadataOf(of), bytes), 200).json;
  assert.deepEqual([again.state, again.changed], ['expired', 'unchanged'], 'the same bytes bring nothing back');
  expect(await of.client.get(`/documents/${id}/content`), 410, 'document-expired');
});

test('the watchdog destroys key, file and title of what has expired', async () => {
  const of = await steps.activate();
  const { id, external_id } = await steps.publish(of, { title: 'Titolo da cancellare' });
  const row = () => portal.sql(`SELECT row_to_json(d) FROM dossier_data.document d WHERE id = ${literal(id)}`);
  const file = portal.objectFile(id);
  assert.match(row(), /Titolo da cancellare/);
  portal.age.document(id, '60 days 1 second');
  await portal.graceful(); // the watchdog's first round is soon
  await until(() => !existsSync(file), 'the file to be removed', 120);
  await until(() => !row().includes('Titolo da cancellare'), 'the title to be wiped', 10);
  assert.equal(portal.documentColumn(id, 'wrapped_key IS NULL'), 't', 'the wrapped key is destroyed');
  expect(await of.client.get(`/documents/${id}/content`), 410, 'document-expired');
  assert.equal(expect(await desk.get(state(external_id)), 200).json.state, 'expired');
  const noted = portal.rows(
    `SELECT actor_kind, outcome FROM dossier_data.audit WHERE action = 'document_purged' AND object_id = ${literal(id)}`,
  );
  assert.deepEqual(noted, [['system', 'ok']]);
});

test('twenty at once publish one document', async () => {
  const of = await steps.accept();
  const id = externalId('R');
  const bytes = makePdf();
  const metadata = metadataOf(of);
  const before = portal.objects().length;
  const answers = await Promise.all(Array.from({ length: 20 }, () => desk.publish(id, metadata, bytes)));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [...Array(19).fill(200), 201]);
  assert.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
  assert.deepEqual(new Set(answers.map(({ json }) => json.version)), new Set([1]));
  assert.equal(portal.objects().length, before + 2, 'of those that were replaced the newest is kept');
});

test('metadata with a byte order mark, and times without seconds as Java writes them', async () => {
  const of = await steps.activate();
  const text = (metadata) => Buffer.from(`\ufeff${JSON.stringify(metadata)}`);
  for (const [issued_at, wanted] of [
    ['2026-11-24T09:00+01:00', '2026-11-24T08:00:00Z'],
    ['2026-11-24T09:00Z', '2026-11-24T09:00:00Z'],
  ]) {
    const metadata = { ...metadataOf(of, { issued_at }), hold_until: '2026-11-24T10:00+01:00' };
    const parts = [
      { name: 'metadata', type: 'application/json', data: text(metadata) },
      { name: 'file', filename: 'a.pdf', data: makePdf() },
    ];
    const id = externalId('R');
    expect(await desk.publish(id, null, null, { parts }), 201);
    assert.equal(
      portal.sql(
        `SELECT to_char(issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM dossier_data.document WHERE external_id = ${literal(id)}`,
      ),
      wanted,
    );
  }
});
