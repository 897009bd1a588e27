// The portal comes back by itself, and what it had acknowledged is there.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { desk, expect, newClient, portal, steps, test, until } from './lib/suite.mjs';
import { Operator } from './lib/operator.mjs';
import { makePdf } from './lib/pdf.mjs';
import { acceptanceBody, externalId, person } from './lib/people.mjs';

// What a lost database leaves in the error log: the module's own line, the problem, mod_dbd's and mod_watchdog's.
const OUTAGE = [/DOS01\d\d: /, /DOS0010: .* 503 unavailable/, /DOS04\d\d: /, /\[dbd:/];

const operator = new Operator(newClient());
const healthy = async () => (await newClient().get('/status')).status === 200;

/** A crash of the database, and the wait until the portal is well again: at most five seconds. */
async function crash() {
  portal.restartPostgres();
  const began = Date.now();
  await until(healthy, 'the portal to be well again', 5);
  return Date.now() - began;
}

test('the database crashes between all steps of the journey', async (t) => {
  t.allowLog(...OUTAGE);
  const of = await steps.accept();
  await crash();
  const { client, id, code } = await steps.startRegistration(of);
  await crash();
  const { account } = expect(await client.post(`/registrations/${id}/verification`, { code }), 201).json;
  await crash();
  assert.deepEqual(expect(await client.get('/session'), 200).json, { account });
  const { patients } = expect(await client.get('/patients'), 200).json;
  await crash();
  Object.assign(of, { client, account, patient: patients[0] });
  await steps.activate(of);
  await crash();
  const document = await steps.publish(of);
  await crash();
  const content = expect(await client.get(`/documents/${document.id}/content`), 200);
  assert.ok(content.body.equals(document.bytes));
  await crash();
  assert.equal(expect(await desk.get(`/integration/documents/${document.external_id}`), 200).json.read, true);
});

test('the database crashes under load: answers are 201 or 503, and each 201 is kept', async (t) => {
  t.allowLog(...OUTAGE);
  const acknowledged = [];
  const outcomes = {};
  let going = true;
  const worker = async () => {
    const client = newClient({ key: portal.keys.desk });
    while (going) {
      const id = externalId();
      const body = acceptanceBody(person());
      const answer = await client.put(`/integration/acceptances/${id}`, body); // checked: 503 has Retry-After
      outcomes[answer.status] = (outcomes[answer.status] ?? 0) + 1;
      if (answer.status === 201) acknowledged.push([id, body]);
      else expect(answer, 503, 'unavailable');
    }
  };
  const workers = [worker(), worker(), worker(), worker()];
  try {
    await until(() => acknowledged.length > 20, 'the first acceptances');
    await crash();
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + 20, 'acceptances after the crash', 10);
  } finally {
    going = false;
    await Promise.all(workers);
  }
  t.diagnostic(`answers: ${JSON.stringify(outcomes)}`);
  for (const [id, body] of acknowledged) {
    const again = expect(await desk.put(`/integration/acceptances/${id}`, body), 200).json;
    assert.equal(again.changed, false, `acceptance ${id}`);
  }
});

test('without the database: 503 on every route that needs it, nothing half done, and no page of httpd', async (t) => {
  t.allowLog(...OUTAGE);
  const of = await steps.activate();
  const { id } = await steps.publish(of);
  const body = acceptanceBody(person());
  const acceptance = externalId();
  const files = portal.objects().length;
  portal.stopPostgres();
  const log = portal.log();
  const began = log.size();
  const waits = await operator.metric('dossier_database_wait_seconds_count');
  try {
    const calls = [
      of.client.get('/session'),
      of.client.get('/patients'),
      of.client.get(`/documents/${id}/content`),
      of.client.delete('/session'),
      newClient().get('/notices/portal'),
      newClient().post('/session', { login: of.mobile, password: of.password }),
      desk.put(`/integration/acceptances/${acceptance}`, body),
      newClient({ key: portal.keys.desk }).publish(externalId('R'), { title: 'x' }, makePdf()),
    ];
    for (const call of calls) {
      const answer = expect(await call, 503, 'unavailable');
      assert.ok(Number(answer.headers['retry-after']) > 0);
      assert.equal(answer.headers['set-cookie'], undefined);
    }
    const status = expect(await newClient().get('/status'), 503).json;
    assert.deepEqual(
      [status.status, status.database, status.vault, status.outbox],
      ['failing', 'unreachable', 'ok', null],
    );
    assert.equal(await operator.metric('dossier_database_wait_seconds_count'), waits, 'who is refused has not waited');
    const lines = log.complaints(began).filter((line) => /DOS0010: .* 503 unavailable/.test(line));
    assert.ok(lines.length <= 2, `one line a minute:\n${lines.join('\n')}`);
  } finally {
    portal.startPostgres();
  }
  await until(healthy, 'the portal to be well again', 5);
  assert.equal(expect(await of.client.get('/session'), 200).json.account.id, of.account.id);
  expect(await desk.put(`/integration/acceptances/${acceptance}`, body), 201);
  assert.equal(portal.objects().length, files);
});

test('a graceful restart cuts no download', async (t) => {
  t.allowLog(...OUTAGE); // a dispatcher may notice the crash before only now
  const of = await steps.activate();
  const { id, bytes } = await steps.publish(of, { bytes: makePdf('Lungo', 24 * 2 ** 20) });
  const received = [];
  let restarted;
  const answer = await of.client.get(`/documents/${id}/content`, {
    onData: async (chunk) => {
      received.push(chunk);
      restarted ??= portal.graceful();
      if (received.length === 5) await restarted; // meanwhile the rest has to wait
      if (received.length % 50 === 0) await sleep(5);
    },
  });
  assert.equal(answer.status, 200);
  assert.ok(Buffer.concat(received).equals(bytes), 'byte for byte');
  assert.ok(await healthy());
});

function kill(child) {
  try {
    process.kill(child, 'SIGKILL');
  } catch (error) {
    assert.equal(error.code, 'ESRCH'); // it has ended by itself
  }
}

test('children that are killed are replaced, and nobody is locked out', async (t) => {
  t.expectLog(/DOS0409: process \d+ crashed or was killed/);
  t.allowLog(...OUTAGE, /AH00052: child pid \d+ exit signal Killed/, /AH00288/);
  const of = await steps.register();
  // the graceful restart before may have left one that is about to end: of all of them one at least is in full work
  const [, ...children] = portal.processes();
  for (const child of children) kill(child);
  await until(() => !portal.processes().some((id) => children.includes(id)), 'the children to be reaped');
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => newClient().post('/session', { login: of.mobile, password: of.password })),
  );
  for (const answer of answers) assert.ok([200, 503].includes(answer.status), answer.text); // 503 busy: only two hash at once
  await until(
    async () => (await newClient().post('/session', { login: of.mobile, password: of.password })).status === 200,
    'a login',
    5,
  );
});
