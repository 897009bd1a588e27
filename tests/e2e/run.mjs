// Runs the HTTP journeys in lanes: each lane has a portal of its own, and takes one file after the other (the files of a
// lane share its error log). A file is printed whole when it has ended.
//   node e2e/run.mjs [name…]     only files whose name holds one of the words
//   E2E_LANES=1                  all in one lane; else two
//   E2E_SHORT=1                  64 MiB instead of 1 GiB in large.test.mjs
//   E2E_SHUFFLE=1                in a random order
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { neverSeen } from './lib/contract.mjs';
import { remembered, sweep } from './lib/canaries.mjs';
import { Portal } from './lib/portal.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const words = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.test.mjs'))
  .filter((name) => !words.length || words.some((word) => name.includes(word)))
  .sort((a, b) => statSync(join(folder, b)).size - statSync(join(folder, a)).size); // so that no long one is left for the end
if (process.env.E2E_SHUFFLE) files.sort(() => Math.random() - 0.5);
if (!files.length) throw new Error(`no test file fits ${words}`);

/** Whether the file passed; what it printed comes out in one piece. */
function run(file, env) {
  return new Promise((done, fail) => {
    const began = Date.now();
    const printed = [];
    const child = spawn(process.execPath, ['--test-reporter=spec', join(folder, file)], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => printed.push(piece));
    child.on('error', fail);
    child.on('close', (code) => {
      console.log(`\n== ${file} (${Math.round((Date.now() - began) / 1000)} s)\n${Buffer.concat(printed)}`);
      done(code === 0);
    });
  });
}

const began = Date.now();
const lanes = [];
const stop = () => lanes.forEach((portal) => portal.stop());
process.on('exit', stop);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
while (lanes.length < Math.min(files.length, Number(process.env.E2E_LANES ?? 2))) lanes.push(await Portal.start());

const failed = [];
const seen = join(lanes[0].VAR, 'e2e-seen'); // of all lanes: each line is one short append
const queue = [...files];

async function drive(portal) {
  const complaints = portal.log().complaints();
  for (const line of complaints) console.error(`at start: ${line}`);
  if (complaints.length) failed.push('(start)');
  const env = { ...process.env, E2E_PORTAL: JSON.stringify(portal), E2E_SEEN: seen };
  for (let file = queue.shift(); file; file = queue.shift()) {
    if (!(await run(file, env))) failed.push(file);
  }
}

await Promise.all(lanes.map(drive));

// httpd gives these to any request it cannot read; security.test.mjs provokes them at one address.
const HTTPD = /^\w+ (400 urn:mantova-dossier:problem:bad-request|408 )|^headDocument 400$/;
const unseen = words.length ? [] : neverSeen(seen).filter((line) => !HTTPD.test(line));
for (const line of unseen) console.error(`described, but no test got it: ${line}`);
if (unseen.length) failed.push('(described answers never seen)');

for (const portal of lanes) {
  const secrets = remembered(portal.VAR);
  const leaks = sweep(portal, [...secrets, ...Object.values(portal.keys)]);
  console.log(
    `\n${secrets.length} names, numbers, codes, tokens and passwords looked for in the logs and in the audit`,
  );
  for (const [where, secret] of leaks.slice(0, 20)) console.error(`found in ${where}: ${secret}`);
  if (leaks.length || (!secrets.length && !words.length)) failed.push('(secrets in logs)');
}
if (failed.length && process.env.E2E_KEEP) {
  process.off('exit', stop);
  for (const portal of lanes) console.error(`kept: VAR=${portal.VAR} PORT=${portal.port}`);
}
const wrong = failed.length ? `; failed: ${failed.join(', ')}` : '';
console.log(
  `\n${files.filter((file) => !failed.includes(file)).length} of ${files.length} files passed in ${Math.round((Date.now() - began) / 1000)} s${wrong}`,
);
process.exitCode = failed.length ? 1 : 0;
