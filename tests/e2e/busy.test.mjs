// Many who log in at once take neither the threads that serve reports, nor the way in of those who are known.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http2 from 'node:http2';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { Operator } from './lib/operator.mjs';
import { mobile, person, registrationBody } from './lib/people.mjs';
import { freePort, ROOT, until } from './lib/portal.mjs';
import { expect, newClient, outbox, portal, steps, test } from './lib/suite.mjs';

const operator = new Operator(newClient());
const waiting = () => operator.metric('dossier_password_workers{state="waiting"}');
const ROOM = 8; // four for each of two DossierPasswordWorkers
const PLACES = [0, 2];
const SHARE = 4; // of strangers at one address
const KNOWN_SHARE = 2; // of one who is known
const STRANGERS = [
  [64, ROOM],
  [64 + 256, ROOM],
]; // the rooms of new passwords and of unknown devices, in http/workers.c

/** Bytes of the file in which httpd takes its places, held until the function it answers is called. */
async function hold(...ranges) {
  const locks = ranges.map(([first, count]) => `fcntl.lockf(f, fcntl.LOCK_EX, ${count}, ${first})`).join('; ');
  const file = JSON.stringify(join(portal.VAR, 'run', 'dossier-password.lock'));
  const holder = spawn(
    'python3',
    ['-c', `import fcntl, sys; f = open(${file}, 'r+b'); ${locks}; print('held', flush=True); sys.stdin.read()`],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  await once(holder.stdout, 'data');
  return async () => {
    const gone = once(holder, 'exit');
    holder.stdin.end();
    await gone;
  };
}

const strangerLogin = (client) => client.post('/session', { login: mobile(), password: 'not the password' });
const strangerRegistration = async (client) =>
  client.post('/registrations', registrationBody(person(), await steps.noticeVersion('portal')));

/** Somebody who has an account and a code for a forgotten password: verify() sends it. */
async function forgotten() {
  const of = await steps.register();
  portal.age.sends(of.mobile, '16 minutes');
  const { id } = expect(await newClient().post('/password-resets', { login: of.mobile }), 202).json;
  const right = await outbox.code(of.mobile);
  return {
    of,
    right,
    verify: (code = right) =>
      newClient().post(`/password-resets/${id}/verification`, { code, password: person().password }),
  };
}

/** Somebody with a slip in hand who registers. */
async function withSlip() {
  const of = await steps.accept();
  const body = registrationBody(of, await steps.noticeVersion('portal'), { activation_code: of.activation_code });
  return () => newClient().post('/registrations', body);
}

/** What httpd says once, if a flood has (nearly) every thread just when it counts them: a body waits on one until it is refused. */
const ALL_THREADS = /AH(00484: server reached|10159: server is within MinSpareThreads of) MaxRequestWorkers/;

test('of many logins at once few wait, the others are refused, and reports are read meanwhile', async (t) => {
  t.allowLog(/DOS0010: POST \/session answered 503 busy/, ALL_THREADS);
  const of = await steps.activate();
  await steps.publish(of);
  const list = () => of.client.get(`/patients/${of.patient.id}/documents`);
  const release = await hold(PLACES);
  let answered = 0;
  let most = 0;
  const logins = Array.from({ length: 100 }, async () => {
    const answer = await newClient().post('/session', { login: mobile(), password: 'not the password' });
    answered++;
    return answer;
  });
  try {
    while (answered < logins.length) {
      most = Math.max(most, await waiting());
      expect(await list(), 200);
    }
  } finally {
    await release();
  }
  assert.ok(most <= ROOM, `${most} wait`);
  for (const answer of await Promise.all(logins)) {
    expect(answer, 503, 'busy');
    assert.equal(answer.headers['retry-after'], '5');
  }
});

test('where no more may wait one is refused at once; a known device and who is logged in still wait', async (t) => {
  t.allowLog(/DOS0010: POST \/(session|registrations) answered 503 busy/, ALL_THREADS);
  const of = await steps.register();
  const release = await hold(PLACES, ...STRANGERS);
  let login;
  try {
    const began = Date.now();
    for (let n = 0; n < 40; n++)
      expect(await newClient().post('/session', { login: mobile(), password: 'not the password' }), 503, 'busy');
    assert.ok(Date.now() - began < 40_000, 'none of them waited for its two seconds');
    login = of.client.post('/session', { login: of.mobile, password: of.password });
    await waiting(); // long enough for the login to come, never long enough for it to give up
  } finally {
    await release();
  }
  expect(await login, 200);
  expect(
    await of.client.put('/profile/password', { old_password: of.password, new_password: `${of.password} e uno` }),
    204,
  );
});

test('a slip in hand and a right code wait as who is known does; what is refused waits for nothing', async (t) => {
  t.allowLog(/DOS0010: POST \S+ answered 503 busy/, ALL_THREADS);
  const [register, { verify, right }] = [await withSlip(), await forgotten()];
  const again = registrationBody(person(), await steps.noticeVersion('portal'));
  expect(await newClient().post('/registrations', again), 202);
  for (const [send, status] of [
    [register, 202],
    [verify, 204],
  ]) {
    const release = await hold(PLACES, ...STRANGERS);
    let answer;
    try {
      expect(await newClient().post('/registrations', again), 429, 'throttled');
      if (send === verify)
        expect(await verify(String((Number(right) + 1) % 1_000_000).padStart(6, '0')), 422, 'code-wrong');
      expect(await strangerRegistration(newClient()), 503, 'busy');
      answer = send();
      await waiting(); // as above
    } finally {
      await release();
    }
    expect(await answer, status);
  }
});

test('a code that was right is not used up while there is no place to hash the password', async (t) => {
  t.allowLog(/DOS0010: POST \S+ answered 503 busy/, ALL_THREADS);
  const { verify } = await forgotten();
  const release = await hold(PLACES);
  try {
    await Promise.all(Array.from({ length: 3 }, async () => expect(await verify(), 503, 'busy')));
    await Promise.all(Array.from({ length: 3 }, async () => expect(await verify(), 503, 'busy')));
  } finally {
    await release();
  }
  expect(await verify(), 204);
});

test('of one address four strangers wait, whatever they ask for, and leave room for others', async (t) => {
  t.allowLog(/DOS0010: POST \S+ answered 503 busy/, ALL_THREADS);
  const flood = newClient();
  const release = await hold(PLACES);
  let answered = 0;
  let most = 0;
  const asked = Array.from({ length: 16 }, async (_, n) => {
    expect(await (n % 2 ? strangerLogin(flood) : strangerRegistration(flood)), 503, 'busy');
    answered++;
  });
  try {
    while (answered < asked.length) most = Math.max(most, await waiting());
  } finally {
    await release();
  }
  await Promise.all(asked);
  assert.ok(most <= SHARE, `${most} wait`);
});

test('of one account, slip or code two wait, and leave room for others who are known', async (t) => {
  t.allowLog(/DOS0010: POST \S+ answered 503 busy/, ALL_THREADS);
  const [of, register, { verify }] = [await steps.register(), await withSlip(), await forgotten()];
  const login = () => of.client.post('/session', { login: of.mobile, password: of.password });
  for (const [send, status] of [
    [login, 200],
    [register, 202],
    [verify, 204],
  ]) {
    const release = await hold(PLACES);
    const answers = [];
    let most = 0;
    const asked = Array.from({ length: 4 }, async () => answers.push(await send()));
    try {
      while (answers.length < asked.length) most = Math.max(most, await waiting());
    } finally {
      await release();
    }
    await Promise.all(asked);
    for (const answer of answers) expect(answer, 503, 'busy');
    assert.ok(most <= KNOWN_SHARE, `${most} wait`);
    expect(await send(), status);
  }
});

test('while one address floods, who is known, has a slip or the right code gets through', async (t) => {
  t.allowLog(/DOS0010: POST \S+ answered 503 busy/, ALL_THREADS);
  const flood = newClient();
  const others = [];
  for (let n = 0; n < 3; n++) {
    const of = await steps.register();
    others.push(
      [() => of.client.post('/session', { login: of.mobile, password: of.password }), 200],
      [await withSlip(), 202],
      [(await forgotten()).verify, 204],
    );
  }
  let over = false;
  const counts = {};
  const connections = Array.from({ length: 16 }, async (_, n) => {
    while (!over) {
      const { status } = await (n % 2 ? strangerLogin(flood) : strangerRegistration(flood));
      counts[status] = (counts[status] ?? 0) + 1;
    }
  });
  try {
    for (const [send, status] of others) expect(await send(), status);
  } finally {
    over = true;
    await Promise.all(connections);
  }
  assert.ok(counts[503] > 0, `no flood: ${JSON.stringify(counts)}`);
});

const THREADS = 100; // MaxRequestWorkers of conf/run.conf
const WHOLE_WITHIN = 10; // seconds, in http/body.c

/** Sends a body, of a registration unless told otherwise, at 600 bytes a second; resolves with the status, after how many ms. */
function trickle(address, line = 'POST /api/v1/registrations') {
  const began = Date.now();
  return new Promise((done) => {
    let timer;
    let received = '';
    const socket = tls.connect(
      {
        host: '127.0.0.1',
        port: portal.port,
        localAddress: address,
        ca: portal.ca,
        servername: 'localhost',
        ALPNProtocols: ['http/1.1'],
      },
      () => {
        socket.write(
          `${line} HTTP/1.1\r\nHost: localhost:${portal.port}\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"password":"`,
        );
        timer = setInterval(() => socket.write('x'.repeat(600)), 1000);
      },
    );
    const late = setTimeout(() => finish(), 3 * WHOLE_WITHIN * 1000);
    const finish = () => {
      clearTimeout(late);
      clearInterval(timer);
      socket.destroy();
      done({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(received)?.[1]), received, took: Date.now() - began });
    };
    socket.on('data', (data) => (received += data.toString('latin1')));
    for (const event of ['end', 'close', 'error']) socket.on(event, finish);
  });
}

