// The commands of docs/, for tests to type them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './portal.mjs';

/** The fenced blocks of a page behind lines `<!-- MARK -->`, one after the other. */
export function commandsOf(page, mark) {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
  const found = [...text.matchAll(/^<!-- (.*) -->\n+```[a-z]*\n([\s\S]*?)^```$/gm)].filter(([, at]) => at === mark);
  assert.ok(found.length, `docs/${page} has no block marked <!-- ${mark} -->`);
  return found.map(([, , block]) => block).join('\n');
}
