// httpd as a system starts it: by root, who reads the keys and becomes somebody else. Needs root, so it is skipped without.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../e2e/lib/http.mjs';
import { Outbox } from '../e2e/lib/outbox.mjs';
import { Portal, until } from '../e2e/lib/portal.mjs';
import { Steps } from '../e2e/lib/steps.mjs';

const skip = process.getuid() !== 0 && 'only root can become somebody else';
const portal = await Portal.start();
process.on('exit', () => portal.stop());
const newClient = (options) => new Client(portal, options);
const keyFile = join(portal.VAR, 'keys', 'dossier.keys');

/** Starts again what runs, as root, with the same configuration and the user that it shall become. */
async function startAsRoot() {
  const [program, ...words] = readFileSync(`/proc/${portal.parent()}/cmdline`, 'utf8').split('\0').slice(0, -1);
  await portal.stopNode('');
  const offset = portal.log().size();
  const { status, stderr } = spawnSync(program, ['-C', 'User www-data', '-C', 'Group www-data', ...words], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  assert.equal(status, 0, stderr);
  await until(() => /AH00489|resuming normal operations/.test(portal.log().read(offset)), 'httpd to run');
  await until(() => portal.processes().length > 1, 'its children');
  return stderr;
}

const userOf = (id) => Number(/^Uid:\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]);

test(
  'keys that only root can read: documents are stored and read, also after a graceful restart',
  { skip },
  async () => {
    const { uid } = statSync(portal.VAR + '/vault');
    chownSync(keyFile, 0, 0);
    chmodSync(keyFile, 0o400);
    const said = await startAsRoot();
    assert.doesNotMatch(said, /DOS0515/);
    const [parent, ...children] = portal.processes();
    assert.equal(userOf(parent), 0);
    for (const child of children) assert.equal(userOf(child), uid);
    assert.notEqual(
      spawnSync('setpriv', ['--reuid=www-data', '--regid=www-data', '--clear-groups', 'cat', keyFile]).status,
      0,
      'another program of that user reads the keys',
    );

    const desk = newClient({ key: portal.keys.desk });
    const steps = new Steps({ portal, outbox: new Outbox(portal), desk, newClient });
    const of = await steps.activate();
    const { id, bytes } = await steps.publish(of);
    assert.ok((await of.client.get(`/documents/${id}/content`)).body.equals(bytes));
    await portal.graceful();
    assert.ok((await of.client.get(`/documents/${id}/content`)).body.equals(bytes));
    await steps.publish(of);
    for (const file of portal.objects()) assert.equal(statSync(file).uid, uid, file);
  },
);

test('keys that belong to the user httpd runs as are told', { skip }, async () => {
  chownSync(keyFile, statSync(portal.VAR + '/vault').uid, 0);
  assert.match(await startAsRoot(), /DOS0515: DossierKeyFile belongs to www-data/);
});
