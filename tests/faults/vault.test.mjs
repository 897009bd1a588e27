// The vault is not there, another one is, or the database is an older copy: nothing is lost, and it is said.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, test } from 'node:test';
import { Client } from '../e2e/lib/http.mjs';
import { Operator } from '../e2e/lib/operator.mjs';
import { Outbox } from '../e2e/lib/outbox.mjs';
import { makePdf } from '../e2e/lib/pdf.mjs';
import { externalId, metadataOf } from '../e2e/lib/people.mjs';
import { Portal, literal, until } from '../e2e/lib/portal.mjs';
import { Steps } from '../e2e/lib/steps.mjs';

const portal = await Portal.start();
process.on('exit', () => portal.stop());
const newClient = (options) => new Client(portal, options);
const desk = newClient({ key: portal.keys.desk });
const operator = new Operator(newClient());
const steps = new Steps({ portal, outbox: new Outbox(portal), desk, newClient });
const vault = join(portal.VAR, 'vault');
const away = join(portal.VAR, 'vault.away');
const { uid, gid } = statSync(vault);

const status = async () => (await newClient().get('/status')).json;
const well = () => until(async () => (await status()).status === 'ok', 'the portal to be well', 75);
const content = (of, id) => of.client.get(`/documents/${id}/content`);
const idOf = (folder = vault) => readFileSync(join(folder, 'vault.id'), 'utf8').trim();
const metric = (name) => operator.metric(name);

function makeFolder(folder = vault) {
  mkdirSync(folder, { mode: 0o700 });
  chownSync(folder, uid, gid);
}

/** As when the vault's file system is not mounted: its mount point is there, and empty. */
function unmount() {
  renameSync(vault, away);
  makeFolder();
}

function mountAgain() {
  rmSync(vault, { recursive: true });
  renameSync(away, vault);
}

afterEach(() => existsSync(away) && mountAgain());

/** Stops httpd, does something, and starts it again. */
async function offline(work) {
  await portal.stopNode('');
  work();
  portal.script('start');
}

const vaultCommand = (...words) => {
  const { status: code, said } = portal.operator('vault', ...words);
  assert.equal(code, 0, said);
  return said;
};

async function refusesDocuments(of, id, word) {
  const seen = portal.log().size();
  const refused = await desk.publish(externalId('R'), metadataOf(of), makePdf());
  assert.deepEqual([refused.status, refused.problem], [503, 'storage-failed']);
  const read = await content(of, id);
  assert.deepEqual([read.status, read.problem], [503, 'unavailable']);
  for (const answer of [refused, read, await of.client.get('/export')]) {
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers['retry-after']) > 0);
  }
  const health = await newClient().get('/status');
  assert.deepEqual([health.status, health.json.vault, health.json.database], [503, word, 'ok']);
  assert.deepEqual(readdirSync(vault), word === 'missing' ? [] : ['vault.id'], 'nothing is made there');
  assert.equal(await metric(`dossier_vault_up{folder="${vault}"}`), 0);
  assert.equal(
    (await newClient().post('/session', { login: of.mobile, password: of.password })).status,
    200,
    'people log in',
  );
  assert.equal((await of.client.get(`/patients/${of.patient.id}/documents`)).status, 200, 'and see what there is');
  assert.doesNotMatch(portal.log().read(seen), /DOS0204|chown/, 'nothing leads astray');
}

async function takesDocuments(of, { id, bytes }) {
  assert.ok((await content(of, id)).body.equals(bytes));
  const next = await steps.publish(of);
  assert.ok((await content(of, next.id)).body.equals(next.bytes));
  await well();
  assert.equal(await metric(`dossier_vault_up{folder="${vault}"}`), 1);
}

test('the vault is not mounted for a while: refused, told, and over by itself', async () => {
  const of = await steps.activate();
  const known = await steps.publish(of);
  const seen = portal.log().size();
  unmount();
  await refusesDocuments(of, known.id, 'missing');
  await refusesDocuments(of, known.id, 'missing');
  assert.equal(
    portal
      .log()
      .read(seen)
      .match(/DOS0510: .*Mount it/g).length,
    1,
    'said once',
  );
  mountAgain();
  await takesDocuments(of, known);
  assert.match(portal.log().read(seen), /DOS0513: /);
});

