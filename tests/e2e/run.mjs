// Runs the HTTP journeys: one portal for all files, one file after the other (they share the error log).
//   node e2e/run.mjs [name…]     only files whose name holds one of the words
//   E2E_SHORT=1                  64 MiB instead of 1 GiB in large.test.mjs
//   E2E_SHUFFLE=1                in a random order
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
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
  .sort();
if (process.env.E2E_SHUFFLE) files.sort(() => Math.random() - 0.5);
if (!files.length) throw new Error(`no test file fits ${words}`);

function run(file, env) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ['--test-reporter=spec', `${folder}${file}`], { env, stdio: 'inherit' });
    child.on('error', fail);
    child.on('exit', (code) => done(code === 0));
  });
}

const began = Date.now();
const portal = await Portal.start();
const seen = join(portal.VAR, 'e2e-seen');
const stop = () => portal.stop();
process.on('exit', stop);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

const complaints = portal.log().complaints();
for (const line of complaints) console.error(`at start: ${line}`);
const failed = complaints.length ? ['(start)'] : [];
for (const file of files) {
  console.log(`\n== ${file}`);
  const env = { ...process.env, E2E_PORTAL: JSON.stringify(portal), E2E_SEEN: seen };
  if (!(await run(file, env))) failed.push(file);
}
// httpd gives these to any request it cannot read; security.test.mjs provokes them at one address.
const HTTPD = /^\w+ (400 urn:mantova-dossier:problem:bad-request|408 )|^headDocument 400$/;
const unseen = words.length ? [] : neverSeen(seen).filter((line) => !HTTPD.test(line));
for (const line of unseen) console.error(`described, but no test got it: ${line}`);
if (unseen.length) failed.push('(described answers never seen)');
const secrets = remembered(portal.VAR);
const leaks = sweep(portal, [...secrets, ...Object.values(portal.keys)]);
console.log(`\n${secrets.length} names, numbers, codes, tokens and passwords looked for in the logs and in the audit`);
for (const [where, secret] of leaks.slice(0, 20)) console.error(`found in ${where}: ${secret}`);
if (leaks.length || (!secrets.length && !words.length)) failed.push('(secrets in logs)');
if (failed.length && process.env.E2E_KEEP) {
  process.off('exit', stop);
  console.error(`kept: VAR=${portal.VAR} PORT=${portal.port}`);
}
console.log(`\n${files.length - failed.length} of ${files.length} files passed in ${Math.round((Date.now() - began) / 1000)} s${failed.length ? `; failed: ${failed.join(', ')}` : ''}`);
process.exitCode = failed.length ? 1 : 0;
