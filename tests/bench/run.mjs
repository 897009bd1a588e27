// How fast the portal is, as ratios to yardsticks measured in the same run on the same machine: figures of two machines,
// or of two days, cannot be compared, ratios can. Nothing here fails for being slow.
//   make bench            about 40 seconds
//   make bench SHORT=1    a second for each figure: that it runs
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, multipart } from '../e2e/lib/http.mjs';
import { Outbox } from '../e2e/lib/outbox.mjs';
import { makePdf } from '../e2e/lib/pdf.mjs';
import { metadataOf } from '../e2e/lib/people.mjs';
import { Portal, ROOT, freePort, literal } from '../e2e/lib/portal.mjs';
import { Steps } from '../e2e/lib/steps.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const SECONDS = process.env.SHORT ? 1 : 2;
const CONNECTIONS = 4;
const MIB = 2 ** 20;
const LARGE = 8 * MIB;
const LIMIT = 30_000; // ms; a program that takes longer hangs

const folder = mkdtempSync(join(tmpdir(), 'dossier-bench-'));
chmodSync(folder, 0o755); // the servers' user reads in it

function run(command, args, env = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: LIMIT, env: { ...process.env, ...env } });
  assert.equal(result.status, 0, `${command} ${args.join(' ')}: ${result.error ?? result.stdout + result.stderr}`);
  return result.stdout;
}

// ---- the portal, and beside it in the same Apache a site of yardsticks: a static file, and one SELECT through mod_dbd

const YARDSTICKS = 'yardstick.localhost';

async function startPortal() {
  const configuration = join(folder, 'yardsticks.conf');
  const site = join(folder, 'site');
  mkdirSync(site);
  writeFileSync(join(site, 'small.txt'), 'twelve bytes');
  writeFileSync(
    configuration,
    `
LoadModule rewrite_module "\${MODULES}/mod_rewrite.so"
DossierSpool "\${VAR}/outbox"
<VirtualHost *:\${PORT}>
    ServerName ${YARDSTICKS}
    SSLEngine on
    DocumentRoot "${site}"
    <Directory "${site}">
        Require all granted
    </Directory>
    RewriteEngine On
    RewriteMap one "dbd:SELECT 'small.txt' WHERE %s <> ''"
    RewriteRule "^/select$" "/\${one:x}" [PT]
</VirtualHost>
`,
  );
  const portal = new Portal({ VAR: join(folder, 'var'), port: await freePort() });
  portal.script('start', { GATEWAYS: configuration });
  portal.keys = portal.enrol();
  portal.sql(
    `UPDATE dossier_data.throttle_limit SET value = 1000000 WHERE name IN ('login_burst', 'login_failures_per_address', 'login_failures_anywhere')`,
  );
  return portal;
}

/** A patient with ten small documents and a large one. */
async function makePatient(portal) {
  const desk = new Client(portal, { key: portal.keys.desk });
  const steps = new Steps({ portal, outbox: new Outbox(portal), desk, newClient: () => new Client(portal) });
  const of = await steps.activate();
  const large = makePdf('x', LARGE);
  const { id } = await steps.publish(of, { bytes: large });
  for (let count = 0; count < 10; count++) await steps.publish(of);
  writeFileSync(join(folder, 'site', 'large.pdf'), large);
  const upload = join(folder, 'upload');
  const { type, chunks } = multipart([
    { name: 'metadata', type: 'application/json', data: Buffer.from(JSON.stringify(metadataOf(of))) },
    { name: 'file', type: 'application/pdf', filename: 'large.pdf', data: large },
  ]);
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  writeFileSync(upload, Buffer.concat(parts));
  const waiting = await steps.accept();
  return { of, large: id, upload: { file: upload, type }, waiting: waiting.acceptance, login: loginBody(of) };
}

function loginBody(of) {
  const file = join(folder, 'login.json');
  writeFileSync(file, JSON.stringify({ login: of.mobile, password: of.password }));
  return file;
}

// ---- measuring

/** Requests over TLS: {rate: per second, mib: MiB per second of answers, median: ms}. */
function requests(portal, path, env = {}, connections = CONNECTIONS) {
  const url = `https://127.0.0.1:${portal.port}${path}`;
  const output = run('wrk', ['-t1', `-c${connections}`, `-d${SECONDS}s`, '-s', join(HERE, 'load.lua'), url], {
    HOST: `localhost:${portal.port}`,
    ...env,
  });
  const found = JSON.parse(/^RESULT (.*)$/m.exec(output)[1]);
  assert.ok(found.requests > 0 && found.failed === 0, `${path}: ${JSON.stringify(found)}`);
  const seconds = found.microseconds / 1e6;
  return { rate: found.requests / seconds, mib: found.bytes / seconds / MIB, median: found.median / 1000 };
}