test('httpd starts while the vault is not mounted', async () => {
  const of = await steps.activate();
  const known = await steps.publish(of);
  await offline(unmount);
  await refusesDocuments(of, known.id, 'missing');
  mountAgain();
  await takesDocuments(of, known);
});

test('another vault is mounted; the operator may say that it is the right one', async () => {
  const of = await steps.activate();
  const known = await steps.publish(of);
  const seen = portal.log().size();
  const other = randomUUID();
  unmount();
  writeFileSync(join(vault, 'vault.id'), `${other}\n`);
  await refusesDocuments(of, known.id, 'foreign');
  assert.match(portal.log().read(seen), new RegExp(`DOS0511: .*\\(${other}\\).*\\(${idOf(away)}\\)`));
  mountAgain();
  await takesDocuments(of, known);

  rmSync(join(vault, 'vault.id')); // restored without it
  const [{ id, bytes }] = [known];
  assert.equal((await desk.publish(externalId('R'), metadataOf(of), makePdf())).status, 503);
  assert.ok((await content(of, id)).body.equals(bytes), 'a file that is there proves itself');
  vaultCommand('accept');
  await until(
    async () => (await desk.publish(externalId('R'), metadataOf(of), makePdf())).status === 201,
    'documents to be taken',
  );
  assert.match(vaultCommand('show'), new RegExp(idOf()));
  assert.match(portal.log().read(seen), /DOS0514: .* has the files of [1-9]\d* of the newest [1-9]\d* documents/);
  await well();
  assert.equal(portal.sql('SELECT accepted_at IS NULL FROM dossier_data.vault'), 't', 'the word is used up');
});

/** Gives the operator's word for a folder without documents, and answers what the log says since. */
async function refusesTheWord(of, id, word) {
  const seen = portal.log().size();
  vaultCommand('accept');
  await refusesDocuments(of, id, word);
  await refusesDocuments(of, id, word);
  assert.equal(
    portal
      .log()
      .read(seen)
      .match(/DOS0527: .*Mount/g).length,
    1,
    'said once',
  );
  assert.doesNotMatch(portal.log().read(seen), /DOS0514/);
}

test("the operator's word makes no empty mount point the vault: it waits for the vault", async () => {
  const of = await steps.activate();
  const known = await steps.publish(of);
  const id = idOf();
  unmount();
  await refusesTheWord(of, known.id, 'missing');
  assert.equal(portal.sql('SELECT accepted_at IS NOT NULL FROM dossier_data.vault'), 't');
  mountAgain();
  await takesDocuments(of, known);
  await until(
    () => portal.sql('SELECT accepted_at IS NULL FROM dossier_data.vault') === 't',
    'the word to be used up',
    75,
  );
  assert.deepEqual([portal.sql('SELECT id FROM dossier_data.vault'), idOf()], [id, id]);

  unmount();
  writeFileSync(join(vault, 'vault.id'), `${randomUUID()}\n`); // another one, with nothing of ours
  await refusesTheWord(of, known.id, 'foreign');
  mountAgain();
  await takesDocuments(of, known);
  await until(
    () => portal.sql('SELECT accepted_at IS NULL FROM dossier_data.vault') === 't',
    'the word to be used up',
    75,
  );
});

