// What browsers of other sites, clumsy clients and attackers send.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import https from 'node:https';
import { buffer } from 'node:stream/consumers';
import tls from 'node:tls';
import { desk, expect, newClient, portal, steps, test, until } from './lib/suite.mjs';
import { described } from './lib/contract.mjs';
import { multipart } from './lib/http.mjs';
import { makePdf } from './lib/pdf.mjs';
import { acceptanceBody, externalId, metadataOf, person } from './lib/people.mjs';

const unsafe = described.filter(({ method }) => !['get', 'head'].includes(method));
const filled = (operation) => operation.path.replace(/\{[^}]+\}/g, '7d0b4c5e-1f7c-4a53-9f63-0c1a3b9d2e41');
const ORIGIN_LINE = /DOS0010: .* 403 not_acceptable_origin/; // one a minute
const foreign = {
  'another site': { Origin: 'https://evil.example' },
  'a site that begins alike': { Origin: `https://localhost:${portal.port}.evil.example` },
  'the other scheme': { Origin: `http://localhost:${portal.port}` },
  'another port': { Origin: 'https://localhost:1' },
  'a sandboxed page': { Origin: 'null' },
  'a browser that says cross-site': { 'Sec-Fetch-Site': 'cross-site' },
  'a browser that says same-site': { 'Sec-Fetch-Site': 'same-site' },
};
for (const [what, headers] of Object.entries(foreign)) {
  test(`${what} may change nothing`, async (t) => {
    t.allowLog(ORIGIN_LINE);
    const of = await steps.register();
    of.client.key = portal.keys.desk; // session and key both: whatever the route wants is there
    for (const operation of unsafe) {
      const type = Object.keys(operation.requestBody?.content ?? {})[0];
      const typed = type ? { 'Content-Type': type.startsWith('multipart') ? `${type}; boundary=b` : type } : {};
      const text = type ? '{}' : undefined;
      const answer = await of.client.request(operation.method.toUpperCase(), filled(operation), {
        text,
        headers: { ...typed, ...headers },
      });
      expect(answer, 403, 'not-acceptable-origin');
    }
    assert.equal((await of.client.get('/session')).status, 200, 'still logged in');
  });
}

test('what anybody can have written as a warning is one line a minute', async (t) => {
  t.allowLog(ORIGIN_LINE);
  const from = portal.log().size();
  const began = Date.now();
  for (let n = 0; n < 50; n++)
    expect(
      await newClient().post('/session', {}, { headers: { Origin: 'https://evil.example' } }),
      403,
      'not-acceptable-origin',
    );
  const minutes = Math.ceil((Date.now() - began) / 60_000);
  const since = portal
    .log()
    .read(from)
    .split('\n')
    .filter((line) => ORIGIN_LINE.test(line));
  assert.ok(since.length <= minutes + 1, `${since.length} lines`);
  assert.match(portal.log().read(), ORIGIN_LINE, 'the first is written at once');
});

test("the portal's own pages may", async () => {
  const of = await steps.register();
  const own = { Origin: `https://localhost:${portal.port}`, 'Sec-Fetch-Site': 'same-origin' };
  expect(await of.client.delete('/session', { headers: own }), 204);
});

test("another content type than the route's own is refused", async () => {
  const of = await steps.register();
  of.client.key = portal.keys.desk;
  for (const operation of unsafe.filter(({ requestBody }) => requestBody)) {
    for (const type of [
      null,
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonx',
      'text/json',
      'application/octet-stream',
    ]) {
      const answer = await of.client.request(operation.method.toUpperCase(), filled(operation), {
        text: '{}',
        headers: { 'Content-Type': type },
      });
      expect(answer, 415, 'unsupported-media-type');
      assert.ok(
        answer.headers.accept === Object.keys(operation.requestBody.content)[0],
        `${operation.path}: ${answer.headers.accept}`,
      );
    }
  }
  const parameters = await newClient().request('POST', '/session', {
    text: JSON.stringify({ login: person().mobile, password: 'not the password' }),
    headers: { 'Content-Type': 'Application/JSON; charset=utf-8' },
  });
  expect(parameters, 401, 'login-failed');
});

