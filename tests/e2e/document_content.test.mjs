// Point 6: reading a document, with ranges and conditions as in RFC 9110.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import http2 from 'node:http2';
import { expect, fieldErrors, newClient, portal, steps, test } from './lib/suite.mjs';
import { makeJpeg, makeP7m, makePdf } from './lib/pdf.mjs';

const CHUNK = 65536; // of the sealed format: the interesting places lie around its multiples
const of = await steps.activate();
const long = await steps.publish(of, { bytes: makePdf('Lungo', 3 * CHUNK) });
const path = `/documents/${long.id}/content`;
const { bytes } = long;
const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;

const get = (headers) => of.client.get(path, { headers });

test('the whole, its validator and its length', async () => {
  const answer = expect(await get(), 200);
  assert.ok(answer.body.equals(bytes));
  assert.equal(answer.headers.etag, etag);
  assert.equal(answer.headers['accept-ranges'], 'bytes');
  assert.equal(Number(answer.headers['content-length']), bytes.length);
  assert.match(answer.headers['cache-control'], /no-store/);
  assert.match(answer.headers['content-security-policy'], /sandbox/);
});

test('HEAD has the same headers and no body', async () => {
  const head = expect(await of.client.head(path), 200);
  const { headers } = await get();
  for (const name of ['etag', 'content-length', 'content-type', 'content-disposition', 'accept-ranges']) {
    assert.equal(head.headers[name], headers[name], name);
  }
});

const size = bytes.length;
const ranges = {
  'the first byte': [0, 0],
  'within a chunk': [10, 99],
  'over the edge of two chunks': [CHUNK - 1, CHUNK],
  'exactly a chunk': [CHUNK, 2 * CHUNK - 1],
  'over three chunks': [CHUNK - 7, 2 * CHUNK + 7],
  'the last byte': [size - 1, size - 1],
  'all of it': [0, size - 1],
};
for (const [what, [first, last]] of Object.entries(ranges)) {
  test(`a range: ${what}`, async () => {
    const answer = expect(await get({ Range: `bytes=${first}-${last}` }), 206);
    assert.equal(answer.headers['content-range'], `bytes ${first}-${last}/${size}`);
    assert.ok(answer.body.equals(bytes.subarray(first, last + 1)));
    assert.equal(answer.headers.etag, etag);
  });
}

test('ranges without an end, and from the end', async () => {
  assert.ok(expect(await get({ Range: `bytes=${size - 100}-` }), 206).body.equals(bytes.subarray(size - 100)));
  assert.ok(expect(await get({ Range: 'bytes=-100' }), 206).body.equals(bytes.subarray(size - 100)));
  assert.ok(expect(await get({ Range: `bytes=100-${size * 2}` }), 206).body.equals(bytes.subarray(100)));
});

test('several ranges come as multipart/byteranges', async () => {
  const answer = expect(await get({ Range: `bytes=0-9,${CHUNK - 5}-${CHUNK + 5},-10` }), 206);
  const [, boundary] = /boundary=(\S+)/.exec(answer.headers['content-type']);
  const parts = answer.body.toString('latin1').split(`--${boundary}`).slice(1, -1);
  const slices = parts.map((part) => {
    const split = part.indexOf('\r\n\r\n');
    const [, first, last, whole] = /content-range: bytes (\d+)-(\d+)\/(\d+)/i.exec(part.slice(0, split));
    assert.equal(Number(whole), size);
    assert.ok(Buffer.from(part.slice(split + 4, -2), 'latin1').equals(bytes.subarray(Number(first), Number(last) + 1)));
    return `${first}-${last}`;
  });
  assert.deepEqual(slices, ['0-9', `${CHUNK - 5}-${CHUNK + 5}`, `${size - 10}-${size - 1}`]);
});

test('a range that is not there', async () => {
  const answer = expect(await get({ Range: `bytes=${size}-` }), 416, 'range-not-satisfiable');
  assert.equal(answer.headers['content-range'], `bytes */${size}`);
});

test('ranges that are none are not looked at', async () => {
  for (const range of ['bytes=', 'bytes=x-y', 'lines=0-1', 'bytes=9-3']) {
    assert.ok(expect(await get({ Range: range }), 200).body.equals(bytes), range);
  }
});

test('If-Range gives the range of this version, or the whole', async () => {
  assert.equal(expect(await get({ Range: 'bytes=0-9', 'If-Range': etag }), 206).body.length, 10);
  assert.ok(expect(await get({ Range: 'bytes=0-9', 'If-Range': '"other"' }), 200).body.equals(bytes));
});

test('If-None-Match spares the bytes, If-Match refuses another version', async () => {
  expect(await get({ 'If-None-Match': etag }), 304);
  expect(await get({ 'If-None-Match': `"other", ${etag}` }), 304);
  expect(await get({ 'If-None-Match': '*' }), 304);
  expect(await get({ 'If-None-Match': '"other"' }), 200);
  expect(await get({ 'If-Match': etag }), 200);
  expect(await get({ 'If-Match': '"other"' }), 412, 'precondition-failed');
  expect(await of.client.head(path, { headers: { 'If-None-Match': etag } }), 304);
  expect(await of.client.head(path, { headers: { 'If-Match': '"other"' } }), 412);
});

