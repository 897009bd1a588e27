// The keys of the key file change: a new one needs a graceful restart only, an old line goes when no row needs it, and one that is
// missing is told at start, in the metrics and to the reader, with what to do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Client } from '../e2e/lib/http.mjs';
import { Operator } from '../e2e/lib/operator.mjs';
import { Outbox } from '../e2e/lib/outbox.mjs';
import { makePdf } from '../e2e/lib/pdf.mjs';
import { externalId, metadataOf, registrationBody } from '../e2e/lib/people.mjs';
import { Portal, ROOT, literal, until } from '../e2e/lib/portal.mjs';
import { Steps } from '../e2e/lib/steps.mjs';

const portal = await Portal.start();
process.on('exit', () => portal.stop());
const clients = [];
after(() => clients.forEach((client) => client.close()));
const newClient = (options) => {
  const client = new Client(portal, options);
  clients.push(client);
  return client;
};
const desk = newClient({ key: portal.keys.desk });
const outbox = new Outbox(portal);
const steps = new Steps({ portal, outbox, desk, newClient });
const operator = new Operator(newClient());
const keyFile = join(portal.VAR, 'keys', 'dossier.keys');
const keys = () => readFileSync(keyFile, 'utf8').split('\n').filter(Boolean);
const write = (lines) => writeFileSync(keyFile, `${lines.join('\n')}\n`); // the file stays who it belongs to
const newKey = (id) => `${id} ${randomBytes(32).toString('base64')}`;
const [first] = keys();
const idOf = (line) => line.split(' ')[0];
const needNote = (id) => join(portal.VAR, 'vault', 'keys', `${id}.need`);
const noteOf = (id) => existsSync(needNote(id)) && readFileSync(needNote(id), 'utf8');
const of = await steps.activate();
const bytesOf = async (id) => (await of.client.get(`/documents/${id}/content`)).body;

/** Graceful restart; the housekeeping of the new children counts at once. */
async function reload(noted) {
  await portal.graceful();
  await until(noted, 'the portal to note what rows need', 40);
}

/** httpd does not start; what it says. */
function refused() {
  const env = { ...process.env, VAR: portal.VAR, PORT: String(portal.port), SAMPLE: 'no' };
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'apxs-build.sh'), ['start'], { env, encoding: 'utf8' });
  assert.notEqual(status, 0, 'it started');
  return stdout + stderr;
}

const old = await steps.publish(of);
const slip = await steps.accept(); // its code is made under the first key too
const second = newKey('second');
const waiting = await steps.register(); // the code of whose slip as well

test('a new key: a graceful restart, and it seals; the old one opens what it sealed', async () => {
  assert.equal(await operator.metric(`dossier_key_rows{key="${idOf(first)}",kind="documents"}`), 1);
  write([second, first]);
  await reload(() => /^1 [1-9]\d* 2/.test(noteOf(idOf(first))));
  const { id, bytes } = await steps.publish(of);
  assert.equal(portal.documentColumn(id, 'key_id'), 'second');
  assert.ok((await bytesOf(id)).equals(bytes));
  assert.ok((await bytesOf(old.id)).equals(old.bytes));
  await steps.activate(slip);
  assert.equal(await operator.metric('dossier_key_held{key="second"}'), 1);
  assert.equal(await operator.metric('dossier_key_rows{key="second",kind="documents"}'), 1);
  const { status, said } = portal.operator('key', 'list');
  assert.equal(status, 0, said);
  assert.match(said, new RegExp(`${idOf(first)} +\\| +1 `));
});

test('the old line is taken out too early: configtest and start refuse, and name how many documents need it', async () => {
  await portal.stopNode('');
  write([second]);
  const said = refused();
  assert.match(
    said,
    new RegExp(`the key "${idOf(first)}" is missing from the key file, and 1 documents and \\d+ codes need it`),
  );
  assert.match(said, /put its line back/);
  assert.doesNotMatch(said, /canary/);
  write([second, first]);
  portal.script('start');
  assert.ok((await bytesOf(old.id)).equals(old.bytes));
});

/** httpd, started with these keys while the vault's file system is not mounted; mount() mounts it. */
async function startUnmounted(lines) {
  const vault = join(portal.VAR, 'vault');
  const away = `${vault}.away`;
  const { uid, gid } = statSync(vault);
  await portal.stopNode('');
  renameSync(vault, away);
  mkdirSync(vault, { mode: 0o700 });
  chownSync(vault, uid, gid);
  write(lines);
  portal.script('start');
  return {
    vault,
    mount: () => {
      rmSync(vault, { recursive: true });
      renameSync(away, vault);
    },
  };
}

const status = async () => (await newClient().get('/status')).json;

