// Point 3: logging in and out, and where an account is open.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { after } from 'node:test';
import { expect, fieldErrors, newClient, portal, steps, test } from './lib/suite.mjs';
import { headerNames } from './lib/http.mjs';
import { mobile } from './lib/people.mjs';

const login = (client, of, overrides) =>
  client.post('/session', { login: of.mobile, password: of.password, ...overrides });
const alive = async (client) => (await client.get('/session')).status === 200;

let node; // the port of a second Apache
after(() => node && portal.stopNode('b'));

test('logs in with mobile or e-mail, as people type them', async () => {
  const of = await steps.register();
  const spellings = [
    of.mobile,
    of.mobile.slice(3),
    `0039 ${of.mobile.slice(3, 6)} ${of.mobile.slice(6)}`,
    of.email,
    ` ${of.email.toUpperCase()}`,
  ];
  for (const typed of spellings) {
    const client = newClient();
    const { account } = expect(await login(client, of, { login: typed }), 200).json;
    assert.equal(account.id, of.account.id);
    assert.ok(await alive(client));
  }
});

test("the cookie is for this host, TLS and the portal's own pages only", async () => {
  const of = await steps.register();
  const [cookie, ...more] = expect(await login(newClient(), of), 200).headers['set-cookie'];
  assert.deepEqual(
    more.map((one) => one.split('=')[0]),
    ['__Host-dossier-device'],
  );
  const [pair, ...attributes] = cookie.split('; ');
  assert.match(pair, /^__Host-dossier=[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(attributes.sort(), ['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure']);
});

test('an unknown login and a wrong password answer the same', async () => {
  const of = await steps.register();
  const wrong = expect(await login(newClient(), of, { password: `${of.password}x` }), 401, 'login-failed');
  const seen = (answer) => ({
    status: answer.status,
    json: answer.json,
    headers: headerNames(answer),
    length: answer.headers['content-length'],
  });
  for (const unknown of [mobile(), 'nobody@example.org', 'neither', '@', '+', '🦊']) {
    const answer = expect(await login(newClient(), of, { login: unknown }), 401, 'login-failed');
    assert.deepEqual(seen(answer), seen(wrong), unknown);
    assert.equal(answer.headers['set-cookie'], undefined);
  }
  for (const password of ['', 'x'.repeat(5000), of.password.toUpperCase()]) {
    const answer = await login(newClient(), of, { password });
    if (password) expect(answer, 401, 'login-failed');
    else assert.deepEqual(fieldErrors(expect(answer, 422, 'invalid-fields')), ['password empty']);
  }
});

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

test('an unknown login takes as long as a wrong password', async () => {
  const of = await steps.register();
  const times = { known: [], unknown: [] };
  for (let n = 0; n < 9; n++) {
    for (const [kind, typed] of [
      ['known', of.mobile],
      ['unknown', mobile()],
    ]) {
      const client = newClient();
      await client.get('/status'); // the handshake is no part of it
      const began = performance.now();
      expect(await login(client, of, { login: typed, password: 'not the password' }), 401, 'login-failed');
      times[kind].push(performance.now() - began);
    }
  }
  const ratio = median(times.known) / median(times.unknown);
  assert.ok(ratio > 0.6 && ratio < 1.7, `known ${median(times.known)} ms, unknown ${median(times.unknown)} ms`);
});

test('thirty logins of one account at once: let in, or asked to come back', async (t) => {
  t.allowLog(/DOS0010: POST \/session answered 503 busy/);
  const of = await steps.register();
  const answers = await Promise.all(Array.from({ length: 30 }, () => login(newClient(), of)));
  for (const answer of answers) assert.ok(answer.status === 200 || answer.problem === 'busy', answer.text);
  assert.ok(answers.some(({ status }) => status === 200));
  const tokens = new Set(answers.filter(({ status }) => status === 200).map(({ headers }) => headers['set-cookie'][0]));
  assert.equal(tokens.size, answers.filter(({ status }) => status === 200).length, 'a token of its own for each');
});

test('names wrong fields', async () => {
  const answer = expect(await newClient().post('/session', { login: 5, user: 'x' }), 422, 'invalid-fields');
  assert.deepEqual(fieldErrors(answer), ['login type', 'password required', 'user unknown']);
});

test('wrong passwords from one address do not lock the owner out elsewhere', async () => {
  const of = await steps.register();
  const stranger = newClient();
  for (let n = 0; n < 5; n++) expect(await login(stranger, of, { password: 'not the password' }), 401, 'login-failed');
  const refused = expect(await login(stranger, of, { password: 'not the password' }), 429, 'throttled');
  assert.ok(Number(refused.headers['retry-after']) >= 1);
  assert.equal(refused.headers['ratelimit-limit'], '5');
  expect(await login(stranger, of), 429, 'throttled'); // the right one is not even looked at
  expect(await login(newClient(), of), 200);
  const other = await steps.register();
  expect(await login(stranger, other), 200); // from the same address, but another login
});

test('an address that fails with many logins is slowed down', async () => {
  const stranger = newClient();
  let refused = 0;
  for (let n = 0; n < 52; n++) {
    const answer = await stranger.post('/session', { login: mobile(), password: 'not the password' });
    if (answer.status === 429) refused++;
    else expect(answer, 401, 'login-failed');
    assert.ok(n >= 50 || answer.status === 401, `refused at ${n + 1}`);
    assert.ok(answer.status === 401 || Number(answer.headers['retry-after']) <= 10, 'slowed down, not refused');
  }
  assert.equal(refused, 2);
  const of = await steps.register();
  expect(await login(stranger, of), 429, 'throttled');
  portal.age.throttles('turn', "hits <> '{}'", '10 seconds');
  expect(await login(stranger, of), 200);
  expect(await login(stranger, of), 200); // the device is known now: it passes at once
});

test('throttled logins can be tried again after the time said', async () => {
  const of = await steps.register();
  const client = newClient();
  for (let n = 0; n < 5; n++) expect(await login(client, of, { password: 'not the password' }), 401, 'login-failed');
  const wait = Number(expect(await login(client, of), 429, 'throttled').headers['retry-after']);
  portal.age.logins(of.mobile, client.address, `${wait + 1} seconds`);
  expect(await login(client, of), 200);
});

test('every login gives a new token, and adopts none it was given', async () => {
  const of = await steps.register();
  const client = newClient();
  const planted = randomBytes(32).toString('base64url');
  client.cookies.set('__Host-dossier', planted);
  expect(await login(client, of), 200);
  const first = client.token;
  assert.notEqual(first, planted);
  const victim = newClient();
  victim.cookies.set('__Host-dossier', planted);
  expect(await victim.get('/session'), 401, 'unauthenticated');
  expect(await login(client, of), 200);
  assert.notEqual(client.token, first);
  assert.notEqual(of.client.token, first, 'registering and logging in give different tokens');
});

test('a login that comes with a session closes that one, a failed one does not, and no other is touched', async () => {
  const of = await steps.register();
  const { client } = of;
  const elsewhere = newClient();
  expect(await login(elsewhere, of), 200);
  const first = client.token;
  expect(await login(client, of, { password: 'not the password' }), 401, 'login-failed');
  assert.ok(await alive(client), 'a failed login leaves the session open');
  expect(await login(client, of), 200);
  const old = newClient();
  old.cookies.set('__Host-dossier', first);
  expect(await old.get('/session'), 401, 'unauthenticated');
  assert.ok(await alive(client));
  assert.ok(await alive(elsewhere));
});

test('what the database holds is no token', async () => {
  const of = await steps.register();
  expect(await login(newClient(), of), 200);
  const dump = portal.rows('SELECT row_to_json(s) FROM dossier_data.session s').flat().join('\n');
  assert.ok(!dump.includes(of.client.token), 'the token itself is stored');
  for (const text of dump.match(/[0-9a-f]{64}/g)) {
    const thief = newClient();
    thief.cookies.set('__Host-dossier', text.slice(0, 43));
    expect(await thief.get('/session'), 401);
    break;
  }
});

test('tokens that are none', async () => {
  for (const token of ['', 'x', 'x'.repeat(43), 'x'.repeat(3000), `${'x'.repeat(42)}é`, "' OR 1=1 --"]) {
    const client = newClient();
    expect(
      await client.get('/session', { headers: { Cookie: Buffer.from(`__Host-dossier=${token}`).toString('latin1') } }),
      401,
      'unauthenticated',
    );
  }
});

test('logging out closes the session for good', async () => {
  const of = await steps.register();
  const { client } = of;
  const { token } = client;
  const other = newClient();
  expect(await login(other, of), 200);
  const out = expect(await client.delete('/session'), 204);
  assert.match(out.headers['set-cookie'][0], /^__Host-dossier=;.*Max-Age=0/);
  assert.equal(client.token, undefined);
  client.cookies.set('__Host-dossier', token);
  expect(await client.get('/session'), 401, 'unauthenticated');
  expect(await client.delete('/session'), 401, 'unauthenticated');
  assert.ok(await alive(other), 'the session elsewhere stays');
});

test('a session ends after 20 minutes without a request', async () => {
  const of = await steps.register();
  portal.age.idle(of.account.id, '19 minutes');
  assert.ok(await alive(of.client));
  portal.age.idle(of.account.id, '20 minutes 1 second');
  expect(await of.client.get('/session'), 401, 'unauthenticated');
});

test('a session ends after 8 hours, whatever is done', async () => {
  const of = await steps.register();
  portal.age.whole(of.account.id, '7 hours 59 minutes');
  assert.ok(await alive(of.client));
  portal.age.whole(of.account.id, '1 minute 1 second');
  expect(await of.client.get('/session'), 401, 'unauthenticated');
});

test('sessions survive a graceful restart', async () => {
  const of = await steps.register();
  await portal.graceful();
  assert.equal(expect(await of.client.get('/session'), 200).json.account.id, of.account.id);
  expect(await login(newClient(), of), 200);
});

test('a session opened on one node works on another, and ends on both', async () => {
  node ??= await portal.startNode('b');
  const of = await steps.register();
  const elsewhere = of.client.moved({ port: node });
  assert.equal(expect(await elsewhere.get('/session'), 200).json.account.id, of.account.id);
  expect(await login(newClient({ port: node }), of), 200);
  expect(await elsewhere.delete('/session'), 204);
  expect(await of.client.get('/session'), 401, 'unauthenticated');
  elsewhere.close();
});

test("a session works on both facilities' sites", async () => {
  const of = await steps.register();
  const suzzara = newClient({ host: 'citta-di-suzzara.localhost' });
  expect(await login(suzzara, of), 200);
  assert.ok(await alive(suzzara));
});

test('sessions are listed, this one first, with what each is known by', async () => {
  const of = await steps.register();
  const phone = newClient({
    headers: {
      'User-Agent':
        'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
    },
  });
  expect(await login(phone, of), 200);
  const { sessions } = expect(await of.client.get('/sessions'), 200).json;
  assert.deepEqual(
    sessions.map(({ current, device }) => [current, device]),
    [
      [true, 'e2e'],
      [false, 'Safari, iPhone'],
    ],
  );
  const [first] = expect(await phone.get('/sessions'), 200).json.sessions;
  assert.deepEqual([first.current, first.id], [true, sessions[1].id]);
});

test("one session or all others can be closed, one's own too, another's never", async () => {
  const of = await steps.register();
  const stranger = await steps.register();
  const others = [newClient(), newClient(), newClient()];
  for (const client of others) expect(await login(client, of), 200);
  const idOf = async (client) => (await client.get('/sessions')).json.sessions[0].id;
  const end = (client, id) => client.delete(`/sessions/${id}`, { json: {} });
  const first = await idOf(others[0]);
  expect(await end(stranger.client, first), 404, 'not-found');
  assert.ok(await alive(others[0]));
  expect(await end(of.client, first), 204);
  assert.ok(!(await alive(others[0])));
  expect(await end(of.client, first), 404, 'not-found');
  expect(await end(of.client, 'nonsense'), 404, 'not-found');
  expect(await of.client.delete('/sessions', { json: {} }), 204);
  assert.ok(!(await alive(others[1])) && !(await alive(others[2])));
  assert.ok(await alive(of.client));
  const own = await end(of.client, await idOf(of.client));
  assert.match(expect(own, 204).headers['set-cookie'][0], /Max-Age=0/);
  assert.equal(of.client.token, undefined);
  assert.ok(await alive(stranger.client));
});

/** A request whose last bytes come when `meanwhile` is over. */
async function slowly(client, method, path, json, meanwhile) {
  const body = Buffer.from(JSON.stringify(json));
  async function* chunks() {
    yield body.subarray(0, -3);
    await meanwhile();
    yield body.subarray(-3);
  }
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  return client.request(method, path, { headers, chunks: chunks() });
}

test('a session that ends while a body is on its way changes nothing', async () => {
  const of = await steps.activate();
  const { id } = await steps.publish(of);
  const visibility = `/documents/${id}/visibility`;
  const hidden = () =>
    Number(portal.sql(`SELECT count(*) FROM dossier_data.document_hidden WHERE document_id = '${id}'`));
  const other = async () => {
    const { client } = await steps.logIn(of);
    return client;
  };
  const logout = (client) => async () => expect(await client.moved({}).delete('/session'), 204);
  const attempts = [
    ['PUT', visibility, { hidden: true }],
    ['PATCH', '/profile', { language: 'en' }],
    ['PUT', `/patients/${of.patient.id}/service`, { enabled: false, password: of.password }],
    ['DELETE', `/patients/${of.patient.id}/documents`, { password: of.password }],
    ['POST', '/profile/email-changes', { email: 'new@example.org', password: of.password }],
    ['DELETE', '/account', { password: of.password }],
  ];
  for (const [method, path, json] of attempts) {
    const client = await other();
    expect(await slowly(client, method, path, json, logout(client)), 401, 'unauthenticated');
  }
  assert.equal(hidden(), 0);
  const client = await other();
  assert.equal(expect(await client.get('/profile'), 200).json.profile.language, 'it');
  expect(await client.get(`/documents/${id}`), 200);
  expect(await slowly(client, 'PUT', visibility, { hidden: true }, async () => {}), 200);
  assert.equal(hidden(), 1);
});