test('reading changes nothing', async () => {
  const of = await steps.activate();
  const { id, external_id } = await steps.publish(of);
  /** When a key was last used is noted once a minute, whatever it is used for. */
  const counts = () =>
    portal
      .rows(
        `SELECT tablename FROM pg_tables WHERE schemaname = 'dossier_data' AND tablename NOT IN ('audit', 'audit_alias', 'audit_seal', 'session', 'outbox', 'outbox_try', 'sms_budget') ORDER BY 1`,
      )
      .flat()
      .map(
        (table) =>
          `${table} ${portal.sql(`SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM (SELECT to_jsonb(r) - 'last_used_at' AS t FROM dossier_data.${table} r) q`)}`,
      );
  const before = counts();
  for (const path of [
    '/status',
    '/notices/portal',
    '/session',
    '/patients',
    `/patients/${of.patient.id}/documents`,
    `/documents/${id}`,
  ]) {
    expect(await of.client.get(path), 200);
    expect(await of.client.head(path), 200);
  }
  expect(await of.client.head(`/documents/${id}/content`), 200);
  expect(await desk.get(`/integration/documents/${external_id}`), 200);
  for (const operation of unsafe) {
    const answer = await of.client.get(filled(operation), { anywhere: true });
    assert.ok([404, 405, 401, 200].includes(answer.status), answer.text);
  }
  assert.deepEqual(counts(), before);
});

test('addresses and methods that are not described', async () => {
  const client = newClient();
  for (const path of ['/', '', '/nothing', '/session/', '/session/x', '/notices', '/problems/500', '/integration']) {
    expect(await client.get(path, { anywhere: true }), 404, 'not-found');
  }
  const refused = expect(
    await client.request('PUT', '/session', { json: {}, anywhere: true }),
    405,
    'method-not-allowed',
  );
  assert.deepEqual(refused.headers.allow.split(', ').sort(), ['DELETE', 'GET', 'HEAD', 'POST']);
  for (const method of ['PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    expect(await client.request(method, '/status', { anywhere: true }), 405, 'method-not-allowed');
  }
  for (const { path, name, method } of described) {
    if (!described.some((other) => other.path === path && other.method === 'patch')) {
      const answer = expect(
        await client.request('PATCH', filled({ path }), { json: {}, anywhere: true }),
        405,
        'method-not-allowed',
      );
      const wanted = method === 'head' ? 'HEAD' : method.toUpperCase();
      assert.ok(answer.headers.allow.split(', ').includes(wanted), `${name}: Allow: ${answer.headers.allow}`);
    }
  }
});

test('every answer carries the headers that protect it, pages too', async () => {
  const client = newClient();
  for (const path of ['/api/v1/status', '/openapi.yaml', '/nothing.html']) {
    const { headers } = await client.get(path, { absolute: true, unchecked: true });
    assert.match(headers['strict-transport-security'], /max-age=31536000; includeSubDomains/, path);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.match(headers['content-security-policy'], /frame-ancestors 'none'/, path);
    assert.equal(headers['referrer-policy'], 'no-referrer', path);
    for (const name of ['x-powered-by', 'access-control-allow-origin'])
      assert.equal(headers[name], undefined, `${path} ${name}`);
    assert.ok(!/\d/.test(headers.server ?? ''), `${path}: the server's version: ${headers.server}`);
  }
});

test('the description is served by the portal', async () => {
  const { status, text } = await newClient().get('/openapi.yaml', { absolute: true, unchecked: true });
  assert.equal(status, 200);
  assert.match(text, /^openapi: 3\.1\.0/);
});

/** Bytes as they are, over TLS; resolves with what came back until the server closed, or one whole answer. */
function raw(text, seconds = 20) {
  return new Promise((done, fail) => {
    let received = '';
    const socket = tls.connect(
      { host: '127.0.0.1', port: portal.port, ca: portal.ca, servername: 'localhost', ALPNProtocols: ['http/1.1'] },
      () => socket.write(text),
    );
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      done(received);
    };
    const timer = setTimeout(
      () => (socket.destroy(), fail(new Error(`no end in ${seconds} s: ${received}`))),
      seconds * 1000,
    );
    socket.on('data', (data) => (received += data.toString('latin1')));
    socket.on('end', finish);
    socket.on('close', finish);
    socket.on('error', (error) => (received ? finish() : (clearTimeout(timer), fail(error))));
  });
}

