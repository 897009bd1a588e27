// What a test file uses: the portal, clients, and `test`, which reads the error log after each test.
import assert from 'node:assert/strict';
import { after, test as nodeTest } from 'node:test';
import { Client } from './http.mjs';
import { Outbox } from './outbox.mjs';
import { openPortal } from './portal.mjs';
import { Steps } from './steps.mjs';

export { until, literal } from './portal.mjs';

export const portal = await openPortal();
export const outbox = new Outbox(portal);

const clients = [];
const log = portal.log();
let seen = log.size(); // what comes between two tests is read by the second

export function newClient(options) {
  const client = new Client(portal, options);
  clients.push(client);
  return client;
}

/** The desk's system of San Pellegrino, and that of the other facility. */
export const desk = newClient({ key: portal.keys.desk });
export const otherDesk = newClient({ key: portal.keys.other });
export const steps = new Steps({ portal, outbox, desk, newClient });

after(() => clients.forEach((client) => client.close()));

/**
 * A test that fails on a line of the error log of level warn or worse. What a test provokes it says with
 * t.expectLog(pattern), and then the line must come; t.allowLog(pattern) is for what depends on the moment.
 */
export function test(name, options, body = options) {
  nodeTest(name, typeof options === 'function' ? {} : options, async (t) => {
    const expected = [];
    const allowed = [];
    t.expectLog = (...patterns) => expected.push(...patterns);
    t.allowLog = (...patterns) => allowed.push(...patterns);
    let lines;
    try {
      await body(t);
    } finally {
      lines = log.complaints(seen);
      seen = log.size();
    }
    const unexpected = lines.filter((line) => ![...expected, ...allowed].some((pattern) => pattern.test(line)));
    assert.ok(!unexpected.length, `unexpected lines in the error log:\n${unexpected.join('\n')}`);
    for (const pattern of expected) {
      assert.ok(
        lines.some((line) => pattern.test(line)),
        `the error log lacks ${pattern}`,
      );
    }
  });
}

/** An answer of this status and, for problems, of this type. */
export function expect(answer, status, problem) {
  assert.equal(
    answer.status,
    status,
    `expected ${status}${problem ? ` ${problem}` : ''}, got ${answer.status}: ${answer.text.slice(0, 600)}`,
  );
  if (problem) assert.equal(answer.problem, problem);
  return answer;
}

/** The fields a 422 names, as "field code", sorted. */
export const fieldErrors = (answer) => answer.json.errors.map(({ field, code }) => `${field} ${code}`).sort();
