// The examples of conf/gateways/, each as it stands there but for host names: Kannel itself, and stand-ins for Twilio and a JSON
// provider. With them the callback route for delivery receipts.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Client } from './lib/http.mjs';
import { person } from './lib/people.mjs';
import { Portal, literal, until } from './lib/portal.mjs';
import { Steps } from './lib/steps.mjs';
import { Kannel } from '../outbound/kannel.mjs';
import { StandIn, makeFolder, writeExample, writeSecrets } from '../outbound/stage.mjs';

const folder = makeFolder();
const gateways = join(folder, 'gateways.conf');
const secrets = join(folder, 'sms.secrets');
const callback = randomBytes(16).toString('hex');
const basic = Buffer.from('AC01:twilio-token').toString('base64');
const gateway = await StandIn.start('gateway.py');
after(() => gateway.stop());
const provider = `http://127.0.0.1:${gateway.port}`;

process.env.GATEWAYS = gateways;
writeSecrets(secrets, { callback, account: 'AC01', basic, token: 'json-token', kannel: 'kannel-password-1' });
writeExample(gateways, 'json', { secrets, hosts: { 'https://sms.example.org': provider } });
const portal = await Portal.start();
process.prependListener('exit', () => portal.stop());
portal.sql("UPDATE dossier_data.throttle_limit SET value = 0 WHERE name = 'alert_delay_seconds'");

const clients = [];
after(() => clients.forEach((client) => client.close()));
function newClient(options) {
  const client = new Client(portal, options);
  clients.push(client);
  return client;
}

const desk = newClient({ key: portal.keys.desk });
const codeIn = (text) => /\b(\d{6})\b/.exec(text)[1];

/** Steps whose codes are read from `find`: a text for a number. */
const stepsOver = (find) =>
  new Steps({ portal, outbox: { code: async (mobile) => codeIn(await find(mobile)) }, desk, newClient });

const password = (secret) => ({ Authorization: `Basic ${Buffer.from(`portal:${secret}`).toString('base64')}` });
const provides = newClient({ headers: password(callback) });
const receiptOf = (id) => portal.sql(`SELECT receipt FROM dossier_data.outbox WHERE id = ${literal(id)}`);
const sent = (mobile) =>
  until(
    () =>
      portal.sql(
        `SELECT id FROM dossier_data.outbox WHERE recipient = ${literal(mobile)} AND state = 'sent' ORDER BY created_at DESC LIMIT 1`,
      ),
    'the message to be sent',
  );

test('JSON: number, text, id and secrets stand where the example puts them; the answer must say that it was accepted', async () => {
  const steps = stepsOver(
    async (mobile) => JSON.parse((await gateway.await(({ body }) => body.includes(mobile.slice(1))))[0].body).message,
  );
  const of = await steps.accept(person());
  await gateway.mode('refused');
  const started = steps.startRegistration(of);
  await gateway.await(({ body, mode }) => mode === 'refused' && body.includes(of.mobile.slice(1)));
  await gateway.mode('ok');
  const { code } = await started;
  assert.match(code, /^\d{6}$/);
  const [request] = await gateway.await(({ body, mode }) => mode === 'ok' && body.includes(of.mobile.slice(1)));
  const body = JSON.parse(request.body);
  assert.equal(body.recipient, of.mobile.slice(1));
  assert.equal(request.headers.authorization, 'Bearer json-token');
  assert.equal(request.headers['idempotency-key'], body.reference);
  assert.ok(body.callback.includes(`portal:${callback}@`));
  const id = await sent(of.mobile);
  assert.equal(body.reference, id);
  assert.equal(portal.sql(`SELECT provider_id FROM dossier_data.outbox WHERE id = ${literal(id)}`), request.message_id);
  assert.equal(
    portal.sql(
      `SELECT string_agg(outcome || coalesce(': ' || error, ''), ', ' ORDER BY id) FROM dossier_data.outbox_try WHERE outbox_id = ${literal(id)}`,
    ),
    'retry: the answer does not say that it was accepted, sent',
  );

  // the receipt, as the example reads it; what is not final first
  for (const [status, expected] of [
    ['sent', undefined],
    ['failed', 'undelivered'],
    ['delivered', 'delivered'],
    ['failed', 'delivered'],
  ]) {
    const text = JSON.stringify({ event: 'dlr', data: { reference: id, status, parts: 2 } });
    const answer = await provides.request('POST', '/callbacks/sms', {
      text,
      headers: { 'Content-Type': 'application/json' },
    });
    assert.equal(answer.status, 204, answer.text);
    assert.equal(receiptOf(id) || undefined, expected);
  }
});