const authority = `localhost:${portal.port}`;
const host = `Host: ${authority}\r\n`;

function problemOf(received, status, type) {
  const [head, ...rest] = received.split('\r\n\r\n');
  assert.match(head, new RegExp(`^HTTP/1\\.[01] ${status} `), received.slice(0, 300));
  assert.match(head, /content-type: application\/problem\+json/i, head);
  assert.match(rest.join('\r\n\r\n'), new RegExp(`urn:mantova-dossier:problem:${type}`));
  assert.equal(received.split('HTTP/1.').length - 1, 1, 'one answer only');
}

test('what httpd itself refuses is a problem too', async (t) => {
  t.expectLog(/AH10244: invalid URI path \(\/%2e%2e/);
  const close = 'Connection: close\r\n';
  problemOf(await raw(`GET /api/v1/status HTTP/1.1\r\n${close}\r\n`), 400, 'bad-request'); // no Host
  problemOf(await raw(`GET /api/v1/status HTTP/1.1\r\n${host}Bad Header: x\r\n${close}\r\n`), 400, 'bad-request');
  problemOf(await raw(`GET /api/v1/${'x'.repeat(9000)} HTTP/1.1\r\n${host}${close}\r\n`), 414, 'uri-too-long');
  problemOf(
    await raw(`GET /api/v1/status HTTP/1.1\r\n${host}X: ${'x'.repeat(17_000)}\r\n${close}\r\n`),
    431,
    'headers-too-large',
  );
  problemOf(await raw(`GET /api/v1/%00 HTTP/1.1\r\n${host}${close}\r\n`), '40[04]', '(bad-request|not-found)');
  problemOf(await raw(`GET /nothing.html HTTP/1.1\r\n${host}${close}\r\n`), 404, 'not-found');
  problemOf(
    await raw(`GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n${host}${close}\r\n`),
    '40[034]',
    '(bad-request|forbidden|not-found)',
  );
});

test('two framings of one body are one request, or none', async () => {
  const smuggled = `GET /api/v1/notices/portal HTTP/1.1\r\n${host}\r\n`;
  const both = await raw(
    `POST /api/v1/session HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  );
  assert.equal(both.split('HTTP/1.1 ').length - 1, 1, `one answer, then the end: ${both}`);
  const lengths = await raw(
    `POST /api/v1/session HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 60\r\n\r\n{}${smuggled}`,
  );
  assert.match(lengths, /^HTTP\/1\.1 400 /);
  assert.equal(lengths.split('HTTP/1.1 ').length - 1, 1, lengths);
});

/** Sends the body only once the server says 100: {status, asked}, how often it did. */
function expecting(protocol, { method, path, headers, body }) {
  const fields = { ...headers, Expect: '100-continue', 'Content-Length': body.length };
  const origin = `https://127.0.0.1:${portal.port}`;
  const options = { ca: portal.ca, servername: 'localhost' };
  return new Promise((done, fail) => {
    let asked = 0;
    const session = protocol === 'HTTP/2' && http2.connect(origin, options).on('error', fail);
    const request = session
      ? session.request(
          { ':method': method, ':authority': authority, ':path': `/api/v1${path}`, ...fields },
          { endStream: false },
        )
      : https.request(`${origin}/api/v1${path}`, {
          ...options,
          agent: false,
          method,
          headers: { Host: authority, ...fields },
        });
    request.on('continue', () => ++asked === 1 && request.end(body));
    request.on('error', fail);
    request.on('response', (response) => {
      request.destroy();
      if (session) session.destroy();
      done({ status: session ? response[':status'] : response.statusCode, asked });
    });
    if (!session) request.flushHeaders();
  });
}

for (const protocol of ['HTTP/1.1', 'HTTP/2']) {
  test(`${protocol}: who asks before sending a body is told to send it, unless it is refused without`, async () => {
    const of = await steps.register();
    const accepted = await steps.accept();
    const json = { 'Content-Type': 'application/json' };
    const login = {
      method: 'POST',
      path: '/session',
      headers: json,
      body: Buffer.from(JSON.stringify({ login: of.mobile, password: of.password })),
    };
    assert.deepEqual(await expecting(protocol, login), { status: 200, asked: 1 });
    const { type, chunks } = multipart([
      { name: 'metadata', type: 'application/json', data: Buffer.from(JSON.stringify(metadataOf(accepted))) },
      { name: 'file', type: 'application/pdf', filename: 'referto.pdf', data: makePdf() },
    ]);
    const upload = {
      method: 'PUT',
      path: `/integration/documents/${externalId('R')}`,
      headers: { 'Content-Type': type, Authorization: `Bearer ${portal.keys.desk}` },
      body: await buffer(chunks),
    };
    assert.deepEqual(await expecting(protocol, upload), { status: 201, asked: 1 });
    const refused = [
      [401, { ...upload, headers: { ...upload.headers, Authorization: 'Bearer wrong' } }],
      [413, { ...login, body: Buffer.alloc(66_000, ' ') }],
      [415, { ...login, headers: { 'Content-Type': 'text/plain' } }],
    ];
    for (const [status, request] of refused) assert.deepEqual(await expecting(protocol, request), { status, asked: 0 });
  });
}

test('a connection goes on behind a body that was read, and ends behind one that was not', async () => {
  const text = '{"login":"x"}';
  const post = (path) =>
    `POST ${path} HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
  const next = `GET /api/v1/status HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;
  const answers = async (first) => (await raw(first + next)).match(/HTTP\/1\.1 \d+/g).join(' ');
  // a child of httpd that ends, because it has become quiet, closes any
  await until(
    async () => (await answers(post('/api/v1/session'))) === 'HTTP/1.1 422 HTTP/1.1 200',
    'the second request to be answered',
  );
  await until(
    async () => (await answers(`GET /index.html HTTP/1.1\r\n${host}\r\n`)) === 'HTTP/1.1 200 HTTP/1.1 200',
    'the second request to be answered',
  );
  assert.equal(await answers(post('/index.html')), 'HTTP/1.1 200');
  assert.equal(await answers(post('/api/v1/nothing')), 'HTTP/1.1 404');
});

test('a JSON body over 64 KiB is refused before it is read', async () => {
  const stated = await raw(
    `POST /api/v1/session HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n`,
  );
  problemOf(stated, 413, 'too-large');
  const client = newClient();
  const text = JSON.stringify({ login: 'x', password: 'y'.repeat(70_000) });
  expect(
    await client.request('POST', '/session', { text, headers: { 'Content-Type': 'application/json' } }),
    413,
    'too-large',
  );
  async function* pieces() {
    for (let n = 0; n < 70; n++) yield Buffer.from(' '.repeat(1024));
  }
  const chunked = await newClient().request('POST', '/session', {
    chunks: pieces(),
    headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' },
  });
  expect(chunked, 413, 'too-large');
});

test('a refused upload is not read to its end', async () => {
  let sent = 0;
  const file = {
    size: 2 ** 30,
    async *stream() {
      for (; sent < file.size; sent += 65536) yield Buffer.alloc(65536);
    },
  };
  const of = await steps.accept();
  expect(await newClient({ key: 'wrong' }).publish(externalId('R'), metadataOf(of), file), 401, 'key-refused');
  expect(
    await newClient({ key: portal.keys.desk }).publish(externalId('R'), { title: 1 }, file),
    422,
    'invalid-fields',
  );
  assert.ok(sent < 128 * 2 ** 20, `${sent} bytes were taken`);
});

test('every route that reads JSON refuses what is none, and what is too large', async () => {
  const of = await steps.register();
  of.client.key = portal.keys.desk;
  const readers = unsafe.filter(
    ({ responses, requestBody }) => requestBody?.content['application/json'] && responses['413'],
  );
  assert.ok(readers.length >= 6, 'there are such routes');
  for (const operation of readers) {
    const send = (text) =>
      of.client.request(operation.method.toUpperCase(), filled(operation), {
        text,
        headers: { 'Content-Type': 'application/json' },
      });
    expect(await send('{"a": '), 400, 'malformed-json');
    expect(await send(`{"a": "${'x'.repeat(66_000)}"}`), 413, 'too-large');
  }
});

test('deep and wide JSON is refused quickly', async () => {
  const post = (text) =>
    newClient().request('POST', '/session', { text, headers: { 'Content-Type': 'application/json' } });
  const began = Date.now();
  expect(await post('['.repeat(30_000)), 400, 'malformed-json');
  expect(await post(`{"login":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`), 400, 'malformed-json');
  const wide = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`field${n}`, n]));
  const answer = expect(await post(JSON.stringify(wide)), 422, 'invalid-fields');
  assert.equal(answer.json.errors.length, 64);
  assert.ok(Date.now() - began < 5000);
});

