// The programs that measure: wrk over TLS, pgbench, and the two of C. Each answers its figures; what fails is an error.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LOAD = fileURLToPath(new URL('load.lua', import.meta.url));
const MIB = 2 ** 20;
const LIMIT = 60_000; // ms; a program that takes longer hangs

const running = new Set();
let runs = 0;

/** Ends what still runs. For the end of this process, which may come at any moment. */
export function endPrograms() {
  for (const child of running) child.kill('SIGKILL');
}

/** What the program printed. */
export function run(command, args, env = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a session of its own, as httpd and the peer: processors.mjs
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    });
    const printed = [];
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => printed.push(piece));
    child.on('error', fail);
    child.on('close', (status, signal) => {
      running.delete(child);
      const text = Buffer.concat(printed).toString('utf8');
      if (status === 0) done(text);
      else fail(new Error(`${command} ${args.join(' ')}: ${signal ?? status} ${text}`));
    });
  });
}

/** As Lua reads it. The texts are paths, tokens and names of files: nothing that JSON escapes in another way. */
function lua(value) {
  if (typeof value !== 'object') return JSON.stringify(value);
  const items = Array.isArray(value)
    ? value.map(lua)
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => `[${JSON.stringify(name)}] = ${lua(item)}`);
  return `{${items.join(', ')}}`;
}

/**
 * Requests of a load, over TLS to 127.0.0.1: {count, rate: a second, mib: a second, median, p99: ms, cut: connections that ended
 * without an answer, as httpd ends idle ones when it is busy; wrk makes another, and no latency tells of it}.
 * @param {{port: number, requests: object[]}} load each request {method, path, headers, body: a file}
 * @param {{folder: string, seconds: number, connections: number}} options
 */
export async function requests({ port, requests: list }, { folder, seconds, connections }) {
  const file = join(folder, 'requests.lua');
  writeFileSync(file, `return ${lua(list)}\n`);
  const args = [
    '-t2',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '30s',
    '-s',
    LOAD,
    `https://127.0.0.1:${port}`,
  ];
  const output = await run('wrk', args, { REQUESTS: file, RUN: `B${process.pid}-${++runs}` });
  const found = JSON.parse(/^RESULT (.*)$/m.exec(output)?.[1] ?? '{}');
  assert.ok(found.bytes > 0 && found.failed === 0, `${list[0].path}: ${output}`);
  const took = found.microseconds / 1e6;
  return {
    count: found.requests,
    rate: found.requests / took,
    mib: found.bytes / took / MIB,
    median: found.median / 1000,
    p99: found.p99 / 1000,
    cut: found.cut,
  };
}

/** One of a load's requests: {status, headers, body}. */
export function ask(port, { method = 'GET', path, headers = {} }, payload) {
  return new Promise((done, fail) => {
    const options = { host: '127.0.0.1', port, method, path: path.replace('%', `first-${++runs}`), headers };
    // the certificate is for names, and wrk does not look at it either
    const request = https.request({ ...options, agent: false, rejectUnauthorized: false }, async (response) => {
      const chunks = [];
      try {
        for await (const chunk of response) chunks.push(chunk);
        done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
      } catch (error) {
        fail(error);
      }
    });
    request.on('error', fail);
    request.end(payload);
  });
}

/**
 * A script of pgbench straight at the database, as the role of the web server: {rate}. Its connections are new ones, which
 * have nothing planned: the first second does not count.
 */
export async function transactions(socket, script, { folder, seconds, connections }) {
  const file = join(folder, 'statements.sql');
  writeFileSync(file, script);
  const to = ['-h', socket, '-U', 'dossier_app', 'dossier'];
  const output = await run('pgbench', ['-n', '-P1', `-T${seconds + 1}`, `-c${connections}`, '-j2', '-f', file, ...to]);
  const rates = [...output.matchAll(/^progress: .*?([0-9.]+) tps/gm)].slice(1).map(([, rate]) => Number(rate));
  return { rate: rates.reduce((sum, rate) => sum + rate, 0) / rates.length };
}

/** What a program of C prints: {rate}. */
export async function rate(program, ...args) {
  return { rate: Number(await run(program, args.map(String))) };
}
