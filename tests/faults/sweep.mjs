// The portal comes up with another database than the vault's: no document goes. Two minutes, so it is not part of
// the check: node --test tests/faults/sweep.mjs
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../e2e/lib/http.mjs';
import { Outbox } from '../e2e/lib/outbox.mjs';
import { Portal, until } from '../e2e/lib/portal.mjs';
import { Steps } from '../e2e/lib/steps.mjs';

const portal = await Portal.start();
process.on('exit', () => portal.stop());
const desk = new Client(portal, { key: portal.keys.desk });
const steps = new Steps({ portal, outbox: new Outbox(portal), desk, newClient: () => new Client(portal) });
const vault = join(portal.VAR, 'vault');
const { uid, gid } = statSync(vault);

/** As if nobody had written to it for two hours: old enough for the sweep. */
function age(file) {
  const then = new Date(Date.now() - 2 * 3600_000);
  utimesSync(file, then, then);
}

function fileOf(object) {
  return join(vault, object.slice(0, 2), object.slice(2, 4), object);
}

/** An old file that no row knows. */
function stranger() {
  const file = fileOf(randomUUID());
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, 'sealed', { mode: 0o600 });
  for (const path of [dirname(dirname(file)), dirname(file), file]) chownSync(path, uid, gid);
  age(file);
  return file;
}

/** A round of the sweep: it takes an abandoned upload each time. */
async function sweep() {
  const abandoned = join(vault, 'tmp', `${randomUUID()}.part`);
  writeFileSync(abandoned, '');
  age(abandoned);
  await portal.graceful(); // a new child sweeps in its first round
  await until(() => !existsSync(abandoned), 'a sweep', 120);
  await sleep(500); // what it collected is settled behind that
}

test('files go only where the database knows others', async () => {
  const files = [stranger(), stranger(), stranger()];
  await sweep();
  assert.deepEqual(files.filter(existsSync), files, 'the database knows none of the files');

  const { id } = await steps.publish(await steps.accept());
  age(portal.objectFile(id));
  await sweep();
  assert.deepEqual(files.filter(existsSync), [], 'files without a row');
  assert.ok(existsSync(portal.objectFile(id)));
});
