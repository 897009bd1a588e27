// How fast the portal is, as ratios to yardsticks that are measured in turn with it on the same machine: figures of two
// machines, or of two days, cannot be compared, ratios can. Nothing here fails for being slow. README.md says more.
import assert from 'node:assert/strict';
import { accessSync, chmodSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ROOT } from '../e2e/lib/portal.mjs';
import { chosen, measures } from './contest.mjs';
import { Site } from './httpd.mjs';
import { PeerProcess } from './peer_process.mjs';
import { shareAlike } from './processors.mjs';
import { endPrograms } from './programs.mjs';
import { show, summarize } from './report.mjs';
import { measureInTurn, verify } from './rounds.mjs';
import { Subject } from './subject.mjs';

const { TREE, AGAINST, ONLY, JSON: file, SHORT, BUILD } = process.env;
const [rounds, seconds, lead] = SHORT ? [1, 1, 0] : [5, 2, 1];

const began = Date.now();
const say = (text) => console.error(`${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${text}`);

/** What is named must be there before minutes are spent. */
function need(path, what, mode) {
  try {
    accessSync(path, mode);
  } catch {
    console.error(`make bench: ${what}: ${path} is not there`);
    process.exit(1);
  }
}
for (const tree of [TREE, AGAINST].filter(Boolean)) {
  need(join(resolve(tree), 'apxs-build.sh'), 'TREE and AGAINST name checkouts', constants.X_OK);
}
if (file) need(dirname(resolve(file)), 'the folder of JSON', constants.W_OK);

const alike = shareAlike();
const folder = mkdtempSync(join(tmpdir(), 'dossier-bench-'));
const subjects = [new Subject(resolve(TREE || ROOT), 'now')];
if (AGAINST) subjects.push(new Subject(resolve(AGAINST), 'before'));
const peer = new PeerProcess();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
process.on('exit', () => {
  endPrograms();
  peer.stop();
  for (const subject of subjects) subject.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function prepare() {
  const site = new Site(folder);
  for (const subject of subjects) {
    say(`starts the portal "${subject.name}", and the people in it`);
    await subject.start(site.configuration);
    await subject.populate(folder);
  }
  const [first] = subjects;
  await peer.start(first);
  await site.join(first, await peer.compare(first));
  const programs = { upload: join(ROOT, BUILD || 'build', 'bench', 'upload') };
  programs.password = join(ROOT, BUILD || 'build', 'bench', 'password');
  return measures({ subjects, site, peer, folder, programs });
}

chmodSync(folder, 0o755); // the servers' user reads in it
const { all, ratios } = chosen(ONLY?.match(/[^\s,]+/g) ?? [], await prepare());
say('asks everything once');
await verify(all);
if (!SHORT) {
  say('warms up');
  await measureInTurn(all, { subjects, rounds: 1, seconds: 1, say: () => {} }); // httpd starts threads
  await peer.warm(subjects[0], folder);
}
const connected = peer.connected(subjects[0]);
const { figures, others } = await measureInTurn(all, { subjects, rounds, seconds, lead, say });
for (const subject of subjects) subject.assertAlive();
const still = peer.connected(subjects[0]);
assert.ok(
  connected.every((id) => still.includes(id)),
  'the peer lost connections to the database, and was measured connecting',
);
const took = Math.round((Date.now() - began) / 1000);
const summary = summarize({
  subjects,
  measures: all,
  figures,
  ratios,
  settings: { rounds, seconds, lead, took, alike, others },
});
if (file) writeFileSync(file, `${JSON.stringify(summary, null, 2)}\n`);
console.log(show(summary));
process.exit(0);
