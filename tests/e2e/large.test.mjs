// A document of 1 GiB in and out, and what it costs in memory. E2E_SHORT=1: 64 MiB.
import assert from 'node:assert/strict';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, newClient, portal, steps, test } from './lib/suite.mjs';
import { externalId, metadataOf } from './lib/people.mjs';

const MIB = 2 ** 20;
const SIZE = (process.env.E2E_SHORT ? 64 : 1024) * MIB;
const LIMIT = 100; // MiB per process of httpd
const PIECE = 256 * 1024;

const key = randomBytes(16);
const HEAD = Buffer.from('%PDF-1.7\n%%%%%%\n'); // 16 bytes, the first block

// As if it were an update's: the table of what is in the tail.
const OBJECT = '\n1 0 obj\n<< /Type /Catalog >>\nendobj\n';
const END = `xref\n0 0\ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n${String(SIZE).replace(/./g, '#')}\n%%EOF\n`;
const TAIL = Buffer.from(OBJECT + END.replace(/#+/, String(SIZE - END.length).padStart(String(SIZE).length, '0')));

/** Bytes from..to of the document: noise that can be made anew from any multiple of 16. */
function* noise(from, to) {
  assert.equal(from % 16, 0);
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt(from / 16), 8);
  const cipher = createCipheriv('aes-128-ctr', key, counter);
  for (let at = from; at < to; at += PIECE) {
    const piece = cipher.update(Buffer.alloc(Math.min(PIECE, to - at)));
    if (at === 0) HEAD.copy(piece);
    if (at + piece.length === SIZE) TAIL.copy(piece, piece.length - TAIL.length);
    yield piece;
  }
}

/** The peak of each process of httpd since forgetPeaks(), in MiB. */
function peaks() {
  return portal.processes().map((id) => {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'));
    return { id, peak: Math.round(Number(kilobytes) / 1024) };
  });
}

/** The peak becomes what is in use now: what other tests did does not count. */
function forgetPeaks() {
  for (const id of portal.processes()) writeFileSync(`/proc/${id}/clear_refs`, '5');
}

function assertFlat(t, what) {
  const found = peaks();
  t.diagnostic(`${what}: peak memory ${found.map(({ id, peak }) => `${id}: ${peak} MiB`).join(', ')}`);
  for (const { id, peak } of found) assert.ok(peak < LIMIT, `process ${id} took ${peak} MiB`);
}

const rate = (bytes, began) => `${Math.round(bytes / MIB / ((Date.now() - began) / 1000))} MiB/s`;

let of;
let document;

test(`${SIZE / MIB} MiB go in`, async (t) => {
  of = await steps.activate();
  const desk = newClient({ key: portal.keys.desk });
  const hash = createHash('sha256');
  const file = {
    size: SIZE,
    *stream() {
      for (const piece of noise(0, SIZE)) {
        hash.update(piece);
        yield piece;
      }
    },
  };
  forgetPeaks();
  const began = Date.now();
  document = expect(await desk.publish(externalId('R'), metadataOf(of), file), 201).json;
  t.diagnostic(`in: ${rate(SIZE, began)}`);
  assertFlat(t, 'in');
  assert.equal(document.size, SIZE);
  assert.equal(document.sha256, hash.digest('hex'));
});

test('and come out byte-identical', async (t) => {
  forgetPeaks();
  const began = Date.now();
  const hash = createHash('sha256');
  let size = 0;
  const answer = await of.client.get(`/documents/${document.id}/content`, {
    onData: (chunk) => {
      size += chunk.length;
      hash.update(chunk);
    },
  });
  assert.equal(answer.status, 200, answer.text);
  t.diagnostic(`out: ${rate(SIZE, began)}`);
  assertFlat(t, 'out');
  assert.equal(size, SIZE);
  assert.equal(hash.digest('hex'), document.sha256);
});

test('a range of half of it, from the middle', async (t) => {
  forgetPeaks();
  const from = SIZE / 4;
  const to = from + SIZE / 2;
  const expected = createHash('sha256');
  for (const piece of noise(from, to)) expected.update(piece);
  const hash = createHash('sha256');
  const answer = await of.client.get(`/documents/${document.id}/content`, {
    headers: { Range: `bytes=${from}-${to - 1}` },
    onData: (chunk) => hash.update(chunk),
  });
  assert.equal(answer.status, 206, answer.text);
  assert.equal(answer.headers['content-range'], `bytes ${from}-${to - 1}/${SIZE}`);
  assert.equal(hash.digest('hex'), expected.digest('hex'));
  assertFlat(t, 'a range');
});

test('its last bytes come without reading what is before them', async () => {
  const began = Date.now();
  const answer = expect(
    await of.client.get(`/documents/${document.id}/content`, { headers: { Range: 'bytes=-4096' } }),
    206,
  );
  assert.ok(answer.body.equals(Buffer.concat([...noise(SIZE - 4096, SIZE)])));
  assert.ok(Date.now() - began < 2000, `${Date.now() - began} ms`);
});

test('somebody who stops reading holds no memory', async (t) => {
  forgetPeaks();
  const readers = Array.from({ length: 8 }, () => of.client.moved({}));
  const halted = readers.map((client) =>
    client.get(`/documents/${document.id}/content`, {
      onData: () => {
        throw new Error('enough');
      },
    }),
  );
  for (const result of await Promise.allSettled(halted)) assert.equal(result.status, 'rejected');
  assertFlat(t, 'eight readers that went away');
  readers.forEach((client) => client.close());
  expect(await of.client.get('/session'), 200);
});
