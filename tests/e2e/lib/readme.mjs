// The README's own commands, for tests to type them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './portal.mjs';

/** The fenced blocks behind lines `<!-- MARK -->`, one after the other. */
export function readmeCommands(mark) {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const found = [...text.matchAll(/^<!-- (.*) -->\n+```[a-z]*\n([\s\S]*?)^```$/gm)].filter(([, at]) => at === mark);
  assert.ok(found.length, `README.md has no block marked <!-- ${mark} -->`);
  return found.map(([, , block]) => block).join('\n');
}