/** Nobody is served, nothing is kept, and it is said once which line to put back. */
async function isLocked(seen, { files, tries }) {
  for (const answer of [
    await desk.publish(externalId('R'), metadataOf(of), makePdf()),
    await desk.get(`/integration/acceptances/${slip.acceptance}/slip`),
    await of.client.get(`/documents/${old.id}/content`),
    await newClient().post('/session', { login: of.mobile, password: of.password }),
    await newClient().post('/password-resets', { login: of.mobile }),
  ]) {
    assert.deepEqual([answer.status, answer.problem], [503, 'unavailable']);
    assert.ok(Number(answer.headers['retry-after']) > 0);
  }
  const health = await status();
  assert.deepEqual([health.vault, health.status], ['locked', 'failing']);
  assert.equal(await operator.metric(`dossier_vault_up{folder="${join(portal.VAR, 'vault')}"}`), 0);
  assert.equal(
    portal
      .log()
      .read(seen)
      .match(new RegExp(`DOS0436: .*the key "${idOf(first)}" .*put its line back`, 'g')).length,
    1,
  );
  assert.doesNotMatch(portal.log().read(seen), /DOS020/);
  assert.equal(portal.objects().length, files, 'not a byte is kept');
  assert.equal(portal.sql('SELECT count(*) FROM dossier_data.verification_code'), tries, 'no code is made');
}

/** The SMS of a code that is sealed with the first key and has not left: [its id, its number]. It leaves when it is due(). */
async function unsent() {
  const { mobile } = await steps.register();
  const perMinute = portal.sql("SELECT value FROM dossier_data.throttle_limit WHERE name = 'sms_per_minute'");
  const limit = (value) =>
    portal.sql(`UPDATE dossier_data.throttle_limit SET value = ${value} WHERE name = 'sms_per_minute'`);
  write([first, second]);
  await portal.graceful();
  limit(0);
  assert.equal((await newClient().post('/password-resets', { login: mobile })).status, 202);
  const id =
    portal.sql(`UPDATE dossier_data.outbox SET not_before = give_up_at, give_up_at = give_up_at + interval '1 day'
    WHERE recipient = ${literal(mobile)} AND state = 'queued' AND sealed LIKE ${literal(`${idOf(first)}:%`)} RETURNING id`);
  assert.ok(id, 'a message that waits');
  limit(perMinute);
  write([second, first]);
  await portal.graceful();
  return [id, mobile];
}

const due = (id) => portal.sql(`UPDATE dossier_data.outbox SET not_before = now() WHERE id = ${literal(id)}`);
const standing = (id) =>
  portal.sql(`SELECT concat_ws(' ', state, tries) FROM dossier_data.outbox WHERE id = ${literal(id)}`);

/** What was made under a key that is not there is no wrong code: it is said so, and not one try is counted. */
async function countsNothing(work) {
  const { id } = (await newClient().post('/password-resets', { login: waiting.mobile })).json;
  const code = await outbox.code(waiting.mobile);
  const made = `flow_id = ${literal(id)}`;
  portal.sql(`UPDATE dossier_data.verification_code SET key_id = ${literal(idOf(first))} WHERE ${made}`);
  const activation = await steps.activationBody(waiting);
  const activate = () => waiting.client.post(`/patients/${waiting.patient.id}/activation`, activation);
  const reset = () =>
    newClient().post(`/password-resets/${id}/verification`, { code, password: 'la volpe e il tasso 7' });
  const { codice_fiscale, activation_code, mobile: login } = waiting;
  const version = await steps.noticeVersion('portal');
  const forgotten = () => newClient().post('/password-resets', { login, codice_fiscale, activation_code });
  const start = () => newClient().post('/registrations', { ...registrationBody(waiting, version), activation_code });
  await work(async () => {
    const seen = portal.log().size();
    for (let i = 0; i < 6; i += 1) {
      for (const answer of [
        await activate(),
        await reset(),
        await forgotten(),
        await start(),
        await desk.get(`/integration/acceptances/${waiting.acceptance}/slip`),
      ]) {
        assert.deepEqual([answer.status, answer.problem], [503, 'unavailable']);
      }
    }
    for (const id of ['DOS0203', 'DOS0281', 'DOS0340'])
      assert.match(portal.log().read(seen), new RegExp(`${id}: .*put the line of that key back`));
  });
  portal.sql(`UPDATE dossier_data.verification_code SET key_id = 'second' WHERE ${made}`);
  assert.equal((await desk.get(`/integration/acceptances/${waiting.acceptance}/slip`)).status, 200);
  assert.equal((await activate()).status, 200);
  assert.equal((await reset()).status, 204);
  assert.equal((await forgotten()).status, 202);
  assert.equal((await start()).status, 202);
}