/** Statements of one request, straight at the database as the web server's role: {rate}. */
function transactions(portal, statements) {
  const file = join(folder, 'statements.sql');
  writeFileSync(file, statements.map((statement) => `${statement};\n`).join(''));
  const options = [
    '-n',
    `-T${SECONDS}`,
    `-c${CONNECTIONS}`,
    '-j1',
    '-f',
    file,
    '-h',
    portal.socket,
    '-U',
    'dossier_app',
    'dossier',
  ];
  const output = run('pgbench', options);
  return { rate: Number(/^tps = ([0-9.]+)/m.exec(output)[1]) };
}

/** The same bytes into a file and onto the disk, one file after the other: {rate}. */
function writes(bytes) {
  const began = process.hrtime.bigint();
  let count = 0;
  let seconds;
  do {
    const file = openSync(join(folder, 'written'), 'w');
    writeSync(file, bytes);
    fsyncSync(file);
    closeSync(file);
    count++;
    seconds = Number(process.hrtime.bigint() - began) / 1e9;
  } while (seconds < SECONDS);
  return { rate: count / seconds };
}

const call = (name, argument) => `SELECT dossier.${name}(${literal(JSON.stringify(argument))}::jsonb)`;

function measure(portal, { of, large, upload, waiting, login }) {
  const session = { COOKIE: `__Host-dossier=${of.client.token}` };
  const load = call('session_load', { token_hash: createHash('sha256').update(of.client.token).digest('hex') });
  const mine = { account_id: of.account.id, patient_id: of.patient.id };
  const password = join(ROOT, process.env.BUILD ?? 'build', 'bench', 'password');
  const yardstick = { HOST: `${YARDSTICKS}:${portal.port}` };
  const figures = [];
  const note = (what, figure) => {
    figures.push({ what, ...figure });
    return figure;
  };

  const small = note('static file, 12 bytes', requests(portal, '/small.txt', yardstick));
  const select = note('one SELECT through mod_dbd', requests(portal, '/select', yardstick));
  const hash = note('Argon2id alone, one core', { rate: Number(run(password, [String(SECONDS)])) });
  const list = note(
    'the same functions by pgbench',
    transactions(portal, [load, call('document_list', { ...mine, limit: 50 })]),
  );
  const file = note('static file, 8 MiB', requests(portal, '/large.pdf', yardstick, 2));
  const written = note('8 MiB to a file, and fsync', writes(Buffer.alloc(LARGE, 1)));
  const against = (name, figure) => ({ name, figure });

  const routes = [
    ['GET /status', requests(portal, '/api/v1/status'), against('one SELECT', select)],
    ['GET /session', requests(portal, '/api/v1/session', session), against('one SELECT', select)],
    [
      'POST /session',
      requests(portal, '/api/v1/session', { METHOD: 'POST', TYPE: 'application/json', BODY: login }),
      against('Argon2id', hash),
    ],
    [
      'GET /patients/{id}/documents',
      requests(portal, `/api/v1/patients/${of.patient.id}/documents`, session),
      against('pgbench', list),
    ],
    [
      'GET /documents/{id}/content',
      requests(portal, `/api/v1/documents/${large}/content`, session, 2),
      against('static file', file),
    ],
    [
      'PUT /integration/documents',
      requests(
        portal,
        '/api/v1/integration/documents/B-',
        { METHOD: 'PUT', KEY: portal.keys.desk, TYPE: upload.type, BODY: upload.file, NUMBERED: '1' },
        2,
      ),
      against('write, fsync', written),
    ],
    [
      'GET …/slip',
      requests(portal, `/api/v1/integration/acceptances/${waiting}/slip`, { KEY: portal.keys.desk }),
      against('one SELECT', select),
    ],
  ];
  return { figures, routes, small };
}

const cell = (value, digits, width) => (value === undefined ? '' : value.toFixed(digits)).padStart(width);

function show({ figures, routes, small }) {
  console.log(`\n${'yardstick'.padEnd(32)}${'per second'.padStart(12)}${'median ms'.padStart(12)}`);
  for (const { what, rate, median } of figures) console.log(what.padEnd(32) + cell(rate, 1, 12) + cell(median, 2, 12));
  console.log(
    `\n${'route'.padEnd(32)}${'per second'.padStart(12)}${'median ms'.padStart(12)}${'to static'.padStart(12)}   ratio to its yardstick`,
  );
  for (const [route, { rate, median }, { name, figure }] of routes) {
    console.log(
      `${route.padEnd(32)}${cell(rate, 1, 12)}${cell(median, 2, 12)}${cell(rate / small.rate, 3, 12)}${cell(rate / figure.rate, 2, 8)} × ${name}`,
    );
  }
}

let portal;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
process.on('exit', () => {
  portal?.stop();
  rmSync(folder, { recursive: true, force: true });
});
const began = Date.now();
portal = await startPortal();
const patient = await makePatient(portal);
show(measure(portal, patient));
console.log(
  `\n${Math.round((Date.now() - began) / 1000)} s, ${CONNECTIONS} connections (2 for 8 MiB), ${SECONDS} s each, over TLS on 127.0.0.1`,
);
process.exit(0);