test('many ranges at once from one document', async () => {
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) => get({ Range: `bytes=${n * 1000}-${n * 1000 + 4095}` })),
  );
  answers.forEach((answer, n) =>
    assert.ok(expect(answer, 206).body.equals(bytes.subarray(n * 1000, n * 1000 + 4096)), `range ${n}`),
  );
});

const names = {
  accents: ['Esami di laboratorio: però è così', 'Esami di laboratorio'],
  quotes: ['Referto "urgente" di D\'Amico', null],
  'what a path would be': ['../../etc/passwd', null],
  'another alphabet': ['Ελληνικά 漢字 🩺', null],
  'percent and semicolon': ['100%; filename="x.exe"', null],
};
for (const [what, [title]] of Object.entries(names)) {
  test(`file names from titles with ${what}`, async () => {
    const { id } = await steps.publish(of, { title });
    const { headers } = expect(await of.client.get(`/documents/${id}/content`), 200);
    const [, plain, encoded] =
      /^attachment; filename="((?:[^"\\]|\\.)*)"; filename\*=UTF-8''(\S+)$/.exec(headers['content-disposition']) ??
      assert.fail(headers['content-disposition']);
    assert.match(plain, /\.pdf$/);
    assert.ok(!/[/\\]/.test(plain.replace(/\\["\\]/g, '')), plain);
    const name = decodeURIComponent(encoded);
    assert.match(name, /\.pdf$/);
    assert.ok(!name.includes('/'), name);
    for (const word of title.match(/\p{L}{4,}/gu) ?? [])
      if (!/exe/.test(word)) assert.ok(name.includes(word), `${word} in ${name}`);
  });
}

test('shown inline only on request, and only PDF and images', async () => {
  const inline = async (id) =>
    (await of.client.get(`/documents/${id}/content`, { query: { disposition: 'inline' } })).headers[
      'content-disposition'
    ];
  assert.match(await inline(long.id), /^inline;/);
  assert.match(await inline((await steps.publish(of, { bytes: makeJpeg() })).id), /^inline;/);
  assert.match(await inline((await steps.publish(of, { bytes: makeP7m() })).id), /^attachment;/);
  const wrong = expect(await of.client.get(path, { query: { disposition: 'x' } }), 422, 'invalid-fields');
  assert.deepEqual(fieldErrors(wrong), ['disposition choice']);
  expect(await of.client.head(path, { query: { disposition: 'x' } }), 422);
});

test("somebody else's document answers as one that does not exist", async () => {
  const stranger = await steps.activate();
  const missing = '7d0b4c5e-1f7c-4a53-9f63-0c1a3b9d2e41';
  for (const suffix of ['', '/content']) {
    for (const headers of [{}, { Range: 'bytes=0-9' }, { 'If-None-Match': etag }, { 'If-Match': '"x"' }]) {
      const theirs = expect(await stranger.client.get(`/documents/${long.id}${suffix}`, { headers }), 404, 'not-found');
      const none = expect(await stranger.client.get(`/documents/${missing}${suffix}`, { headers }), 404, 'not-found');
      assert.deepEqual(theirs.json, none.json);
      assert.equal(theirs.headers.etag, undefined);
    }
  }
  assert.equal((await stranger.client.head(path)).status, 404);
  expect(await stranger.client.get(`/patients/${of.patient.id}/documents`), 404, 'not-found');
  expect(await stranger.client.get('/documents/nonsense/content'), 404, 'not-found');
  expect(await newClient().get(path), 401, 'unauthenticated');
});

test('a document that was tampered with is not given out', async (t) => {
  t.expectLog(/DOS0204: /, /DOS0010: .* 500 document_damaged/);
  const { id } = await steps.publish(of);
  const file = portal.objectFile(id);
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.from('tampered'), 0, 8, 200);
  closeSync(handle);
  expect(await of.client.get(`/documents/${id}/content`), 500, 'document-damaged');
  assert.equal((await of.client.get(`/documents/${id}`)).json.document.new, true, 'it was not read');
  const [line] = (await of.client.get('/activity')).json.activity;
  assert.deepEqual([line.action, line.outcome], ['document_read', 'document_damaged']);
  expect(await get(), 200); // others are served
});

test('over HTTP/2 the same bytes, whole and in part', async () => {
  const session = http2.connect(`https://localhost:${portal.port}`, {
    ca: portal.ca,
    lookup: (name, options, done) => done(null, options?.all ? [{ address: '127.0.0.1', family: 4 }] : '127.0.0.1', 4),
  });
  const fetchOver = (headers) =>
    new Promise((done, fail) => {
      const stream = session.request({
        ':path': `/api/v1${path}`,
        cookie: `__Host-dossier=${of.client.token}`,
        ...headers,
      });
      const chunks = [];
      let status;
      stream.on('response', (response) => (status = response[':status']));
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => done({ status, body: Buffer.concat(chunks) }));
      stream.on('error', fail);
    });
  try {
    const whole = await fetchOver({});
    assert.equal(whole.status, 200);
    assert.ok(whole.body.equals(bytes));
    const part = await fetchOver({ range: `bytes=${CHUNK - 3}-${CHUNK + 3}` });
    assert.equal(part.status, 206);
    assert.ok(part.body.equals(bytes.subarray(CHUNK - 3, CHUNK + 4)));
  } finally {
    session.close();
  }
});