test('a vault that begins without the documents has an id of its own, and the former one hides nothing', async () => {
  const of = await steps.activate();
  const known = await steps.publish(of);
  const id = idOf();
  const seen = portal.log().size();
  unmount();
  await refusesTheWord(of, known.id, 'missing');
  vaultCommand('accept', '--without-documents');
  const late = await until(async () => {
    const [external_id, bytes] = [externalId('R'), makePdf()];
    const answer = await desk.publish(external_id, metadataOf(of), bytes);
    return answer.status === 201 && { id: answer.json.id, bytes };
  }, 'documents to be taken');
  assert.match(portal.log().read(seen), /DOS0514: .* has the files of 0 of the newest [1-9]\d* documents/);
  assert.equal(
    portal.sql('SELECT accepted_at IS NULL AND NOT without_documents FROM dossier_data.vault'),
    't',
    'the word is used up',
  );
  assert.notEqual(idOf(), id);
  assert.equal((await content(of, known.id)).problem, 'document-damaged');
  assert.ok((await content(of, late.id)).body.equals(late.bytes));

  // the former one turns up after all: not in its place by itself, but by the operator, with what came since
  const since = join(portal.VAR, 'vault.since');
  renameSync(vault, since);
  renameSync(away, vault);
  await until(async () => (await status()).vault === 'foreign', 'the former vault to be seen', 75);
  assert.equal(spawnSync('cp', ['-an', `${since}/.`, vault]).status, 0);
  rmSync(since, { recursive: true });
  vaultCommand('accept');
  await well();
  await takesDocuments(of, known);
  assert.ok((await content(of, late.id)).body.equals(late.bytes));
});

test('an installation from before vaults had an id: its documents prove the vault', async () => {
  const of = await steps.activate();
  const known = await steps.publish(of);
  await offline(() => {
    portal.rows('UPDATE dossier_data.vault SET id = NULL');
    rmSync(join(vault, 'vault.id'));
    unmount();
  });
  await refusesDocuments(of, known.id, 'missing');
  assert.deepEqual(
    readdirSync(vault).filter((name) => name === 'vault.id'),
    [],
  );
  mountAgain();
  await takesDocuments(of, known);
  assert.equal(portal.sql('SELECT id FROM dossier_data.vault'), idOf());
});

test('a vault that was moved without its empty folders gets them with the next document', async () => {
  const of = await steps.activate();
  const publish = () => desk.publish(externalId('R'), metadataOf(of), makePdf());
  for (let n = 0; n < 8; n++) assert.equal((await publish()).status, 201); // all processes know the vault
  rmSync(join(vault, 'tmp'), { recursive: true });
  assert.equal((await publish()).status, 201);
});

// ---- the database is an older copy

const pg = (program, ...words) => {
  const env = { ...process.env, PGHOST: portal.socket, PGUSER: 'dossier_admin', PGOPTIONS: '' };
  const { status: code, stdout, stderr } = spawnSync(portal.postgresProgram(program), words, { env, encoding: 'utf8' });
  assert.equal(code, 0, stdout + stderr);
};
const dump = (file) => pg('pg_dump', '--format=custom', `--file=${file}`, 'dossier');
function restore(file) {
  portal.rows('DROP DATABASE dossier WITH (FORCE)', 'postgres');
  pg('pg_restore', '--create', '--exit-on-error', '--dbname=postgres', file);
}

/** What the housekeeping does: its next round is at the latest in a minute, and the first of a new child soon. */
async function soon(condition, what) {
  await portal.graceful();
  return until(condition, what, 75);
}

/** Until a round of the housekeeping is over that began after this. */
async function anotherRound() {
  const rounds = await metric('dossier_purge_runs_total');
  await soon(async () => (await metric('dossier_purge_runs_total')) > rounds, 'another round');
  await soon(async () => (await metric('dossier_purge_runs_total')) > rounds + 1, 'the round to be whole');
}

/** Until the vault has heard of a seal with every line up to now. */
function noted() {
  const last = portal.sql('SELECT max(id) FROM dossier_data.audit');
  return soon(() => {
    const [number] = existsSync(join(vault, 'audit.seal'))
      ? readFileSync(join(vault, 'audit.seal'), 'utf8').split(' ')
      : ['0'];
    return (
      portal.sql(
        `SELECT count(*) FROM dossier_data.audit_seal WHERE number <= ${number} AND upper(lines) > ${last}`,
      ) !== '0'
    );
  }, 'the vault to hear of the seal');
}

/** As if nobody had written to them for two hours: old enough for the sweep. */
function age() {
  const then = new Date(Date.now() - 2 * 3600_000);
  for (const file of portal.objects()) utimesSync(file, then, then);
}

