// Messages through a real gateway process (HTTPS, JSON) and a real mail server (STARTTLS, AUTH), also while these misbehave.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { meaningful } from './lib/canaries.mjs';
import { Client } from './lib/http.mjs';
import { Operator } from './lib/operator.mjs';
import { acceptanceBody, mobile, person } from './lib/people.mjs';
import { Portal, literal, until } from './lib/portal.mjs';
import { Steps } from './lib/steps.mjs';
import { MAIL_LOGIN, StandIn, makeCertificates, makeFolder, writeGateways } from '../outbound/stage.mjs';

const folder = makeFolder();
const right = makeCertificates(folder, 'right');
const wrong = makeCertificates(folder, 'wrong');
const gateway = await StandIn.start('gateway.py', right.cert, right.key);
const impostor = await StandIn.start('gateway.py', wrong.cert, wrong.key);
const mail = await StandIn.start('smtp_server.py', right.cert, right.key, ...MAIL_LOGIN);
after(() => [gateway, impostor, mail].forEach((one) => one.stop()));

const gateways = join(folder, 'gateways.conf');
writeGateways(gateways, { gateway, mail });
Object.assign(process.env, { GATEWAYS: gateways, SSL_CERT_FILE: right.ca });
const portal = await Portal.start();
process.prependListener('exit', () => portal.stop()); // before its gateways.conf goes
portal.sql("UPDATE dossier_data.throttle_limit SET value = 0 WHERE name = 'alert_delay_seconds'");

const clients = [];
after(() => clients.forEach((client) => client.close()));
function newClient(options) {
  const client = new Client(portal, options);
  clients.push(client);
  return client;
}

const read = (request) => JSON.parse(request.body);
const sentTo = (mobile) => (request) => read(request).recipient === mobile;
const mailedTo = (address) => (received) => received.to.includes(address);

/** Where the suite's steps look for a code: at the gateway. */
const atTheGateway = {
  async code(mobile) {
    const [request] = await gateway.await(sentTo(mobile));
    return /\b(\d{6})\b/.exec(read(request).message)[1];
  },
};
const steps = new Steps({ portal, outbox: atTheGateway, desk: newClient({ key: portal.keys.desk }), newClient });

/** Someone whose code is on its way, not yet waited for. */
async function askForCode() {
  const of = await steps.accept(person());
  const answer = await newClient().post('/registrations', {
    consent: { notice: 'portal', version: await steps.noticeVersion('portal') },
    password: of.password,
    profile: {
      codice_fiscale: of.codice_fiscale,
      first_name: of.first_name,
      last_name: of.last_name,
      birth_date: of.birth_date,
      birth_place: of.birth_place,
      mobile: of.mobile,
      email: of.email,
      language: 'it',
    },
  });
  assert.equal(answer.status, 202, answer.text);
  return of;
}

/** What the outbox says of the only message to this number or address: {status, tries}. */
function row(to) {
  const rows = portal.rows(`SELECT state, tries FROM dossier_data.outbox WHERE recipient = ${literal(to)}`);
  assert.equal(rows.length, 1);
  return { state: rows[0][0], tries: Number(rows[0][1]) };
}

const fileOf = (object) => join(portal.VAR, 'vault', object.slice(0, 2), object.slice(2, 4), object);
const objectOf = (document) =>
  portal.sql(`SELECT object_id FROM dossier_data.document WHERE id = ${literal(document.id)}`);

/** As if nobody had written to it for two hours: old enough for the sweep. */
function age(file) {
  const then = new Date(Date.now() - 2 * 3600_000);
  utimesSync(file, then, then);
}

const complaintsSince = (from) => portal.log().complaints(from).join('\n');

