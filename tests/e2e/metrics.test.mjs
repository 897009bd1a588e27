// What the operator sees: metrics as Prometheus reads them, the lines of mod_status, the gateways' state in the health answer.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Client } from './lib/http.mjs';
import { Operator } from './lib/operator.mjs';
import { makePdf } from './lib/pdf.mjs';
import { Portal, ROOT, freePort, literal, until } from './lib/portal.mjs';
import { Steps } from './lib/steps.mjs';
import { StandIn, makeFolder } from '../outbound/stage.mjs';

const folder = makeFolder();
const gateway = await StandIn.start('gateway.py');
after(() => gateway.stop());
process.env.GATEWAYS = join(folder, 'gateways.conf');
const monitoring = await freePort();
writeFileSync(
  process.env.GATEWAYS,
  `DossierSmsGateway POST "http://127.0.0.1:${gateway.port}/v1/messages" body '{"recipient": "{to}", "message": "{text}", "reference": "{id}"}'
# as in mantova-dossier.conf
Listen 127.0.0.1:${monitoring}
<VirtualHost 127.0.0.1:${monitoring}>
    <Location "/">
        Require all denied
    </Location>
    <Location "/metrics">
        SetHandler dossier-metrics
        Require local
    </Location>
</VirtualHost>
`,
  { mode: 0o644 },
);
const portal = await Portal.start();
process.prependListener('exit', () => portal.stop());

const clients = [];
after(() => clients.forEach((client) => client.close()));
function newClient(options) {
  const client = new Client(portal, options);
  clients.push(client);
  return client;
}
const operator = new Operator(newClient());
const desk = newClient({ key: portal.keys.desk });
const sms = {
  code: async (mobile) =>
    /\b(\d{6})\b/.exec(JSON.parse((await gateway.await(({ body }) => body.includes(mobile)))[0].body).message)[1],
};
const steps = new Steps({ portal, outbox: sms, desk, newClient });
const status = async () => (await newClient().get('/status')).json;

const metric = (line) => operator.metric(line);
const requests = (method, route, of) =>
  metric(`dossier_requests_total{method="${method}",route="${route}",status="${of}"}`).then((count) => count ?? 0);
const waiting = (channel, state) => metric(`dossier_outbox_messages{channel="${channel}",state="${state}"}`);
const gatewayIs = (channel, state) => metric(`dossier_gateway_state{channel="${channel}",state="${state}"}`);
const queue = (count) =>
  portal.sql(`INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, due_at, not_before, give_up_at)
    SELECT 'sms', '+39330' || lpad(n::text, 7, '0'), 'new_documents', 'it', 2, now(), now(), now() + interval '1 hour' FROM generate_series(1, ${count}) n`);

test('promtool finds nothing to say of the metrics', async () => {
  const of = await steps.activate();
  await steps.publish(of);
  const { text, headers } = await operator.metrics();
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(headers['cache-control'], 'no-store');
  const {
    status: code,
    stdout,
    stderr,
  } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  assert.deepEqual([code, stdout, stderr], [0, '', '']);
  for (const secret of [
    of.first_name,
    of.last_name,
    of.codice_fiscale,
    of.mobile,
    of.email,
    of.account.id,
    of.patient.id,
  ]) {
    assert.ok(!text.includes(secret), 'nothing of a person');
  }
});

test('the alerts ring when they should, and for metrics that there are', async () => {
  const rules = join(ROOT, 'conf', 'monitoring', 'alerts.yml');
  for (const command of [
    ['check', 'rules', rules],
    ['test', 'rules', join(ROOT, 'tests', 'config', 'alerts.test.yml')],
  ]) {
    const { status: code, stdout, stderr } = spawnSync('promtool', command, { encoding: 'utf8' });
    assert.equal(code, 0, stdout + stderr);
  }
  const { text } = await operator.metrics();
  const given = new Set(text.match(/\bdossier_[a-z_]+/g));
  const named = new Set(readFileSync(rules, 'utf8').match(/\bdossier_[a-z_]+/g));
  assert.ok(named.size > 10);
  assert.deepEqual(
    [...named].filter((name) => !given.has(name)),
    [],
  );
});