test('slow bodies of one address keep a quarter of the threads for ten seconds, and everybody else is served', async (t) => {
  t.allowLog(/DOS0010: POST \S+ answered 503 busy/, ALL_THREADS);
  const of = await steps.activate();
  await steps.publish(of);
  const flood = newClient();
  const ended = [];
  const flooding = Array.from({ length: THREADS + 30 }, async () => ended.push(await trickle(flood.address)));
  await until(() => ended.length >= THREADS + 30 - THREADS / 4, 'those beyond the quarter to be refused');
  for (let n = 0; n < 5; n++) {
    expect(await newClient().get('/status'), 200);
    expect(await of.client.get(`/patients/${of.patient.id}/documents`), 200);
  }
  expect(await strangerRegistration(newClient()), 202);
  await Promise.all(flooding);
  const late = ended.filter(({ status }) => status === 408);
  assert.deepEqual(
    [...new Set(ended.map(({ status }) => status))].sort(),
    [408, 503],
    ended.map(({ status }) => status).join(' '),
  );
  assert.ok(ended.filter(({ status }) => status === 503).length >= 30);
  for (const { received, took } of late) {
    assert.match(received, /problem:request-timeout/);
    assert.ok(took >= WHOLE_WITHIN * 1000 - 100, `${took} ms`);
  }
  for (const { received } of ended.filter(({ status }) => status === 503))
    assert.match(received, /retry-after: 5[\s\S]*problem:busy/i);
});

