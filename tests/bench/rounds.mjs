// Measures everything in turn, several times over, so that what the machine does besides meets all of it alike.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { busy } from './processors.mjs';
import { ask } from './programs.mjs';

export const keyOf = ({ id, subject }) => (subject ? `${id} ${subject.name}` : id);

/** Each load's requests of each account, once, before anything is measured: what answers an error is fast. */
export async function verify(measures) {
  for (const { what, load } of measures) {
    for (const request of load?.requests ?? []) {
      const body = request.body && readFileSync(request.body);
      const headers = { ...request.headers, ...(body && { 'Content-Length': body.length }) };
      const answer = await ask(load.port, { ...request, headers }, body);
      assert.ok(
        answer.status === 200 || answer.status === 201,
        `${what}: ${answer.status} ${answer.body.slice(0, 500)}`,
      );
      assert.ok(answer.body.length > 0, `${what}: an empty answer`);
    }
  }
}

/**
 * Rounds of so many seconds for each measure, every second one backwards: {figures: a Map from keyOf() to a list of them,
 * others: how many processors others kept busy before each round}.
 * Before a round the databases are refreshed, and before each measure comes the same for `lead` seconds that do not
 * count: statements are planned anew, and what the former measure left in the processors' caches goes.
 */
export async function measureInTurn(measures, { subjects, rounds, seconds, lead, say }) {
  const idle = () => Promise.all(subjects.map((subject) => subject.idle()));
  const figures = new Map(measures.map((measure) => [keyOf(measure), []]));
  const others = [];
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    subjects.forEach((subject) => subject.refresh());
    others.push(await busy());
    for (const measure of round % 2 ? measures.toReversed() : measures) {
      if (lead) await measure.measure(lead);
      await idle();
      figures.get(keyOf(measure)).push(await measure.measure(seconds));
      await idle();
    }
  }
  return { figures, others };
}