test('the callback route takes nothing from strangers, and says what is missing', async () => {
  const get = (client, query, options) => client.get(`/callbacks/sms${query}`, options);
  const right = `?data.reference=${randomUUID()}&data.status=delivered`;
  for (const headers of [
    {},
    password('wrong'),
    { Authorization: 'Bearer wrong' },
    { Authorization: 'Basic ???' },
    { Authorization: `Basic ${callback}` },
  ]) {
    const answer = await get(newClient({ headers }), right);
    assert.equal(answer.status, 401, answer.text);
    assert.match(answer.headers['www-authenticate'], /^Basic /);
    const posted = await newClient({ headers }).post('/callbacks/sms', {});
    assert.deepEqual([posted.status, posted.json.type], [401, 'urn:mantova-dossier:problem:key-refused']);
  }
  assert.equal(
    (await get(newClient({ headers: { Authorization: `Bearer ${callback}` } }), right)).status,
    204,
    'an unknown id is taken: the provider is not to try again',
  );
  const errorsOf = (answer) => answer.json.errors.map(({ field, code }) => `${field} ${code}`);
  const missing = await get(provides, '');
  assert.equal(missing.status, 422);
  assert.deepEqual(errorsOf(missing), ['data.reference required', 'data.status required']);
  assert.deepEqual(errorsOf(await get(provides, '?data.reference=1&data.status=x')), ['data.reference characters']);
  const post = (text, headers) => provides.request('POST', '/callbacks/sms', { text, headers });
  assert.equal((await post('{"data": [', { 'Content-Type': 'application/json' })).status, 422);
  assert.equal(
    (await post(`a=${'b'.repeat(70000)}`, { 'Content-Type': 'application/x-www-form-urlencoded' })).status,
    413,
  );
  assert.equal((await post('', { Origin: 'https://evil.example' })).status, 403);
});

test("Twilio: a form, and receipts by the provider's id, even one that is quicker than the answer", async () => {
  writeExample(gateways, 'twilio', { secrets, hosts: { 'https://api.example.org': provider } });
  await portal.graceful();
  const form = (request) => Object.fromEntries(new URLSearchParams(request.body));
  const isTo = (mobile) => (request) => request.path.endsWith('Messages.json') && form(request).To === mobile;
  await gateway.mode('late');
  const steps = stepsOver(async (mobile) => form((await gateway.await(isTo(mobile)))[0]).Body);
  const of = await steps.register(person());
  const [request] = await gateway.received(isTo(of.mobile));
  assert.equal(request.path, '/2010-04-01/Accounts/AC01/Messages.json');
  assert.equal(request.headers.authorization, `Basic ${basic}`);
  assert.equal(form(request).From, '+390376000000');
  assert.ok(form(request).StatusCallback.includes(callback));
  const receipt = new URLSearchParams({ MessageSid: request.message_id, MessageStatus: 'delivered' }).toString();
  const answer = await provides.request('POST', '/callbacks/sms', {
    text: receipt,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(answer.status, 204);
  await gateway.mode('ok');
  const id = await sent(of.mobile);
  assert.equal(receiptOf(id), 'delivered');

  // and of an alert: the desk sees it, and the account's activity
  await steps.activate(of);
  const document = await steps.publish(of);
  const alert = await until(
    async () => (await gateway.received(isTo(of.mobile))).find((one) => !/\d{6}/.test(form(one).Body)),
    'the alert',
  );
  await sent(of.mobile);
  await provides.request('POST', '/callbacks/sms', {
    text: `MessageStatus=undelivered&MessageSid=${alert.message_id}`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  const state = await desk.get(`/integration/documents/${document.external_id}`);
  const sms = state.json.alerts.find(({ channel }) => channel === 'sms');
  assert.equal(sms.state, 'undelivered');
  assert.match(sms.at, /Z$/);
  const { activity } = (await of.client.get('/activity')).json;
  assert.deepEqual(
    activity.filter(({ action }) => action.startsWith('message')).map(({ action, actor }) => `${actor} ${action}`),
    ['system message_undelivered'],
  );
});

test('Kannel: a registration, its SMS through bearerbox, smsbox and the fake SMS centre, its receipt back', async () => {
  const kannel = await Kannel.start(folder, { ca: join(portal.VAR, 'tls', 'cert.pem') });
  try {
    writeExample(gateways, 'kannel', {
      secrets,
      hosts: {
        'https://kannel.example.org:13013': `http://127.0.0.1:${kannel.port}`,
        'referti.example.org': `localhost%3A${portal.port}`,
      },
    });
    await portal.graceful();
    const steps = stepsOver(async (mobile) => (await kannel.await(({ to }) => to === mobile)).text);
    const of = await steps.activate(person());
    const [first] = kannel.received;
    assert.equal(first.from, 'Referti');
    assert.match(first.text, /^Il Suo codice di verifica: \d{6}\./, 'the text as it was written, blanks and lines too');
    assert.match(first.text, /\n\n@localhost #\d{6}$/, 'one SMS, to its last line, by which phones fill the code in');
    await steps.publish(of);
    await kannel.await(({ to, text }) => to === of.mobile && /nuovi documenti/.test(text));
    await until(
      () =>
        portal.sql(
          `SELECT count(*) FROM dossier_data.outbox WHERE recipient = ${literal(of.mobile)} AND receipt = 'delivered'`,
        ) === '2',
      'both receipts',
    );
    assert.deepEqual(kannel.foreign, [], 'none in parts, none in UCS-2');
  } finally {
    kannel.stop();
  }
});

test('no secret is in the logs', () => {
  const logs = portal.log().read() + portal.log('access.log').read();
  for (const secret of [callback, basic, 'json-token', 'kannel-password-1']) assert.ok(!logs.includes(secret), secret);
});