test('a code travels through the gateway and opens an account', async () => {
  const of = await steps.register(person());
  const requests = await gateway.received(sentTo(of.mobile));
  assert.equal(requests.length, 1);
  const [request] = requests;
  assert.equal(request.method, 'POST');
  assert.equal(request.path, '/v1/messages');
  assert.equal(request.headers['content-type'], 'application/json');
  assert.match(read(request).reference, /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  assert.equal(request.headers['idempotency-key'], read(request).reference);
  // the phone fills the code in by the last line
  const code = /\b(\d{6})\b/.exec(read(request).message)[1];
  assert.ok(read(request).message.endsWith(`\n\n@localhost #${code}`), read(request).message);
  await until(() => row(of.mobile).state === 'sent', 'the outbox to know');
});

test('a code is at the gateway within a second of the request', async () => {
  const times = [];
  for (let i = 0; i < 3; i++) {
    const began = Date.now() / 1000;
    const of = await askForCode();
    const [request] = await gateway.await(sentTo(of.mobile));
    times.push(request.at - began); // with the desk's request before it
  }
  times.sort((a, b) => a - b);
  assert.ok(times[1] < 1, `${times} s`);
});

test('a code leads to the site where it was asked for, whichever desk noted the number', async () => {
  const last = async (of) =>
    /\n\n(@\S+) #\d{6}$/.exec(read((await gateway.received(sentTo(of.mobile))).at(-1)).message)?.[1];
  const of = await steps.accept(person(), {
    desk: newClient({ key: portal.keys.other }),
    facility: 'citta-di-suzzara',
  });
  await steps.register(of);
  assert.equal(await last(of), '@localhost');

  const elsewhere = await steps.accept();
  await steps.startRegistration(elsewhere, newClient({ host: 'citta-di-suzzara.localhost' }));
  assert.equal(await last(elsewhere), '@citta-di-suzzara.localhost');
  elsewhere.mobile = mobile(); // the desk puts it right
  const correct = (query) =>
    steps.desk.put(`/integration/acceptances/${elsewhere.acceptance}`, acceptanceBody(elsewhere), { query });
  assert.match(
    (await correct({ dry_run: true })).json.messages.find(({ template }) => template === 'verification_code').text,
    /@citta-di-suzzara\.localhost #/,
  );
  assert.equal((await correct()).status, 200);
  await atTheGateway.code(elsewhere.mobile);
  assert.equal(await last(elsewhere), '@citta-di-suzzara.localhost');

  portal.age.sends(of.mobile, '25 hours');
  const forgot = newClient({ host: 'citta-di-suzzara.localhost' });
  const reset = (await forgot.post('/password-resets', { login: of.mobile })).json;
  await until(async () => (await gateway.received(sentTo(of.mobile))).length === 2, 'the code');
  assert.equal(await last(of), '@citta-di-suzzara.localhost');
  portal.age.sends(of.mobile, '25 hours');
  assert.equal((await newClient().post(`/password-resets/${reset.id}/codes`, {})).status, 202);
  await until(async () => (await gateway.received(sentTo(of.mobile))).length === 3, 'the next code');
  assert.equal(await last(of), '@localhost');
});

test('new documents are announced by SMS and by mail over TLS, with a password, without health content', async () => {
  const of = await steps.activate(person());
  await steps.publish(of, { title: 'Esami del sangue' });
  const [received] = await mail.await(mailedTo(of.email));
  assert.equal(received.tls, true);
  assert.equal(received.user, MAIL_LOGIN[0]);
  assert.equal(received.from, 'avvisi@example.org');
  assert.match(received.content, /^Subject: Nuovi documenti disponibili\r$/m);
  assert.match(received.content, /^Message-ID: <[0-9a-f-]{36}@example\.org>\r$/m);
  assert.match(received.content, new RegExp(`^List-Unsubscribe: <https://localhost:${portal.port}/#/profilo>\r$`, 'm'));
  const boundary = /^Content-Type: multipart\/alternative; boundary="([^"]+)"\r$/m.exec(received.content)[1];
  const [plain, html] = received.content
    .split(`--${boundary}`)
    .slice(1)
    .map((part) => part.replaceAll('=\r\n', '').replaceAll('=3D', '='));
  assert.match(plain, /^\r\nContent-Type: text\/plain; charset=UTF-8\r$/m);
  assert.match(
    plain,
    new RegExp(`https://localhost:${portal.port}\r\n\r\n.*https://localhost:${portal.port}/#/profilo\r\n$`),
  );
  assert.match(html, /^\r\nContent-Type: text\/html; charset=UTF-8\r$/m);
  assert.match(html, /<html lang="it">/);
  assert.match(html, new RegExp(`<a href="https://localhost:${portal.port}">https://localhost:${portal.port}</a>`));
  const alerts = await gateway.await(
    (request) => sentTo(of.mobile)(request) && !/\d{6}\b.*#/s.test(read(request).message),
  );
  for (const text of [received.content, ...alerts.map((request) => request.body)]) {
    for (const word of [of.first_name, of.last_name, of.codice_fiscale, 'Esami', 'sangue', 'Pellegrino', 'referto']) {
      assert.ok(!text.includes(word), `${word} in ${text}`);
    }
  }
});

