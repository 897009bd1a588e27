// What waiting costs: memory of idle connections and of requests on their way, calls of the system, processors' time and
// round trips of a request. COST.md says how to read it.
//   make bench-cost             about a minute
//   make bench-cost SHORT=1     fewer connections, smaller documents: that it runs
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Site } from './httpd.mjs';
import { Processes } from './processes.mjs';
import { ask, endPrograms, requests } from './programs.mjs';
import { Subject } from './subject.mjs';

const SHORT = Boolean(process.env.SHORT);
const TREE = resolve(process.env.TREE || fileURLToPath(new URL('../..', import.meta.url)));
const SECONDS = SHORT ? 1 : 3;
const IDLE = SHORT ? 100 : 2000;
const LISTS = 64;
const TRANSFERS = 4;
const MIB = 2 ** 20;
const LARGE = SHORT ? 8 * MIB : 100 * MIB;

const folder = mkdtempSync(join(tmpdir(), 'dossier-cost-'));
const site = new Site(folder);
const subject = new Subject(TREE, 'portal');
let processes;

// ---- connections that are held

/** A connection on which the request's bytes were sent, and read until `enough`: what comes then is left, unless `on`. */
function hold(bytes, enough, on = false) {
  return new Promise((done, fail) => {
    const socket = tls.connect({ host: '127.0.0.1', port: subject.port, rejectUnauthorized: false }, () =>
      socket.write(bytes, () => enough(0) && done(socket)),
    );
    let length = 0;
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer in time')));
    socket.on('error', fail);
    socket.on('data', (piece) => {
      length += piece.length;
      if (!enough(length)) return;
      socket.setTimeout(0);
      if (!on) socket.pause();
      done(socket);
    });
  });
}

/** The same over HTTP/2, as browsers come: one stream, and the connection stays. */
function holdStream(headers) {
  return new Promise((done, fail) => {
    const session = http2.connect(`https://localhost:${subject.port}`, { rejectUnauthorized: false });
    session.on('error', fail);
    session.setTimeout(20_000, () => session.destroy(new Error('no answer in time')));
    session
      .request(headers)
      .on('error', fail)
      .on('end', () => {
        session.setTimeout(0);
        done(session);
      })
      .resume();
  });
}

