// The database is read-only for a while, makes no connections, or says nothing any more, and the vault hangs: answers come in time
// all the same, status and log say what is wrong, and it is over when its cause is. A child ends without aborting, whatever it waits for.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../e2e/lib/http.mjs';
import { Operator } from '../e2e/lib/operator.mjs';
import { acceptanceBody, externalId, person } from '../e2e/lib/people.mjs';
import { Portal, until } from '../e2e/lib/portal.mjs';

const portal = await Portal.start();
const disk = join(mkdtempSync(join(tmpdir(), 'dossier-disk-')), 'image');
const vault = join(portal.VAR, 'vault');
const stopped = new Set();
process.on('exit', () => {
  for (const id of stopped) signal(id, 'SIGCONT');
  spawnSync('fsfreeze', ['-u', vault]);
  portal.stop();
  spawnSync('umount', ['-l', vault]);
  rmSync(join(disk, '..'), { recursive: true, force: true });
});
const newClient = () => new Client(portal);
const desk = new Client(portal, { key: portal.keys.desk });
const operator = new Operator(new Client(portal));
const send = () =>
  new Client(portal, { key: portal.keys.desk }).put(
    `/integration/acceptances/${externalId()}`,
    acceptanceBody(person()),
    { timeout: 90_000 },
  );
