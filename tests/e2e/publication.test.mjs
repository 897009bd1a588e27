// What a hospital's system sends of a document: whole, as it left, and tried before it counts.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { desk, expect, fieldErrors, newClient, portal, steps, test } from './lib/suite.mjs';
import { makeDicomZip, makeJpeg, makeP7m, makePdf, makePng, makeZip } from './lib/pdf.mjs';
import { multipart } from './lib/http.mjs';
import { acceptanceBody, externalId, metadataOf, person } from './lib/people.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const dry = { query: { dry_run: 'true' } };
const cut = (bytes) => bytes.subarray(0, Math.floor(bytes.length * 0.7));

/** CMS SignedData whose content stays outside: what openssl writes without -nodetach. */
const detached = () =>
  Buffer.from(
    '3021 06092a864886f70d010702 a014 3012 020101 3100 300b 06092a864886f70d010701'.replaceAll(' ', ''),
    'hex',
  );

/** A PDF with a deflated stream of random bytes, as a picture or a font is, and a cross-reference stream. */
function deflatedPdf() {
  const data = deflateSync(randomBytes(20_000));
  const begin = Buffer.from(
    `%PDF-1.5\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n2 0 obj\n<< /Length ${data.length} /Filter /FlateDecode >>\nstream\n`,
    'latin1',
  );
  const table = `\nendstream\nendobj\n3 0 obj\n<< /Type /XRef /Size 1 /W [1 1 1] /Root 1 0 R /Length 3 >>\nstream\n\0\0\0\nendstream\nendobj\n`;
  const at = begin.length + data.length + table.indexOf('3 0 obj');
  return Buffer.concat([begin, data, Buffer.from(`${table}startxref\n${at}\n%%EOF\n`)]);
}

const broken = {
  'twelve bytes of a PDF': [() => Buffer.from('%PDF-1.7 abc'), 'incomplete'],
  'a PDF cut off': [() => cut(makePdf('x', 20_000)), 'incomplete'],
  'a PDF whose line ends were changed': [
    () => Buffer.from(deflatedPdf().toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
    'damaged',
  ],
  'a PDF whose bytes were taken for UTF-8': [() => Buffer.from(deflatedPdf().toString('utf8'), 'utf8'), 'damaged'],
  'a PDF that went a way of 7 bits': [() => deflatedPdf().map((byte) => byte & 127), 'damaged'],
  'a PDF with zeros instead of its end': [
    () => {
      const pdf = deflatedPdf();
      return pdf.fill(0, 200, pdf.length - 60);
    },
    'damaged',
  ],
  'a PDF whose offset leads nowhere': [
    () =>
      Buffer.from(
        makePdf('x')
          .toString('latin1')
          .replace(/startxref\n\d+/, 'startxref\n99999'),
        'latin1',
      ),
    'damaged',
  ],
  'a JPEG of zeros': [() => Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(5000)]), 'damaged'],
  'a JPEG cut off': [() => makeJpeg().subarray(0, -2), 'incomplete'],
  'a PNG cut off': [() => cut(makePng()), 'incomplete'],
  'a PNG with other bytes than its checksum': [
    () => {
      const png = makePng();
      png[png.length - 20] ^= 1;
      return png;
    },
    'damaged',
  ],
  'a .p7m cut off': [() => cut(makeP7m()), 'incomplete'],
  'a signature without its document': [detached, 'no_content'],
  'a DICOM archive cut off': [() => cut(makeDicomZip()), 'incomplete'],
  'a DICOM archive with another byte in an image': [
    () => {
      const zip = makeDicomZip();
      zip[200] ^= 1;
      return zip;
    },
    'damaged',
  ],
};
for (const [what, [make, code]] of Object.entries(broken)) {
  test(`refuses ${what}, and keeps nothing of it`, async () => {
    const of = await steps.accept();
    const before = portal.objects().length;
    const id = externalId('R');
    const answer = await desk.publish(id, metadataOf(of), make());
    assert.deepEqual(fieldErrors(expect(answer, 422, 'invalid-fields')), [`file ${code}`]);
    expect(await desk.get(`/integration/documents/${id}`), 404, 'not-found');
    assert.equal(portal.objects().length, before);
  });
}

