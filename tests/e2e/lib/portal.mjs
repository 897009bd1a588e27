// A private portal: its own folder and port, started and stopped by ./apxs-build.sh.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { Age } from './age.mjs';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
const SCRIPT = join(ROOT, 'apxs-build.sh');
const OPERATOR = join(ROOT, 'tools', 'mantova-dossier');

export const FACILITIES = {
  'san-pellegrino': 'Ospedale San Pellegrino',
  'citta-di-suzzara': 'Ospedale Città di Suzzara',
};

/** Waits until `condition` returns something true, and returns it; never for a time. */
export async function until(condition, what, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) assert.fail(`waited ${seconds} s in vain: ${what}`);
    await sleep(25);
  }
}

export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

export class Portal {
  constructor({ VAR, port, keys }) {
    this.VAR = VAR;
    this.port = port;
    this.keys = keys;
    this.integrators = new Map();
    this.age = new Age(this);
  }

  /** @param {object} env what ./apxs-build.sh is to know besides: {GATEWAYS} */
  static async start(env = {}) {
    const VAR = mkdtempSync(join(tmpdir(), 'dossier-e2e-'));
    chmodSync(VAR, 0o755);
    const portal = new Portal({ VAR, port: await freePort() });
    try {
      portal.script('start', env);
      portal.keys = portal.enrol();
    } catch (error) {
      portal.stop();
      throw error;
    }
    return portal;
  }

  get ca() {
    this.certificate ??= readFileSync(join(this.VAR, 'tls', 'cert.pem'));
    return this.certificate;
  }

