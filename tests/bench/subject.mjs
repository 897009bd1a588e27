// A portal that is measured, built and driven by its own checkout, and the people in it: sixteen accounts with eleven
// documents each, one with large ones, and sixteen patients who get what is uploaded.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './programs.mjs';

export const ACCOUNTS = 16;
const SMALL = 10;
const CROWD = readFileSync(new URL('crowd.sql', import.meta.url), 'utf8');
// What a server does in its own time, and would do in the middle of somebody's two seconds: refresh() does it
const BY_HAND = `
ALTER SYSTEM SET autovacuum = off;
ALTER SYSTEM SET checkpoint_timeout = '1h';
ALTER SYSTEM SET max_wal_size = '8GB';
SELECT pg_reload_conf();`;
export const SIZES = { 'of 300 kB': 300_000, 'of 8 MiB': 8 * 2 ** 20, 'of 100 MiB': 100 * 2 ** 20 };

/** `work` for each item, two at a time, as the portal hashes passwords; the results in their order. */
async function each(items, work) {
  const results = [];
  const queue = [...items.entries()];
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1], next[0]);
  };
  await Promise.all([lane(), lane()]);
  return results;
}

export class Subject {
  /** @param {string} tree a checkout  @param {string} name what the table calls it */
  constructor(tree, name) {
    Object.assign(this, { tree, name });
  }

  async start(configuration) {
    const made = spawnSync('make', ['-C', this.tree, 'build', 'pages', 'tests/node_modules/.package-lock.json'], {
      encoding: 'utf8',
    });
    assert.equal(made.status, 0, `make in ${this.tree}: ${made.stdout}${made.stderr}`);
    const lib = (name) => import(join(this.tree, 'tests', 'e2e', 'lib', name));
    const [{ Portal, literal }, http, { Outbox }, { Steps }] = await Promise.all(
      ['portal.mjs', 'http.mjs', 'outbox.mjs', 'steps.mjs'].map(lib),
    );
    Object.assign(this, await lib('pdf.mjs'), await lib('people.mjs'), { http, literal });
    this.portal = await Portal.start({ GATEWAYS: configuration });
    this.portal.sql(BY_HAND);
    this.portal.sql(
      `UPDATE dossier_data.throttle_limit SET value = 1000000
       WHERE name IN ('login_burst', 'login_failures_per_address', 'login_failures_anywhere')`,
    );
    this.desk = new http.Client(this.portal, { key: this.portal.keys.desk });
    this.steps = new Steps({
      portal: this.portal,
      outbox: new Outbox(this.portal),
      desk: this.desk,
      newClient: () => new http.Client(this.portal),
    });
  }

  stop() {
    this.portal?.stop();
  }

  /** A child that crashed is not told by any figure: its connections are made again. */
  assertAlive() {
    const lines = this.portal.log().complaints();
    const crashes = lines.filter((line) => /exit signal|DOS\d{4}/.test(line));
    assert.ok(!crashes.length, `the error log of "${this.name}":\n${crashes.slice(0, 20).join('\n')}`);
  }

  /** All that a round changed is written, vacuumed and planned for. */
  refresh() {
    this.portal.sql('VACUUM ANALYZE; CHECKPOINT');
    spawnSync('sync', ['-f', this.portal.VAR]);
  }

  /** Nobody is being answered any more: wrk leaves without waiting for what it has asked. */
  async idle() {
    const busy = async () => {
      const { status, body } = await ask(this.port, { path: '/server/status?auto', headers: { Host: 'localhost' } });
      assert.equal(status, 200, `mod_status: ${body}`);
      return Number(/^BusyWorkers: (\d+)$/m.exec(body)[1]) - 1; // who asks this
    };
    while (await busy()) await sleep(20);
  }

  get port() {
    return this.portal.port;
  }

  /** A PDF of about so many bytes. */
  pdf(size) {
    return this.makePdf('x', size - 600);
  }

