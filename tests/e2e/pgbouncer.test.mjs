// pgbouncer in transaction mode between httpd and PostgreSQL: the journey works, and statements have their timeouts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Client } from './lib/http.mjs';
import { Outbox } from './lib/outbox.mjs';
import { acceptanceBody, externalId, person } from './lib/people.mjs';
import { Portal, ROOT, freePort, until } from './lib/portal.mjs';
import { Steps } from './lib/steps.mjs';

const folder = mkdtempSync(join(tmpdir(), 'dossier-pgbouncer-'));
chmodSync(folder, 0o755);
const port = await freePort();
// the example's DBDParams, of another host and without TLS
const [, example] = /^DBDParams "([^"]*)"/m.exec(readFileSync(join(ROOT, 'conf', 'mantova-dossier.conf'), 'utf8'));
const params = example
  .replace('host=db.example.org', `host=127.0.0.1 port=${port}`)
  .replace(/ (sslmode|sslrootcert|passfile)=\S+/g, '');
const setting = (name) =>
  new RegExp(`${name} = (.*)`).exec(readFileSync(join(ROOT, 'docs', 'operators.md'), 'utf8'))[1];
process.env.GATEWAYS = join(folder, 'bouncer.conf');
writeFileSync(process.env.GATEWAYS, `DossierSpool "\${VAR}/outbox"\nDBDParams "${params}"\n`);
process.env.SAMPLE = 'no';

const portal = await Portal.start();
process.prependListener('exit', () => portal.stop());
const { uid, gid } = statSync(join(portal.VAR, 'pg'));
writeFileSync(join(folder, 'users'), '"dossier_app" ""\n');
writeFileSync(
  join(folder, 'pgbouncer.ini'),
  `[databases]
dossier = host=${portal.socket} dbname=dossier user=dossier_app
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users')}
default_pool_size = 3
pool_mode = transaction
ignore_startup_parameters = ${setting('ignore_startup_parameters')}
logfile = ${join(folder, 'log')}
`,
);
if (process.getuid() === 0) chownSync(folder, uid, gid);
const bouncer = spawn('/usr/sbin/pgbouncer', [join(folder, 'pgbouncer.ini')], {
  stdio: 'ignore',
  ...(process.getuid() === 0 ? { uid, gid } : {}),
});
process.prependListener('exit', () => bouncer.kill('SIGKILL'));
after(() => bouncer.kill('SIGKILL'));

const newClient = (options) => new Client(portal, options);
const desk = newClient({ key: portal.keys.desk });
const steps = new Steps({ portal, outbox: new Outbox(portal), desk, newClient });
await until(async () => (await newClient().get('/status')).status === 200, 'the portal to be well behind pgbouncer');

test('the journey, and more callers than pgbouncer has connections', async () => {
  const of = await steps.activate();
  const { id, bytes } = await steps.publish(of);
  assert.ok((await of.client.get(`/documents/${id}/content`)).body.equals(bytes));
  const answers = await Promise.all(
    Array.from({ length: 40 }, () =>
      newClient({ key: portal.keys.desk }).put(`/integration/acceptances/${externalId()}`, acceptanceBody(person())),
    ),
  );
  for (const { status, text } of answers) assert.equal(status, 201, text);
});

test('who waits for a lock is answered: the timeouts are those of the role', async () => {
  const psql = spawn(
    portal.postgresProgram('psql'),
    ['-X', '-q', '-h', portal.socket, '-U', 'dossier_admin', '-d', 'dossier'],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  psql.stdin.write('BEGIN; LOCK TABLE dossier_data.acceptance IN ACCESS EXCLUSIVE MODE;\n');
  await until(
    () =>
      portal.sql(
        `SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation = 'dossier_data.acceptance'::regclass`,
      ) === '1',
    'the lock',
  );
  const log = portal.log();
  const seen = log.size();
  try {
    const answer = await desk.put(`/integration/acceptances/${externalId()}`, acceptanceBody(person()), {
      timeout: 60_000,
    });
    assert.deepEqual([answer.status, answer.problem], [503, 'unavailable']);
    assert.match(log.read(seen), /DOS0101: dossier\.acceptance_put failed, SQLSTATE 55P03/); // lock_timeout
  } finally {
    psql.stdin.end('ROLLBACK;\n');
  }
});
