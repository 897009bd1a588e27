// A document changes while it is read, or its file is lost: no reader sees wrong bytes or a false alarm.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { Client } from '../e2e/lib/http.mjs';
import { Outbox } from '../e2e/lib/outbox.mjs';
import { makePdf } from '../e2e/lib/pdf.mjs';
import { metadataOf } from '../e2e/lib/people.mjs';
import { Portal } from '../e2e/lib/portal.mjs';
import { Steps } from '../e2e/lib/steps.mjs';

const SECONDS = Number(process.env.SECONDS ?? 4);
const READERS = 6;

const portal = await Portal.start();
process.on('exit', () => portal.stop());
const newClient = (options) => new Client(portal, options);
const desk = newClient({ key: portal.keys.desk });
const steps = new Steps({ portal, outbox: new Outbox(portal), desk, newClient });

test('readers while a document is replaced and withdrawn', async () => {
  const of = await steps.activate();
  const { id, external_id, bytes } = await steps.publish(of);
  const known = new Set([bytes.toString('latin1')]);
  const answers = {};
  let running = true;

  const reader = async (client) => {
    while (running) {
      const { status, body } = await client.get(`/documents/${id}/content`, { unchecked: true });
      answers[status] = (answers[status] ?? 0) + 1;
      if (status === 200) assert.ok(known.has(body.toString('latin1')), 'the bytes of one version, whole');
    }
  };
  const readers = Array.from({ length: READERS }, () => reader(of.client.moved({})));
  const end = Date.now() + SECONDS * 1000;
  try {
    for (let round = 0; Date.now() < end; round += 1) {
      if (round % 10 === 9) await desk.delete(`/integration/documents/${external_id}`);
      const next = makePdf();
      known.add(next.toString('latin1'));
      assert.equal((await desk.publish(external_id, metadataOf(of), next)).status, 200);
    }
  } finally {
    running = false;
    await Promise.all(readers);
  }
  // 503: replaced between looking and sending, to be asked again; 410: withdrawn
  const others = Object.keys(answers).filter((status) => !['200', '410', '503'].includes(status));
  assert.deepEqual(others, [], JSON.stringify(answers));
  assert.ok(answers[200] > 0);
  assert.doesNotMatch(portal.log().read(), /DOS020[4-7]/, 'no false alarm of a damaged document');
});

test('a document whose file is lost is there again when its facility sends it again', async () => {
  const of = await steps.activate();
  const { id, external_id, metadata, bytes } = await steps.publish(of);
  const objects = portal.objects().length;
  rmSync(portal.objectFile(id));
  assert.equal((await of.client.get(`/documents/${id}/content`)).problem, 'document-damaged');

  const again = await desk.publish(external_id, metadata, bytes);
  assert.equal(again.status, 200);
  assert.deepEqual([again.json.changed, again.json.version], ['unchanged', 1]);
  assert.ok((await of.client.get(`/documents/${id}/content`)).body.equals(bytes));
  assert.equal(portal.objects().length, objects, 'one file');
});

test('sixteen times the same bytes at once', async () => {
  const of = await steps.activate();
  const { id, external_id, metadata, bytes } = await steps.publish(of);
  const objects = portal.objects().length;
  const answers = await Promise.all(Array.from({ length: 16 }, () => desk.publish(external_id, metadata, bytes)));
  assert.ok(answers.every(({ json }) => json.changed === 'unchanged'));
  assert.ok((await of.client.get(`/documents/${id}/content`)).body.equals(bytes));
  assert.equal(portal.objects().length, objects, 'one file');
});