test('markup and quotes in data come back as data', async () => {
  const name = `<svg onload=alert(1)> "' \\ ‮ {{7*7}} %s`;
  const of = person({ first_name: 'Anna', last_name: 'Verdi' });
  const body = acceptanceBody(of);
  body.patient.birth_place = name.slice(0, 100);
  expect(await desk.put(`/integration/acceptances/${externalId()}`, body), 201);
  const patient = await steps.activate();
  await steps.publish(patient, { title: name, author: name });
  const [document] = expect(await patient.client.get(`/patients/${patient.patient.id}/documents`), 200).json.documents;
  const shown = name.replace('\u202e', ''); // a mark that turns the writing round is dropped, like all that nobody sees
  assert.deepEqual([document.title, document.author], [shown, shown]);
});

test('a forged X-Forwarded-For gives no fresh address', async () => {
  const of = await steps.register();
  const client = newClient();
  const answers = [];
  for (let n = 0; n < 7; n++) {
    const headers = { 'X-Forwarded-For': `203.0.113.${n}`, Forwarded: `for=203.0.113.${n}` };
    answers.push(
      (await client.post('/session', { login: of.mobile, password: 'not the password' }, { headers })).status,
    );
  }
  assert.deepEqual(answers, [401, 401, 401, 401, 401, 429, 429]);
});