test('a gateway that fails is tried again with the same id, and the log says so once', async () => {
  const from = portal.log().size();
  await gateway.mode('500');
  const people = [await askForCode(), await askForCode(), await askForCode()];
  for (const of of people) await gateway.await(sentTo(of.mobile), 2);
  await gateway.mode('ok');
  for (const of of people) {
    const requests = await gateway.await((request) => sentTo(of.mobile)(request) && request.mode === 'ok');
    assert.equal(requests.length, 1);
    const all = await gateway.received(sentTo(of.mobile));
    assert.equal(new Set(all.map((request) => read(request).reference)).size, 1);
    assert.equal(new Set(all.map((request) => read(request).message)).size, 1);
    await until(() => row(of.mobile).state === 'sent', 'the outbox to know');
  }
  const lines = complaintsSince(from);
  assert.equal(lines.match(/DOS0404/g)?.length, 1, lines);
  assert.match(portal.log().read(from), /DOS0406: the SMS gateway works again/);
});

test('a lost answer means one more message with the same id, never none', async () => {
  await gateway.mode('reset');
  const of = await askForCode();
  await gateway.await(sentTo(of.mobile));
  await gateway.mode('ok');
  const all = await gateway.await(sentTo(of.mobile), 2);
  assert.equal(new Set(all.map((request) => read(request).reference)).size, 1);
  await until(() => row(of.mobile).state === 'sent', 'the outbox to know');
});

test('what the gateway refuses for good is not tried again', async () => {
  const from = portal.log().size();
  await gateway.mode('400');
  const of = await askForCode();
  await until(() => row(of.mobile).state === 'failed', 'the outbox to give it up');
  await gateway.mode('ok');
  const other = await askForCode();
  await gateway.await(sentTo(other.mobile));
  assert.equal((await gateway.received(sentTo(of.mobile))).length, 1);
  assert.match(
    complaintsSince(from),
    /DOS0405: message [0-9a-f-]{36} cannot be sent by the SMS gateway \(HTTP status 400\)/,
  );
});

test('what is wrong with our request, not with the message, loses no code', async () => {
  for (const mode of ['401', '404', '406', '410', '415', '421', '451']) {
    await gateway.mode(mode);
    const of = await askForCode();
    await until(() => row(of.mobile).tries > 0, `a first try: ${mode}`);
    assert.equal(row(of.mobile).state, 'queued', mode);
    await gateway.mode('ok');
    await gateway.await((request) => sentTo(of.mobile)(request) && request.mode === 'ok');
  }
});

test('a redirect is not followed', async () => {
  await gateway.mode('redirect');
  const of = await askForCode();
  await gateway.await(sentTo(of.mobile), 2);
  await gateway.mode('ok');
  await gateway.await((request) => sentTo(of.mobile)(request) && request.mode === 'ok');
  assert.ok((await gateway.received()).every((request) => request.path === '/v1/messages'));
});

test('greylisted mail comes later, mail to an unknown address never', async () => {
  const late = await steps.activate(person());
  await mail.mode('greylist');
  await steps.publish(late);
  await until(() => row(late.email).tries > 0, 'a first try');
  await mail.mode('ok');
  assert.equal((await mail.await(mailedTo(late.email))).length, 1);

  const never = await steps.activate(person());
  await mail.mode('unknown');
  await steps.publish(never);
  await until(() => row(never.email).state === 'failed', 'the outbox to give it up');
  await mail.mode('ok');
  assert.equal((await mail.received(mailedTo(never.email))).length, 0);
});

