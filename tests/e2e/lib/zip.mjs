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
  const { status, stderr } = spawnSync('unzip', ['-qq', 'export.zip', '-d', 'out'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  assert.equal(status, 0, stderr);
  const files = {};
  for (const entry of readdirSync(join(folder, 'out'), { withFileTypes: true, recursive: true })) {
    const at = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile()) files[at.slice(join(folder, 'out').length + 1)] = readFileSync(at);
  }
  rmSync(folder, { recursive: true });
  return files;
}

/** {name: "2026-11-24 10:00:30"}, as Python reads them. */
export function datesOf(bytes) {
  const program =
    'import io, json, sys, zipfile; z = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())); print(json.dumps({i.filename: "%d-%02d-%02d %02d:%02d:%02d" % i.date_time for i in z.infolist()}))';
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', program], { input: bytes, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}
