// Many who log in at once take neither the threads that serve reports, nor the way in of those who are known.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Operator } from './lib/operator.mjs';
import { mobile } from './lib/people.mjs';
import { expect, newClient, portal, steps, test } from './lib/suite.mjs';

const operator = new Operator(newClient());
const waiting = () => operator.metric('dossier_password_workers{state="waiting"}');
const ROOM = 8; // four for each of two DossierPasswordWorkers
const PLACES = [0, 2];
const STRANGERS = [[64, ROOM], [64 + 256, ROOM]]; // the rooms of new passwords and of unknown devices, in http/workers.c

/** Bytes of the file in which httpd takes its places, held until the function it answers is called. */
async function hold(...ranges) {
  const locks = ranges.map(([first, count]) => `fcntl.lockf(f, fcntl.LOCK_EX, ${count}, ${first})`).join('; ');
  const file = JSON.stringify(join(portal.VAR, 'run', 'dossier-password.lock'));
  const holder = spawn('python3', ['-c', `import fcntl, sys; f = open(${file}, 'r+b'); ${locks}; print('held', flush=True); sys.stdin.read()`], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  return async () => {
    const gone = once(holder, 'exit');
    holder.stdin.end();
    await gone;
  };
}

test('of many logins at once few wait, the others are refused, and reports are read meanwhile', async (t) => {
  t.allowLog(/DOS0010: POST \/session answered 503 busy/);
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
  t.allowLog(/DOS0010: POST \/(session|registrations) answered 503 busy/);
  const of = await steps.register();
  const release = await hold(PLACES, ...STRANGERS);
  let login;
  try {
    const began = Date.now();
    for (let n = 0; n < 40; n++) expect(await newClient().post('/session', { login: mobile(), password: 'not the password' }), 503, 'busy');
    assert.ok(Date.now() - began < 40_000, 'none of them waited for its two seconds');
    login = of.client.post('/session', { login: of.mobile, password: of.password });
    await waiting(); // long enough for the login to come, never long enough for it to give up
  } finally {
    await release();
  }
  expect(await login, 200);
  expect(await of.client.put('/profile/password', { old_password: of.password, new_password: `${of.password} e uno` }), 204);
});