function text({ method, path, headers }, length) {
  const lines = Object.entries({ ...headers, ...(length && { 'Content-Length': length }) });
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** So many, fifty at a time; those that httpd does not take are missing. */
async function holdMany(count, make) {
  const held = [];
  while (count > 0) {
    const some = await Promise.allSettled(Array.from({ length: Math.min(count, 50) }, make));
    held.push(...some.filter(({ status }) => status === 'fulfilled').map(({ value }) => value));
    if (some.some(({ status }) => status === 'rejected')) break;
    count -= some.length;
  }
  return held;
}

/** Children that have served a little, none of an earlier measure. */
async function freshChildren() {
  const before = new Set(processes.ids().httpd);
  await subject.portal.graceful();
  while (processes.ids().httpd.some((id) => before.has(id))) await sleep(100);
  await requests(subject.list(), { folder, seconds: 1, connections: 8 });
}

/** Memory of each of those that are still held after `meanwhile`, in kB: {count, httpd, result: of meanwhile}. */
async function memoryOf(count, make, meanwhile = () => sleep(500, null)) {
  await freshChildren();
  const before = processes.memory();
  const held = await holdMany(count, make);
  const result = await meanwhile();
  const after = processes.memory();
  const open = held.filter((one) => !one.destroyed && !one.closed && !one.readableEnded).length;
  held.forEach((one) => one.destroy());
  return { count: open, httpd: (after.httpd - before.httpd) / open, result };
}

// ---- what is measured

/** How long twenty lists took, each on a connection of its own, in ms. */
async function listsBeside() {
  const [list] = subject.list().requests;
  const took = [];
  for (let count = 0; count < 20; count++) {
    const began = performance.now();
    const { status } = await ask(subject.port, list);
    assert.equal(status, 200);
    took.push(performance.now() - began);
  }
  return took.toSorted((a, b) => a - b);
}

function idle() {
  const [request] = subject.session().requests;
  return memoryOf(IDLE, () => hold(text(request), (length) => length > 0, true), listsBeside);
}

function idleStreams() {
  const [{ path, headers }] = subject.session().requests;
  return memoryOf(IDLE, () => holdStream({ ':path': path, cookie: headers.Cookie }), listsBeside);
}

async function lists() {
  await freshChildren();
  const load = (connections) => () => requests(subject.list(), { folder, seconds: SECONDS, connections });
  const few = await processes.peak(load(2));
  const many = await processes.peak(load(LISTS));
  return { count: LISTS, httpd: (many - few) / (LISTS - 2) };
}

function downloads() {
  const [request] = subject.report('of cost').requests;
  return memoryOf(TRANSFERS, () => hold(text(request), (length) => length > 2 * MIB));
}

async function uploads() {
  const { file, type } = await subject.uploadBody(subject.readers[0], join(folder, 'large'), LARGE);
  const body = readFileSync(file);
  const [{ headers, ...request }] = subject.upload().requests;
  return memoryOf(TRANSFERS, (_, number) => {
    const path = request.path.replace('%', `cost-${number}`);
    const head = text({ ...request, path, headers: { ...headers, 'Content-Type': type } }, body.length);
    return hold(Buffer.concat([Buffer.from(head), body.subarray(0, body.length / 2)]), () => true);
  });
}

const REQUESTS = () => [
  ['static file, 12 bytes', site.static()],
  ['GET /session', subject.session()],
  ['list of eleven documents', subject.list()],
  ['report of 300 kB', subject.report('of 300 kB')],
  ['upload of 300 kB', subject.upload()],
];

/** Of one request: {httpd, postgres: µs, calls, trips, counts}. */
async function costOf(load) {
  const before = processes.time();
  const { count } = await requests(load, { folder, seconds: SECONDS, connections: 4 });
  const after = processes.time();
  const each = (name) => (after[name] - before[name]) / count;
  const { result, counts } = await processes.calls(() => requests(load, { folder, seconds: 1, connections: 2 }));
  const served = result.count;
  const per = Object.entries(counts ?? {})
    .map(([name, count]) => [name, count / served])
    .filter(([, count]) => count >= 0.2)
    .toSorted(([, a], [, b]) => b - a);
  return {
    httpd: each('httpd'),
    postgres: each('postgres'),
    calls: counts && per.reduce((sum, [, count]) => sum + count, 0),
    trips: counts && (counts.sendto ?? 0) / served, // libpq's alone: httpd sends by writev
    names: per.map(([name, count]) => `${name} ${count.toFixed(1)}`).join(', '),
  };
}

// ---- the tables

const cell = (value, digits = 0) => (value === null ? '?' : value.toFixed(digits)).padStart(10);

function row(name, values) {
  console.log(name.padEnd(34) + values.join(''));
}

async function showMemory() {
  row(
    '\nmemory of each, kB',
    ['at once', 'httpd'].map((name) => name.padStart(10)),
  );
  for (const [name, measure] of [
    ['idle connection, HTTP/1.1', idle],
    ['idle connection, HTTP/2', idleStreams],
    ['list on its way', lists],
    [`download of ${LARGE / MIB} MiB`, downloads],
    [`upload of ${LARGE / MIB} MiB`, uploads],
  ]) {
    const { count, httpd, result } = await measure();
    row(name, [cell(count), cell(httpd, 1)]);
    if (result) {
      console.log(
        `  of ${IDLE}; a list beside them, on a new connection: median ${result[10].toFixed(1)} ms, slowest ${result[19].toFixed(1)} ms`,
      );
    }
  }
  const { postgres, backends } = processes.memory();
  row(`backend of PostgreSQL`, [cell(backends), cell(postgres / backends, 1)]);
}

async function showRequests() {
  const head = ['httpd µs', 'PostgreSQL', 'calls', 'trips'].map((name) => name.padStart(10));
  row('\na request', head);
  for (const [name, load] of REQUESTS()) {
    const { httpd, postgres, calls, trips, names } = await costOf(load);
    row(name, [cell(httpd), cell(postgres), cell(calls, 1), cell(trips, 2)]);
    console.log(`  ${names}`);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
process.on('exit', () => {
  endPrograms();
  subject.stop();
  rmSync(folder, { recursive: true, force: true });
});
chmodSync(folder, 0o755);
await subject.start(site.configuration);
processes = new Processes(subject.portal);
subject.readers = [];
for (let count = 0; count < 4; count++) subject.readers.push(await subject.reader());
const { id } = await subject.steps.publish(subject.readers[0], { bytes: subject.pdf(LARGE) });
subject.collector = subject.readers[0];
subject.collector.reports['of cost'] = { id };
const receiver = await subject.steps.activate();
subject.uploads = [await subject.uploadBody(receiver, join(folder, 'upload'))];
const list = await ask(subject.port, subject.list().requests[0]);
await site.join(subject, list.body);
console.log(`${TREE}: ${processes.ids().httpd.length} processes of httpd`);
await showMemory();
await showRequests();
process.exit(0);