test('requests are counted by route and class, whichever process answers', async () => {
  const before = [
    await requests('GET', '/status', '2xx'),
    await requests('GET', '/session', '4xx'),
    await requests('any', 'none', '4xx'),
  ];
  const crowd = Array.from({ length: 12 }, () => newClient()); // so many connections meet more than one process
  await Promise.all(crowd.map((client) => client.get('/status')));
  await Promise.all(crowd.map((client) => client.get('/session')));
  await newClient().request('GET', '/nowhere', { anywhere: true });
  const now = [
    await requests('GET', '/status', '2xx'),
    await requests('GET', '/session', '4xx'),
    await requests('any', 'none', '4xx'),
  ];
  assert.deepEqual(
    now.map((count, i) => count - before[i]),
    [12, 12, 1],
  );
  const labels = 'method="GET",route="/status"';
  assert.equal(await metric(`dossier_request_duration_seconds_count{${labels}}`), now[0]);
  assert.equal(await metric(`dossier_request_duration_seconds_bucket{${labels},le="+Inf"}`), now[0]);
  assert.ok((await metric(`dossier_request_duration_seconds_sum{${labels}}`)) > 0);
});

test('a graceful restart forgets no count', async () => {
  const before = await requests('GET', '/status', '2xx');
  const since = await metric('dossier_counting_since_timestamp_seconds');
  assert.ok(before > 0 && since > 0);
  await portal.graceful();
  assert.ok((await requests('GET', '/status', '2xx')) >= before);
  assert.equal(await metric('dossier_counting_since_timestamp_seconds'), since);
});

test('documents, bytes, connections and rooms are what they are', async () => {
  const of = await steps.accept();
  const before = [await metric('dossier_vault_documents'), await metric('dossier_vault_bytes')];
  const bytes = makePdf('x'.repeat(5000));
  await steps.publish(of, { bytes });
  assert.deepEqual(
    [await metric('dossier_vault_documents'), await metric('dossier_vault_bytes')],
    [before[0] + 1, before[1] + bytes.length],
  );
  const [open, busy, limit] = [
    await metric('dossier_database_connections_open'),
    await metric('dossier_database_connections_busy'),
    await metric('dossier_database_connections_limit'),
  ];
  assert.ok(busy >= 1 && open >= busy && limit > open, `${open} open, ${busy} busy, limit ${limit}`);
  const vault = join(portal.VAR, 'vault');
  assert.equal(await metric(`dossier_vault_up{folder="${vault}"}`), 1);
  const free = await metric(`dossier_vault_filesystem_bytes{folder="${vault}",of="free"}`);
  assert.ok(free > 0 && free <= (await metric(`dossier_vault_filesystem_bytes{folder="${vault}",of="all"}`)));
  assert.ok((await metric('dossier_database_call_seconds_count')) > 0);
});

test('a gateway that fails is seen to pause, and to work again', async () => {
  assert.equal(await gatewayIs('sms', 'working'), 1);
  assert.equal(await gatewayIs('mail', 'none'), 1, 'no mail server is configured');
  assert.deepEqual((await status()).gateways, { sms: 'working', mail: 'none' });
  const sent = await metric('dossier_message_tries_total{channel="sms",outcome="sent"}');
  await gateway.mode('503');
  queue(12);
  await until(() => gatewayIs('sms', 'paused'), 'the pause', 30);
  await until(async () => (await status()).gateways.sms === 'paused', 'the pause in the health answer', 30);
  assert.ok(
    (await waiting('sms', 'waiting')) + (await waiting('sms', 'later')) + (await waiting('sms', 'on_the_way')) >= 12,
  );
  assert.ok((await metric('dossier_message_tries_total{channel="sms",outcome="retried"}')) >= 5);
  await until(
    async () => /^DossierSmsGateway: (paused|probing)$/m.test((await operator.page('/server/status?auto')).text),
    'the line of mod_status',
  );
  assert.equal((await newClient().get('/status')).status, 200, 'the portal itself is well');
  await gateway.mode('ok');
  await until(
    async () => (await metric('dossier_message_tries_total{channel="sms",outcome="sent"}')) >= sent + 12,
    'all to be sent',
    60,
  );
  assert.deepEqual((await status()).gateways.sms, 'working');
  assert.equal(await metric('dossier_outbox_oldest_seconds{channel="sms",kind="alert"}'), 0);
});