test('a restored older dump destroys nothing: what came after it is there when the newer one is', async () => {
  const of = await steps.activate();
  const other = await steps.activate();
  const known = await steps.publish(of);
  const wiped = await steps.publish(other);
  const withdrawn = await steps.publish(of);
  const older = join(portal.VAR, 'older.dump');
  const newer = join(portal.VAR, 'newer.dump');
  dump(older);
  const ten = [];
  for (let i = 0; i < 10; i += 1) ten.push(await steps.publish(of));
  assert.equal(
    (await other.client.delete(`/patients/${other.patient.id}/documents`, { json: { password: other.password } }))
      .status,
    204,
  );
  assert.equal((await desk.delete(`/integration/documents/${withdrawn.external_id}`)).status, 200);
  await noted();
  await soon(
    () =>
      portal.sql(
        "SELECT count(*) FROM dossier_data.destroyed_object WHERE NOT told AND why IN ('deleted', 'withdrawn')",
      ) === '0',
    'the vault to hear what was destroyed',
  );
  dump(newer);
  age();
  const files = portal.objects().sort();

  const seen = portal.log().size();
  await offline(() => restore(older));
  const health = await newClient().get('/status');
  assert.deepEqual([health.status, health.json.database, health.json.vault], [503, 'behind', 'ok']);
  for (const answer of [
    await newClient().post('/session', { login: of.mobile, password: of.password }),
    await desk.get(`/integration/documents/${known.external_id}`),
    await desk.publish(externalId('R'), metadataOf(of), makePdf()),
    await content(of, known.id),
  ]) {
    assert.deepEqual([answer.status, answer.problem], [503, 'unavailable']);
    assert.ok(Number(answer.headers['retry-after']) > 0);
  }
  assert.equal(await metric('dossier_database_behind'), 1);
  assert.match(portal.log().read(seen), /DOS0512: /);

  // the newer one, while httpd runs: for the vault another database, as whatever comes out of a dump
  restore(newer);
  await until(async () => (await status()).database === 'foreign', 'the newer copy to be seen', 75);
  vaultCommand('accept');
  await until(
    async () => (await newClient().post('/session', { login: of.mobile, password: of.password })).status === 200,
    'the newer copy to be served',
  );
  await well();
  for (const { id, bytes } of ten) assert.ok((await content(of, id)).body.equals(bytes));
  assert.deepEqual(portal.objects().sort(), files);

  // the older one all the same, because the operator says so
  await offline(() => restore(older));
  assert.equal((await status()).database, 'behind');
  vaultCommand('accept');
  await until(
    async () => (await newClient().post('/session', { login: of.mobile, password: of.password })).status === 200,
    'the older copy to be served',
  );
  assert.ok((await content(of, known.id)).body.equals(known.bytes));
  assert.equal((await content(other, wiped.id)).problem, 'document-deleted', 'what the patient wiped stays so');
  assert.equal((await content(of, withdrawn.id)).problem, 'document-withdrawn');
  assert.equal((await content(of, ten[0].id)).status, 404);
  await soon(async () => (await metric('dossier_vault_unknown_files')) === 10, 'the sweep to stop');
  assert.match(portal.log().read(seen), /DOS0425: .* 10 files/);
  assert.deepEqual(portal.objects().sort(), files);

  vaultCommand('sweep');
  await soon(async () => (await metric('dossier_vault_quarantine_files')) === 10, 'the files to be set aside');
  assert.match(portal.log().read(seen), /DOS0426: 10 files/);
  assert.equal(await metric('dossier_vault_unknown_files'), 0);
  assert.equal(portal.objects().length, files.length - 10);
  assert.equal(portal.sql('SELECT sweep_allowed FROM dossier_data.vault'), 'f', 'the word is used up');

  // the newer one turns up in the end
  await offline(() => restore(newer));
  vaultCommand('accept');
  await until(
    async () => (await newClient().post('/session', { login: of.mobile, password: of.password })).status === 200,
    'the newer copy to be served',
  );
  for (const { id, bytes } of ten) assert.ok((await content(of, id)).body.equals(bytes), 'out of the quarantine');
  await soon(() => portal.objects().length === files.length, 'the files to come back');
  assert.deepEqual(portal.objects().sort(), files);
  for (const { id, bytes } of ten) assert.ok((await content(of, id)).body.equals(bytes));
  assert.match(portal.log().read(seen), /DOS0427: 10 files/);
});

