// What the operator is told in the log at Debian's level, warn: what the configuration says and the database does not know, and
// processes that crash.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../e2e/lib/http.mjs';
import { Operator } from '../e2e/lib/operator.mjs';
import { Portal, ROOT, until } from '../e2e/lib/portal.mjs';
import { makeFolder } from '../outbound/stage.mjs';

// the connection of run.conf without what ends statements
const gateways = join(makeFolder(), 'gateways.conf');
const [, run] = /^DBDParams "([^"]*)"/m.exec(readFileSync(join(ROOT, 'conf', 'run.conf'), 'utf8'));
const configure = (params) =>
  writeFileSync(gateways, `DossierSpool "\${VAR}/outbox"\nLogLevel warn\nDBDParams "${params}"\n`, { mode: 0o644 });
configure(run);
process.env.GATEWAYS = gateways;
const portal = await Portal.start();
process.prependListener('exit', () => portal.stop());
const operator = new Operator(new Client(portal));
const crashes = () => operator.metric('dossier_process_crashes_total');
const told = (seen) =>
  portal
    .log()
    .complaints(seen)
    .filter((line) => /DOS04/.test(line));

/** Graceful restart; returns what is told by a whole round of the housekeeping after it. */
async function reload() {
  const seen = portal.log().size();
  const rounds = await operator.metric('dossier_purge_runs_total');
  portal.clients?.forEach((client) => client.rest());
  process.kill(portal.parent(), 'SIGUSR1');
  await until(
    async () => (await operator.metric('dossier_purge_runs_total')) > rounds,
    'a round of the new children',
    40,
  );
  return () => told(seen).join('\n');
}

test('all is well: nothing is told', async () => {
  const said = await reload();
  assert.equal(said(), '');
});

test('a facility that the database does not know', async () => {
  portal.rows(`DELETE FROM dossier_data.integrator_facility WHERE facility_id = 'citta-di-suzzara';
    DELETE FROM dossier_data.facility WHERE id = 'citta-di-suzzara'`);
  const said = await reload();
  await until(
    () => /DOS0407: the database knows no facility "citta-di-suzzara"/.test(said()),
    'the log to name it',
    40,
  );
  assert.doesNotMatch(said(), /san-pellegrino|DOS0408/);
  portal.sql("SELECT dossier_admin.facility_put('citta-di-suzzara', 'Ospedale Città di Suzzara')");
});

test('statements that nothing ends', async () => {
  configure(run.replace(/ options='[^']*'/, ''));
  portal.rows('ALTER ROLE dossier_app IN DATABASE dossier RESET ALL');
  const said = await reload();
  await until(() => /DOS0408: /.test(said()), 'the log to say so', 40);
  configure(run);
});

test('a process that crashes is counted and told; those that end in order are not', async () => {
  await reload();
  const before = await crashes();
  const seen = portal.log().size();
  const [, child] = portal.processes();
  process.kill(child, 'SIGSEGV');
  await until(
    () => told(seen).some((line) => line.includes(`DOS0409: process ${child} crashed`)),
    'the log to tell it',
  );
  assert.equal(await crashes(), before + 1);
  await reload();
  assert.equal(await crashes(), before + 1);
  assert.equal(told(seen).length, 1, told(seen).join('\n'));
});