test('a refusal that is not about the message loses no mail', async () => {
  const of = await steps.activate(person());
  for (const mode of [
    '554 No SMTP service here',
    '521 I take no mail',
    'MAIL 553 5.1.8 Sender unknown',
    'MAIL 550 Not you',
    'RCPT 554 5.7.1 Client host blocked',
    'TEXT 550 5.7.26 Not authenticated',
  ]) {
    const to = await steps.activate(person());
    await mail.mode(mode);
    await steps.publish(to);
    await until(() => row(to.email).tries > 0, `a first try: ${mode}`, 40);
    assert.equal(row(to.email).state, 'queued', mode);
    assert.match(
      portal.sql(
        `SELECT error FROM dossier_data.outbox_try JOIN dossier_data.outbox ON outbox.id = outbox_id WHERE recipient = ${literal(to.email)} AND error IS NOT NULL LIMIT 1`,
      ),
      new RegExp(`SMTP status ${/\d+/.exec(mode)}`),
    );
    await mail.mode('ok');
    assert.equal((await mail.await(mailedTo(to.email), 1, 40)).length, 1, mode);
  }
  await mail.mode('TEXT 554 5.6.0 Such a text never');
  await steps.publish(of);
  await until(() => row(of.email).state === 'failed', 'the outbox to give it up', 40);
  await mail.mode('ok');
});

test('a mail server that hangs keeps no code waiting', async () => {
  const of = await steps.activate(person());
  await mail.mode('hang');
  await steps.publish(of);
  await until(
    () =>
      portal.sql(
        `SELECT count(*) FROM dossier_data.outbox WHERE recipient = ${literal(of.email)} AND claimed_by IS NOT NULL`,
      ) === '1',
    'the mail to be on its way',
  );
  const from = Date.now();
  const other = await askForCode();
  await gateway.await(sentTo(other.mobile));
  assert.ok(Date.now() - from < 5000, `the code took ${Date.now() - from} ms`);
  await mail.mode('ok');
});

test('within two minutes the expired document, its key and files that were destroyed are gone, those without a row set aside', async () => {
  const of = await steps.accept(person());
  const [expired, kept, young] = [await steps.publish(of), await steps.publish(of), await steps.publish(of)];
  // beside a file of a row, so that the folder is there
  const beside = () => fileOf(objectOf(kept).slice(0, 4) + randomUUID().slice(4));
  const [orphan, fresh] = [beside(), beside()];
  const withdrawn = await steps.publish(of);
  const left = fileOf(objectOf(withdrawn)); // as if it could not be removed
  const stray = join(portal.VAR, 'vault', 'tmp', `${randomUUID()}.part`);
  for (const file of [orphan, fresh, stray]) cpSync(fileOf(objectOf(kept)), file);
  assert.equal(
    (await newClient({ key: portal.keys.desk }).delete(`/integration/documents/${withdrawn.external_id}`)).status,
    200,
  );
  mkdirSync(dirname(left), { recursive: true });
  cpSync(fileOf(objectOf(kept)), left);
  for (const file of [orphan, stray, left, fileOf(objectOf(kept))]) age(file);
  const vanishing = fileOf(objectOf(expired));
  assert.ok(statSync(vanishing).size > 0);
  portal.sql(
    `UPDATE dossier_data.document SET expires_at = now() - interval '1 second' WHERE id = ${literal(expired.id)}`,
  );
  const operator = new Operator(newClient());
  const counts = [
    'dossier_purge_runs_total',
    'dossier_purged_files_total',
    'dossier_swept_files_total',
    'dossier_audit_seals_total',
  ];
  const before = await Promise.all(counts.map((name) => operator.metric(name)));
  await portal.graceful(); // a new child sweeps in its first round
  await until(
    () => !existsSync(vanishing) && !existsSync(orphan) && !existsSync(stray) && !existsSync(left),
    'the files to go',
    120,
  );
  const aside = join(portal.VAR, 'vault', 'quarantine');
  assert.deepEqual(readdirSync(aside), [basename(orphan)], 'what no row names is kept');
  assert.deepEqual(
    portal.rows(
      `SELECT wrapped_key IS NULL, title IS NULL FROM dossier_data.document WHERE id = ${literal(expired.id)}`,
    ),
    [['t', 't']],
  );
  for (const document of [kept, young]) {
    assert.ok(existsSync(fileOf(objectOf(document))));
    assert.equal(
      portal.sql(`SELECT wrapped_key IS NOT NULL FROM dossier_data.document WHERE id = ${literal(document.id)}`),
      't',
    );
  }
  assert.ok(existsSync(fresh), 'a file that may still get its row');
  await until(async () => (await operator.metric('dossier_swept_files_total')) > before[2], 'the sweep to be counted');
  assert.equal(await operator.metric('dossier_vault_quarantine_files'), 1);
  const now = await Promise.all(counts.map((name) => operator.metric(name)));
  counts.forEach((name, i) => assert.ok(now[i] > before[i], `${name} was ${before[i]}, is ${now[i]}`));
  assert.ok(Math.abs(Date.now() / 1000 - (await operator.metric('dossier_purge_last_timestamp_seconds'))) < 120);
  assert.equal(await operator.metric('dossier_purge_failures_total'), 0);
});

