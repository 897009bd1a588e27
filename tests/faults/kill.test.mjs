// Processes die by SIGKILL while documents are published: what was acknowledged is there, what was not is
// there whole or not at all. PUBLICATIONS=200 runs longer.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../e2e/lib/http.mjs';
import { Outbox } from '../e2e/lib/outbox.mjs';
import { makePdf } from '../e2e/lib/pdf.mjs';
import { externalId, metadataOf } from '../e2e/lib/people.mjs';
import { Portal, until } from '../e2e/lib/portal.mjs';
import { Steps } from '../e2e/lib/steps.mjs';

const PUBLICATIONS = Number(process.env.PUBLICATIONS ?? 40);
const WRITERS = 4;

const portal = await Portal.start();
process.on('exit', () => portal.stop());
const newClient = (options) => new Client(portal, options);
const desk = newClient({ key: portal.keys.desk });
const steps = new Steps({ portal, outbox: new Outbox(portal), desk, newClient });

const children = (parent) =>
  readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

function kill(id) {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}

/** One of Apache's children; the parent makes a new one. */
function killChild() {
  const living = children(portal.parent());
  if (living.length) kill(living[randomInt(living.length)]);
}

/** PostgreSQL as a whole, as when a machine's power goes. */
async function killPostgres() {
  const postmaster = Number(readFileSync(join(portal.VAR, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const all = [postmaster, ...children(postmaster)];
  all.forEach(kill);
  await until(() => all.every((id) => !alive(id)), 'PostgreSQL to end');
  // the id in them may still be that of a zombie, or another's by now
  for (const left of [join(portal.VAR, 'pg', 'postmaster.pid'), join(portal.socket, '.s.PGSQL.5432.lock')])
    rmSync(left, { force: true });
  portal.startPostgres();
}

function alive(id) {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** A document large enough for a kill to fall into it. */
function document() {
  const pdf = makePdf();
  return Buffer.concat([pdf, Buffer.from('\n%'), Buffer.from(randomBytes(randomInt(1, 600_000)).toString('base64'))]);
}

/** One publication; the answer, or null when it was lost. */
async function publish(of, id, bytes) {
  try {
    const answer = await desk.publish(id, metadataOf(of), bytes, { unchecked: true, timeout: 20_000 });
    return [200, 201].includes(answer.status) ? JSON.parse(answer.text) : null;
  } catch {
    return null;
  }
}

async function write(of, sent, next) {
  while (next()) {
    const known = [...sent.keys()];
    const replaces = known.length && randomInt(4) === 0;
    const id = replaces ? known[randomInt(known.length)] : externalId('R');
    const entry = sent.get(id) ?? { attempts: [], acknowledged: null, busy: false };
    if (entry.busy) continue;
    sent.set(id, Object.assign(entry, { busy: true }));
    const bytes = document();
    entry.attempts.push(bytes);
    const answer = await publish(of, id, bytes);
    if (answer) entry.acknowledged = { bytes, answer };
    else await sleep(200); // or all of them fall into one outage
    entry.busy = false;
  }
}

async function read(of, id) {
  const answer = await of.client.get(`/documents/${id}/content`, { unchecked: true });
  assert.equal(answer.status, 200, `document ${id}: ${answer.status} ${answer.text.slice(0, 200)}`);
  return answer.body;
}

test(`${PUBLICATIONS} publications while processes are killed`, async () => {
  const of = await steps.activate();
  const sent = new Map();
  let left = PUBLICATIONS;
  let running = true;
  const kills = { child: 0, postgres: 0 };

  const killer = (async () => {
    while (running) {
      await sleep(randomInt(10, 250));
      if (randomInt(3)) {
        killChild();
        kills.child += 1;
      } else {
        await killPostgres();
        kills.postgres += 1;
      }
    }
  })();
  try {
    await Promise.all(Array.from({ length: WRITERS }, () => write(of, sent, () => left-- > 0)));
  } finally {
    running = false;
    await killer;
  }
  await until(
    async () =>
      (
        await newClient()
          .get('/status', { unchecked: true })
          .catch(() => ({}))
      ).status === 200,
    'the portal to be well',
    30,
  );

  const acknowledged = [...sent.values()].filter((entry) => entry.acknowledged);
  for (const entry of acknowledged) {
    const bytes = await read(of, entry.acknowledged.answer.id);
    // a later attempt whose answer was lost may have been stored; an earlier one may not have come back
    const first = entry.attempts.indexOf(entry.acknowledged.bytes);
    assert.ok(
      entry.attempts.slice(first).some((attempt) => attempt.equals(bytes)),
      'the document acknowledged last, or a later one',
    );
  }
  let whole = 0;
  for (const [id, entry] of sent) {
    if (entry.acknowledged) continue;
    const state = await desk.get(`/integration/documents/${id}`, { unchecked: true });
    if (state.status === 404) continue;
    const bytes = await read(of, JSON.parse(state.text).id);
    assert.ok(
      entry.attempts.some((attempt) => attempt.equals(bytes)),
      'whole, though its answer was lost',
    );
    whole += 1;
  }
  // nothing listed that cannot be read, and nothing nobody sent
  let cursor;
  let listed = 0;
  do {
    const { json } = await of.client.get(`/patients/${of.patient.id}/documents`, {
      query: { limit: '100', ...(cursor && { cursor }) },
    });
    for (const { id } of json.documents) await read(of, id);
    listed += json.documents.length;
    cursor = json.next;
  } while (cursor);
  assert.equal(listed, acknowledged.length + whole);
  console.log(
    `killed ${kills.child} children and PostgreSQL ${kills.postgres} times; ${sent.size} documents, ${acknowledged.length} acknowledged, ${whole} more stored whole`,
  );
});