test('a correction takes no file from a copy of the database that knows no other, and the days or the end of the document do', async () => {
  const of = await steps.activate();
  const object = (id) => portal.documentColumn(id, 'object_id');
  const there = (name) => portal.objects().some((path) => path.includes(name));
  const correct = async ({ external_id }, bytes = makePdf('Corretto')) => {
    assert.equal((await desk.publish(external_id, metadataOf(of), bytes)).status, 200);
    return bytes;
  };
  const served = () =>
    until(
      async () => (await newClient().post('/session', { login: of.mobile, password: of.password })).status === 200,
      'the copy to be served',
    );
  const [corrected, again, withdrawn, wiped] = [
    await steps.publish(of),
    await steps.publish(of),
    await steps.publish(of),
    await steps.publish(of),
  ];
  const former = object(corrected.id);
  const older = join(portal.VAR, 'older.dump');
  const newer = join(portal.VAR, 'newer.dump');
  dump(older);
  const correction = await correct(corrected);
  await correct(again, again.bytes);
  const ended = object(withdrawn.id);
  await correct(withdrawn);
  assert.ok(there(former) && there(ended), 'a copy of the vault that is made after the dump has them');
  assert.equal((await desk.delete(`/integration/documents/${withdrawn.external_id}`)).status, 200);
  assert.ok(!there(ended), 'with what it was before');
  await noted();
  await soon(
    () =>
      portal.sql(
        "SELECT count(*) FROM dossier_data.destroyed_object WHERE NOT told AND why IN ('deleted', 'withdrawn')",
      ) === '0',
    'the vault to hear what was destroyed',
  );
  dump(newer);

  const seen = portal.log().size();
  await offline(() => restore(older));
  vaultCommand('accept');
  await served();
  for (const { id, bytes } of [corrected, again]) assert.ok((await content(of, id)).body.equals(bytes));
  assert.equal(
    (await content(of, withdrawn.id)).problem,
    'document-withdrawn',
    'also by what the older copy knows of it',
  );
  await correct(again);
  await correct(corrected);

  await offline(() => restore(newer));
  vaultCommand('accept');
  await served();
  assert.ok((await content(of, corrected.id)).body.equals(correction));
  assert.ok((await content(of, again.id)).body.equals(again.bytes));
  for (let i = 0; i < 7; i += 1) await correct(wiped, makePdf(`versione ${i}`));
  age();
  await offline(() => {}); // the first round of a start sweeps
  await anotherRound();
  assert.ok(there(former));
  assert.equal(await metric('dossier_vault_unknown_files'), 0);
  assert.doesNotMatch(portal.log().read(seen), /DOS0425|DOS0204/);

  portal.rows(
    `UPDATE dossier_data.destroyed_object SET at = now() - interval '91 days' WHERE object_id = ${literal(former)}`,
  );
  await soon(() => !there(former), 'the days to be over');
  assert.ok((await content(of, corrected.id)).body.equals(correction));

  const files = portal
    .sql(
      `SELECT string_agg(object_id::text, ' ') FROM dossier_data.destroyed_object WHERE why = 'replaced' AND document_id = ${literal(wiped.id)}`,
    )
    .split(' ');
  assert.equal(files.filter(there).length, 7);
  assert.equal(
    (await of.client.delete(`/patients/${of.patient.id}/documents`, { json: { password: of.password } })).status,
    204,
  );
  assert.deepEqual(files.filter(there), [], 'nothing of it is left');
});