test('what refuses the metadata is told before what is wrong with the bytes, and nothing is kept', async () => {
  const before = portal.objects().length;
  for (const bytes of [makePdf(), cut(makePdf()), Buffer.alloc(0), makePdf('x', 2_000_000)]) {
    for (const chunked of [false, true]) {
      const answer = await desk.publish(externalId('R'), metadataOf(person()), bytes, { chunked });
      expect(answer, 409, 'patient-unknown');
    }
  }
  assert.equal(portal.objects().length, before);
});

const forgiven = {
  'zeros behind the end of a PDF': () => Buffer.concat([makePdf(), Buffer.alloc(40)]),
  'a PDF without a change': deflatedPdf,
  'a PDF whose offset is a line end too early': () =>
    Buffer.from(
      makePdf()
        .toString('latin1')
        .replace(/startxref\n(\d+)/, (_, offset) => `startxref\n${offset - 2}`),
      'latin1',
    ),
  'a PDF that does not know its offset': () =>
    Buffer.from(
      makePdf()
        .toString('latin1')
        .replace(/startxref\n\d+/, 'startxref\n0'),
      'latin1',
    ),
  "a printer's commands before a PDF": () => Buffer.concat([Buffer.from('\x1b%-12345X@PJL\r\n'), makePdf()]),
  'a second picture behind a JPEG': () => Buffer.concat([makeJpeg(), makeJpeg()]),
};
for (const [what, make] of Object.entries(forgiven)) {
  test(`takes ${what}`, async () => {
    const of = await steps.accept();
    const bytes = make();
    assert.equal(expect(await desk.publish(externalId('R'), metadataOf(of), bytes), 201).json.sha256, sha256(bytes));
  });
}

/** An archive written as a stream (sizes and checksum behind each entry), as PACS do. */
function streamed(names) {
  const zip = makeZip(names.map((name) => [name, Buffer.alloc(300)]));
  for (let at = 0; (at = zip.indexOf('PK\x03\x04', at, 'latin1')) !== -1; at += 4) {
    zip[at + 6] |= 8;
    zip.fill(0, at + 14, at + 26);
  }
  return zip;
}
for (const [what, names, status] of [
  ["Orthanc's media, images first", ['IMAGES/IM0', 'IMAGES/IM1', 'DICOMDIR'], 201],
  ['a viewer and a README first', ['VIEWER/VIEWER.EXE', 'README.TXT', 'DICOM/IM1'], 201],
  ['files by patient and study', ['README', 'ROSSI/CT/000001.dcm'], 201],
  ['nothing of DICOM', ['README.TXT', 'report.docx'], 415],
]) {
  test(`looks into a streamed archive: ${what}`, async () => {
    const of = await steps.accept();
    expect(
      await desk.publish(externalId('R'), metadataOf(of), streamed(names)),
      status,
      status === 415 ? 'document-type' : undefined,
    );
  });
}

test('a digest in the metadata is held against the file', async () => {
  const of = await steps.accept();
  const bytes = makePdf();
  const put = (digest) => desk.publish(externalId('R'), metadataOf(of, { sha256: digest }), bytes);
  expect(await put(sha256(bytes)), 201);
  expect(await put(sha256(bytes).toUpperCase()), 201);
  const before = portal.objects().length;
  for (const [digest, code] of [
    [sha256(makePdf()), 'digest'],
    ['abc', 'digest_form'],
    [sha256(bytes).replace(/./, 'g'), 'digest_form'],
  ]) {
    assert.deepEqual(fieldErrors(expect(await put(digest), 422, 'invalid-fields')), [`metadata.sha256 ${code}`]);
  }
  assert.equal(portal.objects().length, before);
});

test('Content-Digest is held against the whole body', async () => {
  const of = await steps.accept();
  const before = portal.objects().length;
  const put = async (field) => {
    const parts = [
      { name: 'metadata', type: 'application/json', data: Buffer.from(JSON.stringify(metadataOf(of))) },
      { name: 'file', type: 'application/pdf', filename: 'a.pdf', data: makePdf() },
    ];
    const { type, chunks } = multipart(parts);
    const pieces = [];
    for await (const chunk of chunks) pieces.push(chunk);
    const body = Buffer.concat(pieces);
    const digest = (algorithm) => createHash(algorithm).update(body).digest('base64');
    return desk.request('PUT', `/integration/documents/${externalId('R')}`, {
      text: body,
      headers: { 'Content-Type': type, 'Content-Digest': field(digest) },
    });
  };
  const refused = async (field) => fieldErrors(expect(await put(field), 422, 'invalid-fields'));
  assert.deepEqual(await refused(() => 'sha-256=:AAAA:'), ['Content-Digest digest']);
  assert.deepEqual(await refused((of) => `sha-256=:${of('sha256')}:, sha-512=:${of('sha256')}:`), [
    'Content-Digest digest',
  ]);
  assert.deepEqual(await refused((of) => `md5=:${of('md5')}:`), ['Content-Digest digest_algorithm']);
  assert.deepEqual(await refused((of) => of('sha256')), ['Content-Digest digest_form']);
  assert.equal(portal.objects().length, before, 'nothing stays in the vault');
  expect(await put((of) => `sha-256=:${of('sha256')}:`), 201);
  expect(await put((of) => `sha-512=:${of('sha512')}:, md5=:AAAA:`), 201);
});