  /** @param {string} folder for the bodies of what is sent */
  async populate(folder) {
    this.portal.sql(CROWD);
    this.makeFolders();
    const numbers = Array.from({ length: ACCOUNTS }, (_, number) => number);
    this.readers = await each(numbers, () => this.reader());
    this.bodies = await each(this.readers, (of, number) =>
      this.loginBody(of, join(folder, `${this.name}-login-${number}`)),
    );
    this.collector = await this.steps.activate();
    for (const size of ['of 8 MiB', 'of 100 MiB']) await this.keep(this.collector, size);
    const receivers = await each(numbers, () => this.steps.activate());
    this.uploads = await each(receivers, (of, number) =>
      this.uploadBody(of, join(folder, `${this.name}-upload-${number}`)),
    );
  }

  /** A vault that is in use has all of its folders. */
  makeFolders() {
    const vault = join(this.portal.VAR, 'vault');
    const { uid, gid } = statSync(vault);
    const make = (path) => {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      chownSync(path, uid, gid);
    };
    const names = Array.from({ length: 256 }, (_, number) => number.toString(16).padStart(2, '0'));
    for (const outer of names) {
      make(join(vault, outer));
      for (const inner of names) make(join(vault, outer, inner));
    }
  }

  async reader() {
    const of = await this.steps.activate();
    await this.keep(of, 'of 300 kB');
    for (let count = 0; count < SMALL; count++) await this.steps.publish(of);
    return of;
  }

  async keep(of, size) {
    const { id, bytes } = await this.steps.publish(of, { bytes: this.pdf(SIZES[size]) });
    of.reports = { ...of.reports, [size]: { id, length: bytes.length } };
  }

  loginBody(of, file) {
    writeFileSync(file, JSON.stringify({ login: of.mobile, password: of.password }));
    return file;
  }

  async uploadBody(of, file, size = SIZES['of 300 kB']) {
    const { type, chunks } = this.http.multipart([
      { name: 'metadata', type: 'application/json', data: Buffer.from(JSON.stringify(this.metadataOf(of))) },
      { name: 'file', type: 'application/pdf', filename: 'report.pdf', data: this.pdf(size) },
    ]);
    const parts = [];
    for await (const chunk of chunks) parts.push(chunk);
    writeFileSync(file, Buffer.concat(parts));
    return { file, type };
  }

  // ---- loads: {port, requests}, each request by another account

  load(list) {
    const Host = `localhost:${this.port}`;
    return {
      port: this.port,
      requests: list.map(({ method = 'GET', path, headers, ...rest }) => ({
        method,
        path: `/api/v1${path}`,
        headers: { Host, ...headers },
        ...rest,
      })),
    };
  }

  cookie(of, name = '__Host-dossier') {
    return { Cookie: `${name}=${of.client.cookies.get(name)}` };
  }

  session() {
    return this.load(this.readers.map((of) => ({ path: '/session', headers: this.cookie(of) })));
  }

  list() {
    return this.load(
      this.readers.map((of) => ({ path: `/patients/${of.patient.id}/documents`, headers: this.cookie(of) })),
    );
  }

  report(size) {
    const readers = size === 'of 300 kB' ? this.readers : [this.collector];
    return this.load(
      readers.map((of) => ({ path: `/documents/${of.reports[size].id}/content`, headers: this.cookie(of) })),
    );
  }

  /** From a browser that the account knows: another one would be told of by mail each time. */
  login() {
    return this.load(
      this.readers.map((of, number) => ({
        method: 'POST',
        path: '/session',
        headers: { 'Content-Type': 'application/json', ...this.cookie(of, '__Host-dossier-device') },
        body: this.bodies[number],
      })),
    );
  }

  upload() {
    return this.load(
      this.uploads.map(({ file, type }) => ({
        method: 'PUT',
        path: '/integration/documents/%',
        headers: { 'Content-Type': type, Authorization: `Bearer ${this.portal.keys.desk}` },
        body: file,
      })),
    );
  }

  /** The list's function by pgbench, an account after the other. */
  listFunction() {
    const calls = this.readers.map((of) => {
      const argument = { account_id: of.account.id, patient_id: of.patient.id, limit: 50 };
      return `SELECT * FROM dossier.document_list(${this.literal(JSON.stringify(argument))}::jsonb);\n`;
    });
    const choices = calls.map((call, number) => `\\${number ? 'elif' : 'if'} :who = ${number}\n${call}`);
    return `\\set who random(0, ${ACCOUNTS - 1})\n${choices.join('')}\\endif\n`;
  }
}