test('a gateway with a certificate nobody vouches for gets nothing', async () => {
  const from = portal.log().size();
  writeGateways(gateways, { gateway: impostor, mail });
  await portal.graceful();
  const of = await askForCode();
  await until(() => /DOS0404: .*certificate/.test(complaintsSince(from)), 'the refusal in the log');
  assert.deepEqual(await impostor.received(), []);
  writeGateways(gateways, { gateway, mail });
  await portal.graceful();
  await gateway.await(sentTo(of.mobile));
});

test('a graceful restart loses nothing that is on its way', async () => {
  await gateway.mode('hang');
  const of = await askForCode();
  await gateway.await(sentTo(of.mobile));
  await portal.graceful();
  await gateway.mode('ok');
  await until(() => row(of.mobile).state === 'sent', 'the message to be sent by the new children');
  const all = await gateway.received(sentTo(of.mobile));
  assert.equal(new Set(all.map((request) => read(request).reference)).size, 1);
});

test('when the child that sends is killed, another takes its turn', async () => {
  await gateway.mode('hang');
  const of = await askForCode();
  await gateway.await(sentTo(of.mobile));
  const worker = portal.sql(`SELECT claimed_by FROM dossier_data.outbox WHERE recipient = ${literal(of.mobile)}`);
  const pid = Number(worker.split(':')[1]);
  process.kill(pid, 'SIGKILL');
  await until(() => !existsSync(`/proc/${pid}`), 'the child to be gone'); // its connections, ours too, end with it
  await gateway.mode('ok');
  const other = await askForCode(); // at once, not after somebody's patience
  await gateway.await(sentTo(other.mobile));
  // what the dead had in hand is free at once, not when its claim grows old
  await until(() => row(of.mobile).state === 'sent', 'the message to be sent by another child');
  const all = await gateway.received(sentTo(of.mobile));
  assert.equal(new Set(all.map((request) => read(request).reference)).size, 1);
});

test('PostgreSQL restarts while a message is on its way: it is sent once all the same', async () => {
  const from = portal.log().size();
  await gateway.mode('late');
  const of = await askForCode();
  await gateway.await(sentTo(of.mobile));
  portal.restartPostgres();
  await until(() => row(of.mobile).state === 'sent', 'the outbox to know', 60);
  assert.equal((await gateway.received(sentTo(of.mobile))).length, 1);
  await gateway.mode('ok');
  assert.ok((complaintsSince(from).match(/DOS0403/g) ?? []).length <= 2, 'at most one line per channel');
});

test('the log holds no number, address, text or code', async () => {
  const log = meaningful('error_log', portal.log().read());
  for (const request of await gateway.received()) {
    const { recipient, message } = read(request);
    for (const secret of [recipient, recipient.slice(1), message.slice(0, 20), /\b\d{6}\b/.exec(message)?.[0]]) {
      assert.ok(
        !secret || !new RegExp(`(?<![0-9a-f-])${secret.replace(/[+.?]/g, '\\$&')}(?![0-9a-f-])`).test(log),
        `${secret} is in the log`,
      );
    }
  }
  for (const { to } of await mail.received()) assert.ok(!log.includes(to[0]));
  assert.ok(!log.includes(MAIL_LOGIN[1]) && !log.includes('p%40ss'));
});
