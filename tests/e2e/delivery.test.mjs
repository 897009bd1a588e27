// A thousand messages through a gateway that misbehaves: each arrives, and twice only where the gateway took it and the answer
// was lost, then with the same id. MESSAGES=200 is quicker.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Portal, until } from './lib/portal.mjs';
import { StandIn, makeFolder } from '../outbound/stage.mjs';

const MESSAGES = Number(process.env.MESSAGES ?? 1000);
const folder = makeFolder();
const gateway = await StandIn.start('gateway.py');
after(() => gateway.stop());
process.env.GATEWAYS = join(folder, 'gateways.conf');
writeFileSync(
  process.env.GATEWAYS,
  [
    `DossierSmsGateway POST "http://127.0.0.1:${gateway.port}/v1/messages" timeout 5 body '{"recipient": "{to}", "message": "{text}", "reference": "{id}"}'`,
    'DossierSmsLimits 32 0',
    '',
  ].join('\n'),
  { mode: 0o644 },
);
const portal = await Portal.start();
process.prependListener('exit', () => portal.stop());
portal.sql(
  "UPDATE dossier_data.throttle_limit SET value = 1000000 WHERE name IN ('sms_per_minute', 'sms_per_hour', 'sms_per_day')",
);

const referenceOf = (request) => JSON.parse(request.body).reference;
let batch = 0;

/** Queues alerts to numbers of their own, in one transaction; returns their batch. */
function queue(count = MESSAGES) {
  batch += 1;
  const prefix = `+393${String(batch).padStart(2, '0')}${randomInt(10, 99)}`;
  portal.sql(`INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, due_at, not_before, give_up_at)
    SELECT 'sms', '${prefix}' || lpad(n::text, 5, '0'), 'new_documents', 'it', 2, now(), now(), now() + interval '1 hour' FROM generate_series(1, ${count}) n`);
  return prefix;
}

const count = (prefix, state) =>
  Number(
    portal.sql(`SELECT count(*) FROM dossier_data.outbox WHERE recipient LIKE '${prefix}%' AND state = '${state}'`),
  );
const allSent = (prefix, total = MESSAGES) =>
  until(() => count(prefix, 'sent') === total, `${total} messages to be sent`, 90);
const LOST = /^(reset|hang)$/;

/** {reference: [mode of each request that the gateway took]}, by what it recorded. */
async function taken(prefix) {
  const requests = await gateway.received((request) => request.body.includes(prefix) && !/^\d+$/.test(request.mode));
  const byReference = new Map();
  for (const request of requests) {
    const reference = referenceOf(request);
    byReference.set(reference, [...(byReference.get(reference) ?? []), request.mode]);
  }
  return byReference;
}

/** Each at least once; more than once only behind an answer that was lost. How many came again. */
async function check(
  prefix,
  mayRepeat = (modes) => modes.slice(0, -1).every((mode) => LOST.test(mode)),
  total = MESSAGES,
) {
  const all = await taken(prefix);
  assert.equal(all.size, total, 'each message arrived');
  const ids = new Set(portal.rows(`SELECT id FROM dossier_data.outbox WHERE recipient LIKE '${prefix}%'`).flat());
  let again = 0;
  for (const [reference, modes] of all) {
    assert.ok(ids.has(reference), "the id is the message's own");
    if (modes.length > 1) {
      again += 1;
      assert.ok(mayRepeat(modes, reference), `${reference} came ${modes.length} times: ${modes}`);
    }
  }
  return again;
}

for (const [mode, what] of [
  ['500:7', 'answers 500'],
  ['reset:9', 'takes the message and resets the line'],
  ['hang:97', 'takes the message and hangs'],
  ['late:50', 'answers late'],
  ['twice', 'answers twice'],
]) {
  test(`${MESSAGES} messages through a gateway that ${what}`, async () => {
    await gateway.mode(mode);
    const prefix = queue();
    await allSent(prefix);
    const again = await check(prefix);
    if (LOST.test(mode.split(':')[0])) assert.ok(again > 0, 'none was repeated, so nothing was tried');
    else assert.equal(again, 0);
  });
}

test('while the gateway is down it is left alone, and a code waits for no alert when it is back', async () => {
  await gateway.mode('503');
  const before = (await gateway.received()).length;
  const prefix = queue();
  await until(() => /DOS0404/.test(portal.log().read()), 'the log to say so');
  const from = (await until(async () => (await gateway.received()).length > before + 4 && gateway.received())).length;
  await until(async () => (await gateway.received()).length > from + 1, 'a probe after a pause', 60);
  const during = (await gateway.received()).length - before;
  assert.ok(during < 150, `${during} requests while it was down`);
  await gateway.mode('ok');
  await allSent(prefix);
  assert.equal(await check(prefix), 0);
});

test('a message of high priority leaves within a second while a thousand alerts wait', async () => {
  await gateway.mode('late:3'); // a third of the alerts take three seconds
  const prefix = queue();
  await until(() => count(prefix, 'sent') > 50, 'the alerts to be on their way');
  const times = [];
  for (let i = 0; i < 5; i++) {
    const number = `+3939${randomInt(10000000, 99999999)}`;
    portal.sql(`INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, due_at, not_before, give_up_at)
      VALUES ('sms', '${number}', 'mobile_corrected', 'it', 0, now(), now(), now() + interval '10 minutes')`);
    const [request] = await gateway.await(({ body }) => body.includes(number));
    times.push(
      request.at -
        Number(
          portal.sql(`SELECT extract(epoch FROM created_at) FROM dossier_data.outbox WHERE recipient = '${number}'`),
        ),
    );
  }
  times.sort((a, b) => a - b);
  assert.ok(times[2] < 1, `${times} s`);
  await gateway.mode('ok');
  await allSent(prefix);
});

const lostTries = (prefix) =>
  new Set(
    portal
      .rows(
        `SELECT o.id FROM dossier_data.outbox o JOIN dossier_data.outbox_try t ON t.outbox_id = o.id
  WHERE o.recipient LIKE '${prefix}%' AND t.outcome = 'lost'`,
      )
      .flat(),
  );

test('the child that sends is killed in mid-flight: only what it had in hand may come again', async () => {
  await gateway.mode('ok');
  const prefix = queue();
  await until(() => count(prefix, 'sent') > 100, 'the messages to be on their way');
  const worker = await until(
    () => portal.sql('SELECT claimed_by FROM dossier_data.outbox WHERE claimed_by IS NOT NULL LIMIT 1'),
    'a worker',
  );
  process.kill(Number(worker.split(':')[1]), 'SIGKILL');
  await allSent(prefix);
  const lost = lostTries(prefix);
  assert.ok(lost.size <= 32);
  await check(prefix, (modes, reference) => lost.has(reference));
});

test('PostgreSQL restarts in mid-flight: nothing is lost, nothing comes twice', async () => {
  const prefix = queue();
  await until(() => count(prefix, 'sent') > 100, 'the messages to be on their way');
  portal.restartPostgres();
  await allSent(prefix);
  assert.equal(await check(prefix), 0);
});

test('two nodes share the queue and send nothing twice', async () => {
  await portal.startNode();
  const prefix = queue();
  await allSent(prefix);
  assert.equal(await check(prefix), 0);
  const workers = portal.sql(
    `SELECT count(DISTINCT t.worker) FROM dossier_data.outbox_try t JOIN dossier_data.outbox o ON o.id = t.outbox_id WHERE o.recipient LIKE '${prefix}%'`,
  );
  assert.equal(workers, '2');
});
