// What is measured, each beside what it is held against, and the ratios that are told.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { rate, requests, transactions } from './programs.mjs';
import { SIZES } from './subject.mjs';

const CONNECTIONS = 16;
const CROWD = 96;
const FEW = 4; // of 100 MiB each; and of logins, as more at once are told to come back

const connectionsFor = (size) => (size === 'of 100 MiB' ? FEW : CONNECTIONS);

/** An upload without a portal: on the file system of the vault and in the same database. */
async function storeUploads(program, portal, seconds) {
  const folder = join(portal.VAR, 'bench');
  mkdirSync(folder, { recursive: true });
  const connection = `host=${portal.socket} dbname=dossier user=dossier_admin`;
  const figures = await rate(program, seconds, CONNECTIONS, SIZES['of 300 kB'], folder, connection);
  spawnSync('sync', ['-f', portal.VAR]); // or the next fsync, which is another's, would wait for that
  return figures;
}

/**
 * In the order in which they are measured: [{id, what, subject, load, measure}]. What has a subject is measured of each
 * portal. A load is asked once before; measure(seconds) answers the figures.
 */
export function measures({ subjects, site, peer, folder, programs }) {
  const list = [];
  const [first] = subjects;
  const yardstick = (id, what, measure, load) => list.push({ id, what, measure, load });
  const wrk = (load, connections) => (seconds) => requests(load, { folder, seconds, connections });
  const served = (id, what, load, connections = CONNECTIONS) => yardstick(id, what, wrk(load, connections), load);
  const portal = (id, what, loadOf, connections = CONNECTIONS) => {
    for (const subject of subjects) {
      const load = loadOf(subject);
      list.push({ id, what, subject, load, measure: wrk(load, connections) });
    }
  };

  served('static', 'static file of 12 bytes', site.static());
  portal('session', 'GET /session', (subject) => subject.session());
  served('guarded', 'file behind mod_auth_form, mod_session_dbd', site.guarded());
  portal('list', 'list of 11 documents', (subject) => subject.list());
  served('peer', 'the same list by Fastify and pg', peer.list(first));
  for (const subject of subjects) {
    const measure = (seconds) =>
      transactions(subject.portal.socket, subject.listFunction(), { folder, seconds, connections: CONNECTIONS });
    list.push({ id: 'function', what: "the list's function by pgbench", subject, measure });
  }
  portal('list96', 'list, 96 connections', (subject) => subject.list(), CROWD);
  served('peer96', 'the same by Fastify and pg, 96 connections', peer.list(first), CROWD);
  for (const size of Object.keys(SIZES)) {
    served(`static ${size}`, `static file ${size}`, site.static(size), connectionsFor(size));
    portal(`report ${size}`, `report ${size}`, (subject) => subject.report(size), connectionsFor(size));
  }
  yardstick('written', '300 kB: write, fsync, rename, fsync, INSERT', (seconds) =>
    storeUploads(programs.upload, first.portal, seconds),
  );
  portal('upload', 'upload of 300 kB', (subject) => subject.upload());
  yardstick('argon2id', 'Argon2id alone, on all cores', (seconds) =>
    rate(programs.password, seconds, availableParallelism()),
  );
  portal('login', 'login', (subject) => subject.login(), FEW);
  return list;
}

const over = (of, by, unit = 'rate') => ({ of, by, ratio: (a, b) => a[unit] / b[unit] });
const tail = (of) => ({ of, ratio: ({ p99, median }) => p99 / median, lower: true });

/** Those of the measures, and of the ratios between them, that `ids` names; all, if it names none. */
export function chosen(ids, all, ratios = RATIOS) {
  if (!ids.length) return { all, ratios };
  const unknown = ids.filter((id) => !all.some((measure) => measure.id === id));
  assert.ok(!unknown.length, `ONLY: ${unknown} is none of ${[...new Set(all.map(({ id }) => id))].join(', ')}`);
  return {
    all: all.filter(({ id }) => ids.includes(id)),
    ratios: ratios.filter(({ of, by = of }) => ids.includes(of) && ids.includes(by)),
  };
}

/** {what, of and by: ids, ratio: of two rounds' figures, must and goal: what it is to be, lower: less is better} */
export const RATIOS = [
  { what: 'list ÷ list by Fastify and pg', ...over('list', 'peer'), must: 1, goal: 1.5 },
  { what: 'list ÷ static 12 bytes', ...over('list', 'static'), must: 0.25, goal: 0.4 },
  { what: 'GET /session ÷ static 12 bytes', ...over('session', 'static'), must: 0.3, goal: 0.45 },
  { what: 'report ÷ static file, 300 kB', ...over('report of 300 kB', 'static of 300 kB'), must: 0.45, goal: 0.6 },
  { what: 'report ÷ static file, 8 MiB', ...over('report of 8 MiB', 'static of 8 MiB', 'mib'), must: 0.9, goal: 1 },
  { what: 'report ÷ static file, 100 MiB', ...over('report of 100 MiB', 'static of 100 MiB', 'mib'), must: 1, goal: 1 },
  { what: 'upload ÷ write, fsync and INSERT, 300 kB', ...over('upload', 'written'), must: 0.5, goal: 0.8 },
  { what: 'login ÷ Argon2id', ...over('login', 'argon2id'), must: 0.9, goal: 0.95 },
  { what: 'p99 ÷ median of the list, 96 connections', ...tail('list96'), must: 4, goal: 3 },
  { what: 'the same of Fastify and pg', ...tail('peer96') },
  { what: "list ÷ httpd's own session and file", ...over('list', 'guarded') },
  { what: "GET /session ÷ httpd's own session and file", ...over('session', 'guarded') },
  { what: 'list ÷ its function by pgbench', ...over('list', 'function') },
];
