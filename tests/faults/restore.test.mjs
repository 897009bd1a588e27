// The machine is lost, with all that was on it: another is made from the backup, by the commands of docs/operators.md.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../e2e/lib/http.mjs';
import { Outbox } from '../e2e/lib/outbox.mjs';
import { metadataOf } from '../e2e/lib/people.mjs';
import { Portal, ROOT, until } from '../e2e/lib/portal.mjs';
import { commandsOf } from '../e2e/lib/docs.mjs';
import { Steps } from '../e2e/lib/steps.mjs';

const lost = await Portal.start();
const made = await Portal.start();
const backup = mkdtempSync(join(tmpdir(), 'dossier-backup-'));
chmodSync(backup, 0o755);
process.on('exit', () => {
  lost.stop();
  made.stop();
  rmSync(backup, { recursive: true, force: true });
});

const newClient = (options) => new Client(lost, options);
const desk = newClient({ key: lost.keys.desk });
const steps = new Steps({ portal: lost, outbox: new Outbox(lost), desk, newClient });

/** Shell commands as the operator, with this portal's PostgreSQL. */
function operate(portal, commands) {
  const env = { ...process.env, PGHOST: portal.socket, PGUSER: 'dossier_admin', PGOPTIONS: '' };
  const { status, stdout, stderr } = spawnSync('bash', ['-euxo', 'pipefail', '-c', commands], {
    env,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout + stderr);
}

/** The commands behind a line `<!-- faults: NAME -->` of docs/operators.md, on this portal's folders and database. */
function follow(name, portal) {
  operate(
    portal,
    commandsOf('operators.md', `faults: ${name}`)
      .replaceAll('sudo -u postgres ', '')
      .replaceAll(/^mantova-dossier /gm, `${ROOT}/tools/mantova-dossier `)
      .replaceAll('/var/lib/mantova-dossier', portal.VAR)
      .replaceAll('/backup', backup),
  );
}

/** Waits until every line of the audit is sealed; the last seal, as it would be noted down. */
async function seal(portal) {
  await portal.graceful(); // the watchdog's first round is soon
  const open =
    'SELECT count(*) FROM dossier_data.audit a WHERE NOT EXISTS (SELECT FROM dossier_data.audit_seal s WHERE a.id <@ s.lines)';
  await until(() => portal.sql(open) === '0', 'the audit to be sealed', 75);
  return portal.sql("SELECT number || ' ' || hash FROM dossier_data.audit_seal ORDER BY number DESC LIMIT 1");
}

/** As where the portal was installed and nothing more: PostgreSQL runs, without database and roles; no keys, no vault. */
async function empty(portal) {
  await portal.stopNode('');
  portal.rows('DROP DATABASE dossier WITH (FORCE)', 'postgres');
  portal.rows('DROP ROLE dossier_app; DROP ROLE dossier_owner', 'postgres');
  for (const folder of ['vault', 'keys']) rmSync(join(portal.VAR, folder), { recursive: true });
}

/** What the web server's role may do to the database and its tables, beyond calling functions. */
const rights = (portal) =>
  portal.rows(`SELECT p, has_database_privilege('dossier_app', 'dossier', p) FROM unnest('{CONNECT,CREATE,TEMPORARY}'::text[]) p
    UNION ALL SELECT relname, true FROM pg_class c WHERE relnamespace = 'dossier_data'::regnamespace AND relkind = 'r'
        AND has_table_privilege('dossier_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')`);

test('a new machine has what the backup has, and takes again what came after it', async () => {
  const of = await steps.activate();
  const kept = await steps.publish(of);
  const hidden = await steps.publish(of);
  assert.equal((await of.client.put(`/documents/${hidden.id}/visibility`, { hidden: true })).status, 200);
  const other = await steps.activate();
  const wiped = await steps.publish(other);
  const noted = await seal(lost);
  await steps.logIn(of); // a line that no seal has
  follow('backup', lost);
  const kept_private = ['', 'dossier.dump', 'vault'].map((name) => statSync(join(backup, name)).mode & 0o077);
  assert.deepEqual(kept_private, [0, 0, 0], 'nobody else reads the backup');
  assert.equal(
    (await other.client.delete(`/patients/${other.patient.id}/documents`, { json: { password: other.password } }))
      .status,
    204,
  );
  await lost.graceful();
  const told = () => lost.sql(`SELECT told FROM dossier_data.destroyed_object WHERE why = 'deleted'`) === 't';
  await until(told, 'the vault to note what was deleted', 75);
  follow('destroyed', lost);
  const late = await steps.publish(of);
  const before = rights(lost);
  await empty(made);
  operate(made, `cp -a '${lost.VAR}/keys' '${made.VAR}/'`); // the safe
  lost.script('stop');

  follow('restore', made);
  made.script('start');
  await until(
    async () => (await new Client(made).get('/status')).json.status === 'ok',
    "the operator's word to take effect",
    75,
  );
  assert.deepEqual(rights(made), before);
  const audit = made.operator('audit', 'verify', ...noted.split(' '));
  assert.equal(audit.status, 0, audit.said);
  const patient = new Client(made);
  assert.equal((await patient.post('/session', { login: of.mobile, password: of.password })).status, 200);
  const ids = async () =>
    (await patient.get(`/patients/${of.patient.id}/documents`)).json.documents.map(({ id }) => id);
  const bytes = async (id) => (await patient.get(`/documents/${id}/content`)).body;
  assert.deepEqual(await ids(), [kept.id]);
  assert.ok((await bytes(kept.id)).equals(kept.bytes));
  assert.equal((await patient.put(`/documents/${hidden.id}/visibility`, { hidden: false })).status, 200);
  assert.ok((await bytes(hidden.id)).equals(hidden.bytes));

  const deleted = new Client(made);
  assert.equal((await deleted.post('/session', { login: other.mobile, password: other.password })).status, 200);
  assert.equal(
    (await deleted.get(`/documents/${wiped.id}/content`)).problem,
    'document-deleted',
    'what was deleted after the backup',
  );

  const again = new Client(made, { key: lost.keys.desk });
  assert.equal((await again.get(`/integration/documents/${late.external_id}`)).status, 404);
  for (const { external_id, bytes: file, status } of [
    { ...late, status: 201 },
    { ...kept, status: 200 },
  ]) {
    assert.equal((await again.publish(external_id, metadataOf(of), file)).status, status);
  }
  assert.equal((await ids()).length, 3);
  assert.equal(
    made.operator('audit', 'verify', ...(await seal(made)).split(' ')).status,
    0,
    'lines of both machines, sealed one upon the other',
  );
  assert.equal(made.operator('audit', 'verify', ...noted.split(' ')).status, 0);
  assert.deepEqual(made.log().complaints(), []);
});
