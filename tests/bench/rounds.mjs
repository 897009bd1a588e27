// Measures everything in turn, several times over, so that what the machine does besides meets all of it alike.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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

/** Rounds of so many seconds for each measure, every second one backwards: a Map from keyOf() to a list of figures. */
export async function measureInTurn(measures, rounds, seconds, say) {
  const figures = new Map(measures.map((measure) => [keyOf(measure), []]));
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    for (const measure of round % 2 ? measures.toReversed() : measures) {
      figures.get(keyOf(measure)).push(await measure.measure(seconds));
    }
  }
  return figures;
}