test('a body that does not come at once is taken, of a stranger and of who is known beside a flood', async (t) => {
  t.allowLog(/DOS0010: POST \S+ answered 503 busy/, ALL_THREADS);
  async function* slowly(value) {
    const text = Buffer.from(JSON.stringify(value));
    for (let at = 0; at < text.length; at += 40) {
      yield text.subarray(at, at + 40);
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  const headers = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
  const body = registrationBody(person(), await steps.noticeVersion('portal'));
  expect(await newClient().request('POST', '/registrations', { chunks: slowly(body), headers }), 202);

  const of = await steps.register();
  const ended = [];
  const flooding = Array.from({ length: THREADS / 4 + 10 }, async () => ended.push(await trickle(of.client.address)));
  await until(() => ended.length >= 10, 'the address to have no room left');
  const change = { old_password: of.password, new_password: `${of.password} e uno` };
  expect(await of.client.request('PUT', '/profile/password', { chunks: slowly(change), headers }), 204);
  expect(await of.client.get('/session'), 200);
  expect(await of.client.post('/session', { login: of.mobile, password: change.new_password }), 200);
  await Promise.all(flooding);
});

for (const [line, status] of [
  ['POST /index.html', 200],
  ['POST /', 200],
  ['GET /api/v1/status', 200],
  ['POST /nothing.html', 404],
]) {
  test(`${line}: slow bodies that nobody reads keep no thread`, async (t) => {
    t.allowLog(ALL_THREADS);
    const flood = newClient();
    const flooding = Array.from({ length: THREADS + 10 }, () => trickle(flood.address, line));
    for (let n = 0; n < 3; n++) expect(await newClient().get('/status', { timeout: WHOLE_WITHIN * 1000 }), 200);
    for (const { status: answered, received, took } of await Promise.all(flooding)) {
      assert.equal(answered, status, received.slice(0, 300));
      assert.match(received, /^connection: .*close/im);
      assert.ok(took < WHOLE_WITHIN * 1000, `${took} ms`);
    }
  });
}

test('over HTTP/2 neither', async () => {
  const authority = `localhost:${portal.port}`;
  const session = http2.connect(`https://127.0.0.1:${portal.port}`, {
    ca: portal.ca,
    servername: 'localhost',
    localAddress: newClient().address,
  });
  const streams = Array.from({ length: 40 }, (_, n) =>
    session.request(
      n % 2
        ? { ':method': 'POST', ':authority': authority, ':path': '/index.html' }
        : { ':method': 'GET', ':authority': authority, ':path': '/api/v1/status', 'content-length': '60000' },
      { endStream: false },
    ),
  );
  const late = setTimeout(() => session.destroy(new Error('no answer in time')), 3 * WHOLE_WITHIN * 1000);
  const began = Date.now();
  try {
    await Promise.all(
      streams.map(async (stream) => {
        stream.write('x'.repeat(600));
        const [headers] = await once(stream, 'response');
        assert.equal(headers[':status'], 200);
      }),
    );
  } finally {
    clearTimeout(late);
    session.destroy();
  }
  assert.ok(Date.now() - began < WHOLE_WITHIN * 1000, `${Date.now() - began} ms`);
});

/** An httpd with the module whose only site leads elsewhere, as port 80 does, and five threads. */
async function redirecting() {
  const folder = await mkdtemp(join(tmpdir(), 'dossier-redirect-'));
  const port = await freePort();
  const modules = ['mpm_event', 'authz_core', 'alias', 'dbd', 'session'].map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
  );
  await writeFile(
    join(folder, 'httpd.conf'),
    [
      ...modules,
      `LoadModule mantova_dossier_module ${ROOT}/build/mod_mantova_dossier.so`,
      `ServerRoot ${folder}`,
      `DefaultRuntimeDir ${folder}`,
      'PidFile httpd.pid',
      'ErrorLog error.log',
      `Listen 127.0.0.1:${port}`,
      'ServerName localhost',
      ...(process.getuid() === 0 ? ['User www-data', 'Group www-data'] : []),
      'StartServers 1',
      'ServerLimit 1',
      'ThreadsPerChild 5',
      'MaxRequestWorkers 5',
      'Redirect permanent / https://localhost/',
      '',
    ].join('\n'),
  );
  const httpd = spawn('/usr/sbin/apache2', ['-DFOREGROUND', '-f', join(folder, 'httpd.conf')], { stdio: 'inherit' });
  const end = async () => {
    const gone = once(httpd, 'exit');
    httpd.kill();
    await gone;
    await rm(folder, { recursive: true });
  };
  return { port, end };
}

test('a site beside it that only leads to https waits for no body either', async () => {
  const { port, end } = await redirecting();
  const post = () =>
    new Promise((done, fail) => {
      const socket = net.connect(port, '127.0.0.1', () =>
        socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n{'),
      );
      socket.setTimeout(WHOLE_WITHIN * 1000, () => socket.destroy(new Error('no answer in time')));
      socket.on('error', fail);
      socket.once('data', (data) => (socket.destroy(), done(data.toString('latin1'))));
    });
  try {
    await until(() => post().catch(() => false), 'httpd to answer');
    for (const answer of await Promise.all(Array.from({ length: 10 }, post)))
      assert.match(answer, /^HTTP\/1\.1 301 [\s\S]*^connection: close/im);
  } finally {
    await end();
  }
});