const status = async () => (await newClient().get('/status')).json;
const well = () => until(async () => (await status()).status === 'ok', 'the portal to be well', 30);
const postmaster = () => Number(readFileSync(join(portal.VAR, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]);
const backends = () =>
  portal.rows(`SELECT pid FROM pg_stat_activity WHERE usename = 'dossier_app'`).map(([pid]) => Number(pid));
const settle = (setting) => portal.rows(`ALTER DATABASE dossier ${setting}`, 'postgres');
const metric = (line) => operator.metric(line);

function signal(id, name) {
  try {
    process.kill(id, name);
  } catch {
    // it has ended meanwhile
  }
}
function halt(ids) {
  for (const id of ids) {
    stopped.add(id);
    signal(id, 'SIGSTOP');
  }
}
function goOn() {
  for (const id of [...stopped]) signal(id, 'SIGCONT');
  stopped.clear();
}
/** How long it took, in seconds, and what came. */
async function timed(call) {
  const began = process.hrtime.bigint();
  const answer = await call;
  return { answer, seconds: Number(process.hrtime.bigint() - began) / 1e9 };
}

test('a database that is read-only for a while', async () => {
  await well();
  assert.equal((await send()).status, 201);
  const seen = portal.log().size();
  const failures = await metric('dossier_database_failures_total{cause="read_only"}');
  settle('SET default_transaction_read_only = on');
  portal.sql(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'dossier_app'`);
  await until(async () => (await status()).database === 'read-only', 'status to say so');
  const answers = await Promise.all(Array.from({ length: 12 }, send)); // so many sessions are told that they may only read
  for (const answer of answers) assert.deepEqual([answer.status, answer.problem], [503, 'unavailable']);
  assert.equal((await newClient().get('/status')).status, 503);
  assert.match(portal.log().read(seen), /DOS0103: /);
  assert.ok((await metric('dossier_database_failures_total{cause="read_only"}')) >= failures + 12);
  assert.equal(await metric('dossier_database_up'), 0);

  settle('RESET default_transaction_read_only');
  for (const answer of await Promise.all(Array.from({ length: 12 }, send)))
    assert.equal(answer.status, 201, answer.text);
  assert.equal((await status()).status, 'ok');
  await until(() => /DOS0107: /.test(portal.log().read(seen)), 'the log to say that it is over');
});

// the answer of the function has left the server by then: a child that waits for the disk in COMMIT flushes it when it is ended
for (const [how, statement, expected] of [
  ['is refused', `RAISE EXCEPTION 'not this one'`, [500, 'internal']],
  ['is cut off', 'PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(10)', [503, 'unavailable']],
]) {
  test(`a commit that ${how} is no success`, async () => {
    await well();
    const id = externalId();
    const body = acceptanceBody(person());
    const put = async () => (await desk.put(`/integration/acceptances/${id}`, body)).status;
    portal.sql(
      `CREATE FUNCTION public.at_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN ${statement}; RETURN NULL; END $$`,
    );
    portal.sql(
      `CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON dossier_data.acceptance DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.at_commit()`,
    );
    try {
      const answer = await desk.put(`/integration/acceptances/${id}`, body);
      assert.deepEqual([answer.status, answer.problem], expected);
    } finally {
      portal.sql('DROP FUNCTION public.at_commit() CASCADE');
    }
    await well();
    assert.equal(await put(), 201, 'it was not kept');
    assert.equal(await put(), 200);
  });
}

test('connections cannot be made: forty requests are refused soon, not one after the other', async () => {
  await well();
  const seen = portal.log().size();
  const pooled = backends();
  halt([postmaster()]); // it takes connections up, and never answers
  try {
    pooled.forEach((id) => signal(id, 'SIGTERM'));
    const answers = await Promise.all(Array.from({ length: 40 }, () => timed(send())));
    for (const { answer } of answers) assert.deepEqual([answer.status, answer.problem], [503, 'unavailable']);
    const waits = answers.map(({ seconds }) => seconds).sort((a, b) => a - b);
    assert.ok(waits.at(-1) < 25, `the longest waited ${waits.at(-1)} s`); // of 40 attempts of 5 s each by a few processes
    assert.ok(waits[19] < 5, `the half of them waited ${waits[19]} s`);
    const { answer, seconds } = await timed(newClient().get('/status'));
    assert.equal(answer.json.database, 'unreachable');
    assert.ok(seconds < 4, `status took ${seconds} s`);
    assert.match(portal.log().read(seen), /DOS0104: /);
  } finally {
    goOn();
  }
  await well();
  assert.equal((await send()).status, 201);
  await until(() => /DOS0106: /.test(portal.log().read(seen)), 'the log to say that it is over');
});

/** Holds a table locked, so that `count` of those who need it wait, until it is released. */
async function lock(table, count, ask = () => {}) {
  const psql = spawn(
    portal.postgresProgram('psql'),
    ['-X', '-q', '-h', portal.socket, '-U', 'dossier_admin', '-d', 'dossier'],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  const locks = (granted) =>
    Number(
      portal.sql(`SELECT count(*) FROM pg_locks WHERE ${granted} AND relation = 'dossier_data.${table}'::regclass`),
    );
  psql.stdin.write(`BEGIN; LOCK TABLE dossier_data.${table} IN ACCESS EXCLUSIVE MODE;\n`);
  await until(() => locks(`granted AND mode = 'AccessExclusiveLock'`) === 1, `${table} to be locked`);
  ask();
  await until(() => locks('NOT granted') >= count, `${count} to wait for ${table}`);
  return () => psql.stdin.end('ROLLBACK;\n');
}

test('the host of the database vanishes: calls are given up, and status answers at once', async () => {
  await well();
  const seen = portal.log().size();
  let calls;
  const release = await lock('acceptance', 2, () => {
    calls = [send(), send()];
  });
  halt([...backends(), postmaster()]);
  try {
    const { answer, seconds } = await timed(newClient().get('/status'));
    assert.deepEqual([answer.status, answer.json.database, answer.json.vault], [503, 'unreachable', 'ok']);
    assert.ok(seconds < 4, `status took ${seconds} s`);
    const scrape = await timed(metric('dossier_database_up'));
    assert.equal(scrape.answer, 0);
    assert.ok(scrape.seconds < 5, `metrics took ${scrape.seconds} s`);
    for (const call of await Promise.all(calls)) assert.deepEqual([call.status, call.problem], [503, 'unavailable']);
    assert.match(portal.log().read(seen), /DOS0105: /);
    assert.match(portal.log().read(seen), /DOS0012: the database|DOS0104: /); // whether status found a connection free or not
  } finally {
    goOn();
    release();
  }
  await well();
  assert.equal((await send()).status, 201);
});

test('the disk of the vault hangs: status answers and says so', async (t) => {
  await well();
  writeFileSync(disk, '');
  truncateSync(disk, 32 * 2 ** 20);
  const { uid, gid } = statSync(vault);
  const id = readFileSync(join(vault, 'vault.id'));
  const run = (...command) => spawnSync(command[0], command.slice(1)).status === 0;
  if (!run('mkfs.ext4', '-q', disk) || !run('mount', '-o', 'loop', disk, vault)) {
    t.skip('mounting is not allowed here');
    return;
  }
  try {
    assert.ok(run('chown', `${uid}:${gid}`, vault) && run('chmod', '700', vault));
    writeFileSync(join(vault, 'vault.id'), id); // the vault was moved there
    await well();
    assert.ok(run('fsfreeze', '-f', vault));
    const { answer, seconds } = await timed(newClient().get('/status'));
    assert.deepEqual([answer.status, answer.json.database, answer.json.vault], [503, 'ok', 'failing']);
    assert.ok(seconds < 4, `status took ${seconds} s`);
    assert.equal(await metric(`dossier_vault_up{folder="${vault}"}`), 0);
    assert.ok(run('fsfreeze', '-u', vault));
    await well();
  } finally {
    run('fsfreeze', '-u', vault);
    run('umount', '-l', vault);
  }
  await well();
});

for (const how of ['SIGUSR1', 'SIGTERM']) {
  test(`${how} while the watchdog waits for the database longer than httpd may`, async () => {
    await well();
    const release = await lock('outbox', 1);
    const log = portal.log();
    const seen = log.size();
    const [parent, ...children] = portal.processes();
    try {
      process.kill(parent, how);
      const ended = how === 'SIGTERM' ? [parent, ...children] : children;
      await until(() => ended.every((id) => !running(id)), 'the processes to end', 40);
      assert.doesNotMatch(log.read(seen), /Assertion|exit signal|still did not exit, sending a SIGKILL/);
    } finally {
      release();
    }
    if (how === 'SIGTERM') portal.script('start');
    await well();
  });
}

function running(id) {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'utf8'));
  } catch {
    return false;
  }
}
