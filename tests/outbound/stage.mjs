// The stand-ins of this folder as a test drives them, and a portal that sends to them.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ROOT, until } from '../e2e/lib/portal.mjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const PYTHON = '/usr/bin/python3'; // Debian's own: it has aiosmtpd

/** One of gateway.py and smtp_server.py, running. */
export class StandIn {
  static async start(program, ...options) {
    const child = spawn(PYTHON, [join(FOLDER, program), ...options], { stdio: ['pipe', 'pipe', 'ignore'] });
    const [line] = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      once(child, 'exit').then(() => assert.fail(`${program} ended at once`)),
    ]);
    return Object.assign(new StandIn(), { child, ...JSON.parse(line) });
  }

  async ask(options) {
    const answer = await fetch(`http://127.0.0.1:${this.control}/`, options);
    return answer.json();
  }

  /** How it behaves from now on. */
  async mode(name) {
    await this.ask({ method: 'PUT', body: name });
  }

  /** What has reached it and fits, oldest first. */
  async received(fits = () => true) {
    return (await this.ask()).received.filter(fits);
  }

  /** As soon as `count` fit. */
  async await(fits, count = 1, seconds = 20) {
    return until(
      async () => {
        const found = await this.received(fits);
        return found.length >= count && found;
      },
      `${count} messages at ${this.child.spawnargs[1]}`,
      seconds,
    );
  }

  stop() {
    this.child.kill();
  }
}

function openssl(folder, ...words) {
  const result = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' });
  assert.equal(result.status, 0, result.stderr);
}

/** An authority and a certificate of it for localhost: {ca, cert, key} (files). */
export function makeCertificates(folder, name) {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    folder,
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}-ca.key`,
    '-out',
    `${name}-ca.pem`,
  );
  openssl(folder, 'req', ...key, '-subj', '/CN=localhost', '-keyout', `${name}.key`, '-out', `${name}.csr`);
  writeFileSync(join(folder, 'extensions'), 'subjectAltName=DNS:localhost\n');
  openssl(
    folder,
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${name}-ca.pem`,
    '-CAkey',
    `${name}-ca.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'extensions',
    '-out',
    `${name}.pem`,
  );
  return { ca: join(folder, `${name}-ca.pem`), cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
}

/** A folder that Apache's user can read; gone when this process ends. */
export function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'dossier-outbound-'));
  chmodSync(folder, 0o755);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The directives of a provider that takes JSON, and of a mail server with a password. */
export function writeGateways(file, { gateway, mail }) {
  const body = JSON.stringify({ recipient: '{to}', message: '{text}', reference: '{id}' }).replaceAll('"', '\\"');
  writeFileSync(
    file,
    [
      `DossierSmsGateway POST "https://localhost:${gateway.port}/v1/messages" header "Idempotency-Key: {id}" header "Content-Type: application/json" body "${body}"`,
      `DossierSmtp "smtp://portal:p%40ss%20word@localhost:${mail.port}"`,
      'DossierMailFrom avvisi@example.org',
      '',
    ].join('\n'),
    { mode: 0o644 },
  );
}

/** A file of secrets that only the servers' user reads: {name: value}. */
export function writeSecrets(file, secrets) {
  writeFileSync(
    file,
    Object.entries(secrets)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
    { mode: 0o600 },
  );
  if (process.getuid() === 0) spawnSync('chown', ['www-data', file]);
}

/** One of conf/gateways/ as it stands there, but for host names and the file of secrets. */
export function writeExample(file, name, { secrets, hosts }) {
  let text = readFileSync(join(ROOT, 'conf', 'gateways', `${name}.conf`), 'utf8').replaceAll(
    '/etc/mantova-dossier/sms.secrets',
    secrets,
  );
  for (const [from, to] of Object.entries(hosts)) {
    assert.ok(text.includes(from), `${name}.conf speaks of ${from}`);
    text = text.replaceAll(from, to);
  }
  writeFileSync(file, text, { mode: 0o644 });
}

export const MAIL_LOGIN = ['portal', 'p@ss word'];
