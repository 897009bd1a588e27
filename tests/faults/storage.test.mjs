// The vault's disk is full or read-only: the publication is refused, nothing of it shows, what was there stays.
// Needs to mount a small file system, so it is skipped where that is not allowed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../e2e/lib/http.mjs';
import { Operator } from '../e2e/lib/operator.mjs';
import { Outbox } from '../e2e/lib/outbox.mjs';
import { makePdf } from '../e2e/lib/pdf.mjs';
import { externalId, metadataOf } from '../e2e/lib/people.mjs';
import { Portal, until } from '../e2e/lib/portal.mjs';
import { Steps } from '../e2e/lib/steps.mjs';

const portal = await Portal.start();
const vault = join(portal.VAR, 'vault');
const mount = (...options) => spawnSync('mount', [...options, vault]).status === 0;
process.on('exit', () => {
  spawnSync('umount', ['-l', vault]);
  portal.stop();
});
const { uid, gid } = statSync(vault);
await until(() => existsSync(join(vault, 'vault.id')), 'the vault to have its id');
const id = readFileSync(join(vault, 'vault.id'));
const mounted = mount('-t', 'tmpfs', '-o', `size=2m,mode=0700,uid=${uid},gid=${gid}`, 'tmpfs');
if (mounted) writeFileSync(join(vault, 'vault.id'), id); // the vault was moved there
const skip = !mounted && 'mounting is not allowed here';
const newClient = (options) => new Client(portal, options);
const desk = newClient({ key: portal.keys.desk });
const steps = new Steps({ portal, outbox: new Outbox(portal), desk, newClient });
const operator = new Operator(newClient());
const of = await steps.activate();
const large = (size) => makePdf('x', size);
const content = async (id) => (await of.client.get(`/documents/${id}/content`)).body;
const listed = async () => (await of.client.get(`/patients/${of.patient.id}/documents`)).json.documents.length;

test('a full disk', { skip }, async () => {
  const stored = [];
  let refused;
  while (!refused) {
    const external_id = externalId('R');
    const bytes = large(300_000);
    const answer = await desk.publish(external_id, metadataOf(of), bytes);
    if (answer.status === 201) stored.push({ id: answer.json.id, external_id, bytes });
    else refused = { answer, external_id };
  }
  assert.equal(refused.answer.status, 507);
  assert.equal(refused.answer.problem, 'storage-full');
  assert.ok(stored.length > 2);
  assert.equal((await desk.get(`/integration/documents/${refused.external_id}`)).status, 404);
  assert.equal(await listed(), stored.length);
  assert.equal(portal.objects().length, stored.length, 'no part of the refused file');
  for (const { id, bytes } of stored) assert.ok((await content(id)).equals(bytes));

  const [{ id, external_id, bytes }] = stored;
  assert.equal((await desk.publish(external_id, metadataOf(of), large(900_000))).status, 507);
  assert.ok((await content(id)).equals(bytes), 'a correction that found no room leaves the document as it was');
});

test('a disk that is nearly full is told before it is', { skip }, async () => {
  const seen = portal.log().size();
  const status = async () => (await newClient().get('/status')).json;
  const room = () => Number(spawnSync('stat', ['-f', '-c', '%a', vault], { encoding: 'utf8' }).stdout) * 4096;
  const filler = join(vault, 'filler');
  writeFileSync(filler, Buffer.alloc(room() - 24 * 1024));
  assert.equal(room(), 24 * 1024);
  const { status: code, json } = await newClient().get('/status');
  assert.deepEqual([code, json.status, json.vault], [200, 'limited', 'full']);
  assert.equal(await operator.metric(`dossier_vault_up{folder="${vault}"}`), 0);
  const before = portal.objects();
  const answer = await desk.publish(externalId('R'), metadataOf(of), makePdf());
  assert.deepEqual([answer.status, answer.problem], [507, 'storage-full']);
  assert.deepEqual(portal.objects(), before, 'nothing was begun');
  assert.match(portal.log().read(seen), /DOS0304: /);
  const [{ id }] = (await of.client.get(`/patients/${of.patient.id}/documents`)).json.documents;
  assert.equal((await of.client.get(`/documents/${id}/content`)).status, 200, 'patients read on');
  await portal.graceful(); // the watchdog's first round is soon
  await until(() => /DOS0434: /.test(portal.log().read(seen)), 'the log to say that it is full', 40);
  rmSync(filler);
  assert.deepEqual((await status()).vault, 'ok');
});

test('a read-only disk', { skip }, async () => {
  const documents = await listed();
  assert.ok(mount('-o', 'remount,ro'));
  const answer = await desk.publish(externalId('R'), metadataOf(of), makePdf());
  assert.deepEqual([answer.status, answer.problem], [503, 'storage-failed']);
  assert.equal(await listed(), documents);
});