  script(command, env = {}) {
    const result = spawnSync(SCRIPT, [command], {
      env: { ...process.env, VAR: this.VAR, PORT: String(this.port), SAMPLE: 'no', ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    assert.equal(result.status, 0, `apxs-build.sh ${command}: ${result.stdout}${result.stderr}`);
    return result.stdout;
  }

  stop() {
    const env = { ...process.env, VAR: this.VAR, PORT: String(this.port) };
    const { status } = spawnSync(SCRIPT, ['stop'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    if (status === 0) rmSync(this.VAR, { recursive: true, force: true });
    else console.error(`${this.VAR}: not everything in it ended; ./apxs-build.sh stop`);
  }

  /** A second Apache on the same database and documents; returns its port. Stopped with the portal. */
  async startNode(name = 'b') {
    const port = await freePort();
    this.script('start', { APACHE_NODE: name, PORT: String(port) });
    return port;
  }

  stopNode(name) {
    const parent = this.parent(name);
    process.kill(parent, 'SIGTERM');
    return until(() => !existsSync(`/proc/${parent}`), `node ${name} to end`);
  }

  /** The two facilities, and an integrator for each: {name: key}. */
  enrol() {
    for (const [id, name] of Object.entries(FACILITIES)) {
      this.sql(`SELECT dossier_admin.facility_put(${literal(id)}, ${literal(name)})`);
    }
    return { desk: this.integrator(['san-pellegrino']), other: this.integrator(['citta-di-suzzara']) };
  }

  /** A new integrator bound to these facilities; returns its key. */
  integrator(facilities, name = `E2E ${randomBytes(4).toString('hex')}`) {
    const key = `e2e_${randomBytes(32).toString('base64url')}`;
    const hash = createHash('sha256').update(key).digest('hex');
    const id = this.sql(
      `SELECT dossier_admin.integrator_put(${literal(name)}, ${literal(hash)}, ARRAY[${facilities.map(literal)}]::text[])`,
    );
    this.integrators.set(key, id);
    return key;
  }

  revoke(key) {
    this.sql(`SELECT dossier_admin.integrator_revoke(${literal(this.integrators.get(key))})`);
  }

  // ---- PostgreSQL

  get socket() {
    return readFileSync(join(this.VAR, 'run', 'sock'), 'utf8').trim();
  }

  /** Statements as superuser; rows as arrays of texts. */
  rows(statement, database = 'dossier') {
    const result = spawnSync(
      this.postgresProgram('psql'), // not Debian's script of that name, which takes longer than the query
      [
        '-X',
        '-q',
        '-A',
        '-t',
        '-F',
        '\x1f',
        '-v',
        'ON_ERROR_STOP=1',
        '-h',
        this.socket,
        '-U',
        'dossier_admin',
        '-d',
        database,
      ],
      {
        input: statement,
        encoding: 'utf8',
        env: { ...process.env, PGOPTIONS: '', PGCONNECT_TIMEOUT: '10' },
        maxBuffer: 1 << 28,
      },
    );
    assert.equal(result.status, 0, `${statement}: ${result.stderr}`);
    return result.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\x1f'));
  }

  /** The first value of the first row. */
  sql(statement) {
    return this.rows(statement)[0]?.[0];
  }

  /** The operator's command: its exit status and what it says. */
  operator(...words) {
    const env = { ...process.env, VAR: this.VAR, PGHOST: '' };
    const { status, stdout, stderr } = spawnSync(OPERATOR, words, { encoding: 'utf8', env });
    return { status, said: `${stdout}${stderr}` };
  }

  /** One value of a document's row. */
  documentColumn(id, column) {
    return this.sql(`SELECT ${column} FROM dossier_data.document WHERE id = ${literal(id)}`);
  }

  /** Files of documents in the vault, unfinished ones too, and not what it says of itself or has set aside. */
  objects(folder = join(this.VAR, 'vault')) {
    return readdirSync(folder)
      .filter((name) => /^([0-9a-f]{2}|tmp)$/.test(name))
      .flatMap((name) => filesBelow(join(folder, name)))
      .filter((path) => !/\/tmp\/(audit\.seal|vault\.id)\./.test(path));
  }

  /** The file of a document. */
  objectFile(id) {
    const object = this.documentColumn(id, 'object_id');
    return this.objects().find((path) => path.includes(object)) ?? assert.fail(`no file of object ${object}`);
  }

  postgresProgram(name) {
    this.postgresVersion ??= readFileSync(join(this.VAR, 'pg', 'PG_VERSION'), 'utf8').trim();
    return `/usr/lib/postgresql/${this.postgresVersion}/bin/${name}`;
  }

  /** PostgreSQL's pg_ctl, as the user the cluster belongs to. */
  postgres(...command) {
    const data = join(this.VAR, 'pg');
    const { uid, gid } = statSync(data);
    const result = spawnSync(
      this.postgresProgram('pg_ctl'),
      ['-D', data, '-w', '-t', '60', '-l', join(this.VAR, 'log', 'postgres.log'), ...command],
      { cwd: '/', stdio: 'ignore', ...(process.getuid() === 0 ? { uid, gid } : {}) },
    );
    assert.equal(result.status, 0, `pg_ctl ${command.join(' ')}`);
  }

  /** As a crash would: without a checkpoint. */
  restartPostgres() {
    this.postgres('-m', 'immediate', 'restart');
  }

  stopPostgres() {
    this.postgres('-m', 'immediate', 'stop');
  }

  startPostgres() {
    this.postgres('start');
  }

  // ---- Apache

  parent(node = '') {
    return Number(readFileSync(join(this.VAR, 'run', `apache${node && `-${node}`}.pid`), 'utf8'));
  }

  /** Parent and children. */
  processes(node = '') {
    const parent = this.parent(node);
    const children = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => parentOf(name) === parent);
    return [parent, ...children.map(Number)];
  }

  /**
   * Graceful restart; returns when new children serve. httpd ends idle connections then, at a moment of its own: who sends on
   * one just then gets no answer and has to send again (RFC 9112, 9.3.1). The tests' clients never do, so that they hide no
   * crash: they let go before.
   */
  async graceful() {
    this.clients?.forEach((client) => client.rest());
    const offset = this.log().size();
    process.kill(this.parent(), 'SIGUSR1');
    await until(
      () => /AH00489|resuming normal operations/.test(this.log().read(offset)),
      'Apache after its graceful restart',
    );
  }

  log(name = 'error.log') {
    return new Log(join(this.VAR, 'log', name));
  }

  toJSON() {
    return { VAR: this.VAR, port: this.port, keys: this.keys };
  }
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function parentOf(id) {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0; // it has ended
  }
}

const CRASHED = /exit signal (?!Killed|Terminated)/;

/** A log file by offsets in bytes. */
export class Log {
  constructor(file) {
    this.file = file;
  }

  size() {
    return existsSync(this.file) ? statSync(this.file).size : 0;
  }

  read(from = 0) {
    const length = this.size() - from;
    if (length <= 0) return '';
    const buffer = Buffer.alloc(length);
    const file = openSync(this.file, 'r');
    readSync(file, buffer, 0, length, from);
    closeSync(file);
    return buffer.toString('utf8');
  }

  /** Lines of the level warn and worse, and of a child that crashed, which httpd calls a notice. */
  complaints(from = 0) {
    return this.read(from)
      .split('\n')
      .filter((line) => !/ AH01882: /.test(line)) // this machine's OpenSSL is older than its mod_ssl
      .filter(
        (line) =>
          /^\[[^\]]*\] \[[a-z0-9_]*:(warn|error|crit|alert|emerg)\]/.test(line) ||
          /^(?!\[)\S/.test(line) ||
          CRASHED.test(line),
      );
  }
}

export const literal = (text) => `'${String(text).replaceAll("'", "''")}'`;

/** The portal of run.mjs when there is one, else an own one that ends with this process. */
export async function openPortal() {
  if (process.env.E2E_PORTAL) return new Portal(JSON.parse(process.env.E2E_PORTAL));
  const portal = await Portal.start();
  process.on('exit', () => portal.stop());
  return portal;
}