test('Content-Digest is held against JSON too', async () => {
  const id = externalId();
  const text = JSON.stringify(acceptanceBody(person()));
  const put = (digest) =>
    desk.request('PUT', `/integration/acceptances/${id}`, {
      text,
      headers: { 'Content-Type': 'application/json', 'Content-Digest': `sha-256=:${digest}:` },
    });
  assert.deepEqual(fieldErrors(expect(await put('AAAA'), 422, 'invalid-fields')), ['Content-Digest digest']);
  expect(await desk.get(`/integration/acceptances/${id}/slip`), 404, 'not-found');
  expect(await put(createHash('sha256').update(text).digest('base64')), 201);
});

test('a dry run of a document checks all, stores nothing and tells nobody', async (t) => {
  t.expectLog(/409 acceptance_mismatch/);
  const of = await steps.activate();
  const other = await steps.accept();
  const id = externalId('R');
  const bytes = makePdf();
  const before = portal.objects().length;
  const lines = () => portal.rows("SELECT count(*) FROM dossier_data.audit WHERE action LIKE 'document%'")[0][0];
  const put = (metadata, file) => desk.publish(id, metadataOf(of, metadata), file, dry);
  const audited = lines();
  const first = expect(await put({}, bytes), 200).json;
  assert.deepEqual(
    [first.dry_run, first.would, first.errors, first.warnings, first.sha256, first.size, first.media_type, first.state],
    [true, 'create', [], [], sha256(bytes), bytes.length, 'application/pdf', 'published'],
  );
  assert.deepEqual(
    first.alerts.map(({ state }) => state),
    ['queued', 'queued'],
  );
  assert.equal(expect(await put({ hold: true }, bytes), 200).json.state, 'held');
  expect(await put({ acceptance: other.acceptance }, bytes), 409, 'acceptance-mismatch');
  assert.deepEqual(fieldErrors(expect(await put({}, cut(bytes)), 422, 'invalid-fields')), ['file incomplete']);
  assert.deepEqual(fieldErrors(expect(await put({ sha256: sha256('x') }, bytes), 422, 'invalid-fields')), [
    'metadata.sha256 digest',
  ]);
  assert.deepEqual(fieldErrors(expect(await put({ title: '' }, bytes), 422, 'invalid-fields')), [
    'metadata.title empty',
  ]);
  expect(await put({}, Buffer.from('text')), 415, 'document-type');
  expect(await desk.get(`/integration/documents/${id}`), 404, 'not-found');
  assert.equal(portal.objects().length, before, 'the vault is as it was');
  assert.equal(lines(), audited, 'the audit is as it was');

  const metadata = { issued_at: '2026-01-02T03:04:05Z' };
  expect(await desk.publish(id, metadataOf(of, metadata), bytes), 201);
  for (const [change, file, would] of [
    [metadata, bytes, 'nothing'],
    [{ ...metadata, title: 'Altro' }, bytes, 'update'],
    [metadata, makePdf(), 'replace'],
  ]) {
    assert.equal(expect(await put(change, file), 200).json.would, would);
  }
  const state = expect(await desk.get(`/integration/documents/${id}`), 200).json;
  assert.deepEqual([state.version, state.sha256], [1, sha256(bytes)]);
  for (const query of ['dryrun=true', 'dry_run=maybe', 'dry_run=false&dry_run=true']) {
    const { type, chunks } = multipart([{ name: 'metadata', data: Buffer.from('{}') }]);
    const answer = await newClient({ key: portal.keys.desk }).request('PUT', `/integration/documents/${id}?${query}`, {
      chunks,
      headers: { 'Content-Type': type },
    });
    expect(answer, 422, 'invalid-fields');
  }
});