test('what the gateway refuses for good is counted, stands among the messages given up, and outbox requeue puts it back', async () => {
  const outbox = (...words) => {
    const { status: code, said } = portal.operator('outbox', ...words);
    assert.equal(code, 0, said);
    return said;
  };
  const refused = await metric('dossier_message_tries_total{channel="sms",outcome="refused"}');
  await gateway.mode('422');
  queue(2);
  await until(async () => (await waiting('sms', 'given_up')) === 2, 'the messages to be given up');
  assert.equal(await metric('dossier_message_tries_total{channel="sms",outcome="refused"}'), refused + 2);
  const ids = portal.rows("SELECT id FROM dossier_data.outbox WHERE state = 'failed'").flat();
  const list = outbox('list');
  for (const id of ids) assert.match(list, new RegExp(`${id} .*sms .*new_documents .*status 422`));
  await gateway.mode('ok');
  assert.deepEqual(JSON.parse(outbox('requeue', ids[0], '--json')), { requeued: 1 });
  assert.equal(outbox('requeue', '--all').trim(), '1 put back');
  await until(
    () =>
      portal.sql(`SELECT count(*) FROM dossier_data.outbox WHERE id IN (${ids.map(literal)}) AND state = 'sent'`) ===
      '2',
    'both to be sent',
  );
  assert.equal(await waiting('sms', 'given_up'), 0);
});

test('mod_status shows the portal, for people and for programs', async () => {
  const { text } = await operator.page('/server/status?auto');
  assert.match(
    text,
    /^DossierRequests: [1-9]\d*\nDossierServerErrors: \d+\nDossierSmsSent: [1-9]\d*\nDossierSmsRetried: [1-9]\d*\nDossierSmsRefused: \d+\nDossierSmsGateway: working\nDossierMailSent: 0\nDossierMailRetried: 0\nDossierMailRefused: \d+\nDossierMailGateway: none$/m,
  );
  assert.match((await operator.page('/server/status')).text, /<h2>Mantova Dossier<\/h2>\n<dl><dt>\d+ requests/);
});

test('without the database the metrics say so, and go on with the rest', async () => {
  portal.stopPostgres();
  try {
    assert.equal((await newClient().get('/session', { unchecked: true })).status, 401, 'no cookie, no question');
    const { text } = await operator.metrics();
    assert.match(text, /^dossier_database_up 0\.000$/m);
    assert.match(text, /^dossier_requests_total\{/m);
    assert.doesNotMatch(text, /^dossier_outbox_messages/m);
    assert.ok((await metric('dossier_database_failures_total{cause="unreachable"}')) > 0);
  } finally {
    portal.startPostgres();
  }
  await until(async () => (await metric('dossier_database_up')) === 1, 'the database to be back', 20);
});

test('the monitoring has an address of its own, which serves nothing else', async () => {
  const fetched = async (path) => fetch(`http://127.0.0.1:${monitoring}${path}`);
  const answer = await fetched('/metrics');
  assert.equal(answer.status, 200);
  const text = await answer.text();
  assert.match(text, /^dossier_requests_total\{.*route="\/status".*\} [1-9]/m);
  assert.match(text, /^dossier_database_up 1\.000$/m);
  for (const path of ['/', '/api/v1/status', '/api/v1/session']) assert.equal((await fetched(path)).status, 403, path);
});

test('the metrics are read, not written', async () => {
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const answer = await newClient().request(method, '/server/metrics', { absolute: true, unchecked: true });
    assert.equal(answer.status, 405);
  }
});