test('only TLS 1.2 and 1.3', async () => {
  const connect = (version) =>
    new Promise((done) => {
      const socket = tls.connect(
        {
          host: '127.0.0.1',
          port: portal.port,
          ca: portal.ca,
          servername: 'localhost',
          minVersion: version,
          maxVersion: version,
          ciphers: 'ALL:@SECLEVEL=0',
        },
        () => (socket.end(), done(socket.getProtocol())),
      );
      socket.on('error', () => done(null));
    });
  assert.equal(await connect('TLSv1.3'), 'TLSv1.3');
  assert.equal(await connect('TLSv1.2'), 'TLSv1.2');
  assert.equal(await connect('TLSv1.1'), null);
  assert.equal(await connect('TLSv1'), null);
});

test('errors speak the language of Accept-Language, Italian by default', async () => {
  const title = async (header) => {
    const answer = await newClient().get('/session', { headers: header ? { 'Accept-Language': header } : {} });
    return [answer.json.title, answer.headers['content-language']];
  };
  assert.deepEqual(await title(), ['Accesso richiesto', 'it']);
  assert.deepEqual(await title('en-GB,it;q=0.5'), ['Not logged in', 'en']);
  assert.deepEqual(await title('de'), ['Accesso richiesto', 'it']);
});

test('health says what works, and nothing of patients', async () => {
  const status = expect(await newClient().get('/status'), 200).json;
  assert.equal(status.status, 'ok');
});