test('another database on the vault is refused before it removes a file, and by the word of the operator the first one is', async () => {
  const of = await steps.activate();
  const known = await steps.publish(of);
  const gone = await steps.publish(of);
  const copy = join(portal.VAR, 'copy.dump');
  await noted();
  dump(copy);
  const files = portal.objects().sort();
  let seen = portal.log().size();
  await offline(() => {
    portal.rows('ALTER DATABASE dossier RENAME TO dossier_first', 'postgres');
    pg('pg_restore', '--create', '--exit-on-error', '--dbname=postgres', copy);
  });
  assert.deepEqual([(await status()).database, (await status()).status], ['foreign', 'failing']);
  for (const answer of [await desk.delete(`/integration/documents/${gone.external_id}`), await content(of, known.id)]) {
    assert.deepEqual([answer.status, answer.problem], [503, 'unavailable']);
  }
  assert.match(portal.log().read(seen), /DOS0437: another database \(\d+-\d+\) uses DossierVault/);
  assert.doesNotMatch(portal.log().read(seen), /DOS0512|DOS0402/);
  assert.equal(await metric('dossier_database_behind'), 1);
  assert.deepEqual(portal.objects().sort(), files);
  assert.match(vaultCommand('accept'), /DOS0514/);
  await until(
    async () => (await desk.delete(`/integration/documents/${gone.external_id}`)).status === 200,
    'the copy to be served',
  );
  await well();

  seen = portal.log().size();
  await offline(() => {
    portal.rows('DROP DATABASE dossier WITH (FORCE)', 'postgres');
    portal.rows('ALTER DATABASE dossier_first RENAME TO dossier', 'postgres');
  });
  assert.equal((await content(of, known.id)).status, 503);
  assert.match(portal.log().read(seen), /DOS0437: /);
  vaultCommand('accept');
  await takesDocuments(of, known);
});

// ---- a copy of the vault

const missing = () => metric('dossier_vault_missing_files');
/** As if they had been there for long: a node has had the time to see their files. */
const settled = (...documents) => documents.forEach(({ id }) => portal.age.document(id, '1 hour'));

test('an older copy of the vault in its place is told, and what to do about it', async () => {
  const of = await steps.activate();
  const known = await steps.publish(of);
  const copy = (from, to, how = '-a') => assert.equal(spawnSync('cp', [how, `${from}/.`, to]).status, 0);
  await offline(() => {
    makeFolder(away);
    copy(vault, away);
  });
  const later = [await steps.publish(of), await steps.publish(of)];
  const gone = await steps.publish(of);
  settled(known, ...later, gone);
  const seen = portal.log().size();
  await anotherRound();
  assert.equal(await missing(), 0);
  assert.doesNotMatch(portal.log().read(seen), /DOS052/, 'all are there');

  const newest = join(portal.VAR, 'vault.newest');
  renameSync(vault, newest);
  renameSync(away, vault);
  await soon(async () => (await missing()) === 3, 'the copy to be noticed');
  assert.match(
    portal.log().read(seen),
    new RegExp(`DOS0521: the files of 3 of the newest \\d+ documents are not in DossierVault ${vault}`),
  );
  assert.equal((await content(of, later[0].id)).status, 500);
  assert.ok((await content(of, known.id)).body.equals(known.bytes));
  await anotherRound();
  assert.equal(
    portal
      .log()
      .read(seen)
      .match(/DOS0521: /g).length,
    1,
    'said once',
  );

  // one has lost its row meanwhile, the others are copied into it, as the line says
  assert.equal((await desk.delete(`/integration/documents/${gone.external_id}`)).status, 200);
  copy(newest, vault, '-an');
  rmSync(newest, { recursive: true });
  await soon(async () => (await missing()) === 0, 'the files to be found');
  assert.match(portal.log().read(seen), /DOS0522: /);
  for (const { id, bytes } of later) assert.ok((await content(of, id)).body.equals(bytes));
  await takesDocuments(of, known);
});

test('what was destroyed while its file could not be removed goes with the next sweep', async () => {
  const of = await steps.activate();
  const { id } = await steps.publish(of);
  const file = portal.objectFile(id);
  const kept = readFileSync(file);
  assert.equal(
    (await of.client.delete(`/patients/${of.patient.id}/documents`, { json: { password: of.password } })).status,
    204,
  );
  assert.ok(!existsSync(file));
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, kept);
  chownSync(file, uid, gid);
  age();
  await offline(() => {});
  await until(() => !existsSync(file), 'the sweep', 75); // the first round of a start
  assert.ok(
    !existsSync(
      join(vault, 'quarantine', portal.sql(`SELECT object_id FROM dossier_data.document WHERE id = ${literal(id)}`)),
    ),
  );
});