for (const [what, lines, known] of [
  ['another key of the same id', () => [second, newKey(idOf(first))], true],
  ['a needed line taken out', () => [second], false],
]) {
  test(`${what}, started while the vault is not mounted: told and refused, ${known ? 'at once' : 'once it is'}`, async () => {
    const before = {
      files: portal.objects().length,
      tries: portal.sql('SELECT count(*) FROM dossier_data.verification_code'),
    };
    const started = portal.log().size();
    const { vault, mount } = await startUnmounted(lines());
    if (known) {
      await isLocked(started, { ...before, files: 0 });
    } else {
      assert.equal((await status()).vault, 'missing');
      assert.equal((await desk.publish(externalId('R'), metadataOf(of), makePdf())).status, 503);
    }
    await operator.metric('dossier_vault_documents');
    assert.deepEqual(readdirSync(vault), [], 'nothing is made below the mount point');
    const seen = portal.log().size();
    mount();
    await isLocked(known ? started : seen, before);
    write([second, first]);
    await portal.graceful();
    await until(async () => (await status()).vault === 'ok', 'the vault to be taken up', 75);
    assert.ok((await bytesOf(old.id)).equals(old.bytes));
    assert.match(portal.log().read(seen), /DOS0513: /);
  });
}

test('codes whose key is not there, while the vault is not mounted either: 503, and they are right when it is', () =>
  countsNothing(async (refused) => {
    const { mount } = await startUnmounted([second]);
    await refused();
    await portal.stopNode('');
    mount();
    write([second, first]);
    portal.script('start');
  }));

test('a message whose key is not there waits for it, and says so once; it leaves when the key is back', async () => {
  const [id, mobile] = await unsent();
  const seen = portal.log().size();
  const { mount } = await startUnmounted([second]);
  const missing = new RegExp(`DOS0282: .*key ${idOf(first)}, .*put the line of that key back`, 'g');
  due(id);
  await until(() => missing.test(portal.log().read(seen)), 'the log to name the key', 40);
  assert.equal((await newClient().post('/password-resets', { login: of.mobile })).status, 202);
  assert.match(await outbox.code(of.mobile), /^\d{6}$/); // others leave meanwhile
  assert.equal(standing(id), 'queued 0');
  assert.equal(portal.log().read(seen).match(missing).length, 1);
  assert.doesNotMatch(portal.log().read(seen), /DOS040[45]/);
  await portal.stopNode('');
  mount();
  write([second, first]);
  portal.script('start');
  assert.match(await outbox.code(mobile), /^\d{6}$/);
  await until(() => standing(id) === 'sent 1', 'the message to be known as sent');
});

test('a key that is lost for good: the portal starts, and says what cannot be read', async () => {
  const [message] = await unsent();
  const seen = portal.log().size();
  write([second, `${idOf(first)} lost`]);
  await portal.graceful();
  await until(
    () => portal.log().read(seen).includes(`DOS0431: 1 documents and `),
    'the log to say which key is missing',
    40,
  );
  assert.equal(await operator.metric(`dossier_key_held{key="${idOf(first)}"}`), 0);
  due(message);
  await until(() => standing(message) === 'failed 1', 'a message that nobody can write any more to be given up', 40);
  const answer = await of.client.get(`/documents/${old.id}/content`);
  assert.deepEqual([answer.status, answer.problem], [500, 'document-key-missing']);
  assert.match(portal.log().read(seen), new RegExp(`DOS0205: document ${old.id} is wrapped with key "${idOf(first)}"`));
  await assert.rejects(of.client.get('/export'), 'half an archive looked whole');
  assert.match(portal.log().read(seen), new RegExp(`DOS0208: document ${old.id} .* "${idOf(first)}"`));
  write([second, first]); // it was found after all
  await reload(() => /^1 /.test(noteOf(idOf(first))));
  assert.ok((await bytesOf(old.id)).equals(old.bytes));
});

test('the old line goes when no row needs it any more', async () => {
  assert.equal((await desk.delete(`/integration/documents/${old.external_id}`)).status, 200);
  portal.sql(`UPDATE dossier_data.activation_code SET expires_at = now() WHERE key_id = ${literal(idOf(first))}`);
  portal.sql(`UPDATE dossier_data.verification_code SET expires_at = now() WHERE key_id = ${literal(idOf(first))}`);
  await reload(() => /^0 0 /.test(noteOf(idOf(first))));
  assert.doesNotMatch(portal.operator('key', 'list').said, new RegExp(idOf(first)));
  write([second]);
  await portal.graceful();
  const { id, bytes } = await steps.publish(of);
  assert.ok((await bytesOf(id)).equals(bytes));
  await portal.stopNode('');
  portal.script('start');
  assert.ok((await bytesOf(id)).equals(bytes));
});
