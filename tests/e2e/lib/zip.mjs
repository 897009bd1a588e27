// Archives as others' programs read them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Unpacks with Debian's unzip: {name: bytes}. */
export function unpack(bytes) {
  const folder = mkdtempSync(join(tmpdir(), 'dossier-export-'));
  writeFileSync(join(folder, 'export.zip'), bytes);
  const { status, stderr } = spawnSync('unzip', ['-qq', 'export.zip', '-d', 'out'], { cwd: folder, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  assert.equal(status, 0, stderr);
  const files = {};
  for (const entry of readdirSync(join(folder, 'out'), { withFileTypes: true, recursive: true })) {
    const at = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile()) files[at.slice(join(folder, 'out').length + 1)] = readFileSync(at);
  }
  rmSync(folder, { recursive: true });
  return files;
}
