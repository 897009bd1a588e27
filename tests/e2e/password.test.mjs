// Points 3 and 4: a new password, and a forgotten one.
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { desk, expect, fieldErrors, literal, newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { headerNames } from './lib/http.mjs';
import { acceptanceBody, mobile, person, registrationBody } from './lib/people.mjs';

const another = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
const login = (of, client = newClient(), password = of.password) =>
  client.post('/session', { login: of.mobile, password });
const forget = (typed, client = newClient()) => client.post('/password-resets', { login: typed });
const verify = (id, code, password, client = newClient()) =>
  client.post(`/password-resets/${id}/verification`, { code, password });
const alive = async (client) => (await client.get('/session')).status === 200;

/** An account whose number may have a code at once, and one sent: {of, id, code}. */
async function forgotten(of, typed) {
  of ??= await steps.register();
  portal.age.sends(of.mobile, '16 minutes');
  const { id } = expect(await forget(typed ?? of.mobile), 202).json;
  return { of, id, code: await outbox.code(of.mobile) };
}

// ---- a new password

test('a new password closes the other sessions, gives this one a new token, and is told', async () => {
  const of = await steps.register();
  const elsewhere = newClient();
  expect(await login(of, elsewhere), 200);
  const { token } = of.client;
  const fresh = person().password;
  expect(await of.client.put('/profile/password', { old_password: of.password, new_password: fresh }), 204);
  assert.notEqual(of.client.token, token);
  assert.ok(await alive(of.client));
  assert.ok(!(await alive(elsewhere)));
  const stale = newClient();
  stale.cookies.set('__Host-dossier', token);
  expect(await stale.get('/session'), 401, 'unauthenticated');
  const told = await outbox.next({ to: of.email, template: 'password_changed' });
  assert.ok(!told.text.includes(of.first_name));
  expect(await login(of), 401, 'login-failed');
  expect(await login(of, newClient(), fresh), 200);
});

test('a new password needs the old one, and has to be a good one', async () => {
  const of = await steps.register();
  const change = (old_password, new_password) => of.client.put('/profile/password', { old_password, new_password });
  expect(await change('not the password', person().password), 422, 'password-wrong');
  const cases = {
    'too short': 'too_short',
    password1234: 'common',
    [`${of.last_name.toLowerCase()}!`]: 'personal',
    [of.mobile]: 'personal',
  };
  for (const [typed, code] of Object.entries(cases)) {
    assert.deepEqual(fieldErrors(expect(await change(of.password, typed), 422, 'invalid-fields')), [
      `new_password ${code}`,
    ]);
  }
  for (let n = 0; n < 9; n++) expect(await change('not the password', person().password), 422, 'password-wrong');
  expect(await change(of.password, person().password), 429, 'throttled');
  expect(await login(of), 200); // the way in stays open
});

// ---- a forgotten one

test('a forgotten password: the code by SMS opens a new one, every session is closed, told by e-mail', async () => {
  const { of, id, code } = await forgotten();
  const elsewhere = newClient();
  expect(await login(of, elsewhere), 200);
  const fresh = person().password;
  const client = newClient();
  const done = expect(await verify(id, code, fresh, client), 204);
  assert.deepEqual(
    done.headers['set-cookie'].map((line) => line.split('=')[0]),
    ['__Host-dossier-device'],
    'no session by this way',
  );
  assert.ok(!(await alive(of.client)));
  assert.ok(!(await alive(elsewhere)));
  await outbox.next({ to: of.email, channel: 'mail', template: 'password_changed' });
  expect(await login(of), 401, 'login-failed');
  expect(await login(of, newClient(), fresh), 200);
  expect(await verify(id, code, fresh), 409, 'code-used');
  expect(await client.post(`/password-resets/${id}/codes`, {}), 409, 'change-closed');
});

test('a forgotten password by e-mail: the code goes to the mobile', async () => {
  const of = await steps.register();
  const { id, code } = await forgotten(of, ` ${of.email.toUpperCase()} `);
  assert.deepEqual(outbox.messages({ to: of.email, template: 'verification_code' }), []);
  expect(await verify(id, code, person().password), 204);
});

test('without an e-mail the SMS tells', async () => {
  const of = await steps.register();
  expect(await of.client.delete('/profile/email', { json: { password: of.password } }), 200);
  const { id, code } = await forgotten(of);
  expect(await verify(id, code, person().password), 204);
  await outbox.next({ to: of.mobile, channel: 'sms', template: 'password_changed' });
});

const shape = (answer) => ({
  status: answer.status,
  problem: answer.problem,
  keys: Object.keys(answer.json),
  length: answer.headers['content-length'],
  headers: headerNames(answer),
  wait: answer.json.resend_after,
  tries: answer.json.tries_left,
});

test('nobody learns who has an account: every step answers the same for an unknown login', async () => {
  const of = await steps.register();
  portal.age.sends(of.mobile, '16 minutes');
  portal.age.sends(of.mobile, '25 hours');
  const stories = [];
  for (const typed of [of.mobile, mobile(), person().email, 'neither', '🦊']) {
    const client = newClient();
    const started = expect(await forget(typed, client), 202);
    const { id } = started.json;
    const story = [
      shape(started),
      shape(await forget(typed, client)),
      shape(await client.post(`/password-resets/${id}/codes`, {})),
    ];
    const code = typed === of.mobile ? another(await outbox.code(of.mobile)) : '123456';
    for (let n = 0; n < 6; n++) story.push(shape(await verify(id, code, person().password, client)));
    stories.push(story);
  }
  for (const story of stories.slice(1)) assert.deepEqual(story, stories[0]);
  const own = `${of.last_name.toLowerCase()}!x`;
  portal.age.sends(of.mobile, '16 minutes');
  const { id, code } = await forgotten(of);
  expect(await verify(id, another(code), own), 422, 'code-wrong'); // not "personal"
});

test('an e-mail and a mobile of one account do not give each other away', async () => {
  const { of } = await forgotten();
  const byMail = expect(await forget(of.email), 202).json;
  assert.equal(byMail.resend_after, 60);
  expect(await verify(byMail.id, await outbox.code(of.mobile), person().password), 204);
  // nor do a forgotten password and a registration with its number
  const again = await newClient().post(
    '/registrations',
    registrationBody(person({ mobile: of.mobile }), await steps.noticeVersion('portal')),
  );
  assert.equal(expect(again, 202).json.resend_after, 60);
});

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

test('an unknown login takes as long as one that has an account', async () => {
  const times = { known: [], unknown: [] };
  for (let n = 0; n < 15; n++) {
    const of = await steps.accept();
    portal.sql(`INSERT INTO dossier_data.account (mobile, patient_id, email, first_name, last_name, password_hash, language)
      SELECT ${literal(of.mobile)}, id, ${literal(of.email)}, first_name, last_name, 'none', 'it' FROM dossier_data.patient WHERE codice_fiscale = ${literal(of.codice_fiscale)}`);
    for (const [kind, typed] of [
      ['known', of.mobile],
      ['unknown', mobile()],
    ]) {
      const client = newClient();
      await client.get('/status'); // the handshake is no part of it
      const began = performance.now();
      expect(await forget(typed, client), 202);
      times[kind].push(performance.now() - began);
    }
  }
  const ratio = median(times.known) / median(times.unknown);
  assert.ok(ratio > 0.5 && ratio < 2, `known ${median(times.known)} ms, unknown ${median(times.unknown)} ms`);
});

test('a code for a forgotten password: five tries, ten minutes, a new one voids it', async () => {
  const { of, id, code } = await forgotten();
  const fresh = person().password;
  const again = () => newClient().post(`/password-resets/${id}/codes`, {});
  expect(await again(), 429, 'throttled');
  for (const left of [4, 3, 2, 1, 0])
    assert.equal(expect(await verify(id, another(code), fresh), 422, 'code-wrong').json.tries_left, left);
  expect(await verify(id, code, fresh), 429, 'code-locked');
  portal.age.sends(of.mobile, '16 minutes');
  expect(await again(), 202);
  const second = await outbox.code(of.mobile);
  if (second !== code) expect(await verify(id, code, fresh), 422, 'code-wrong');
  portal.age.code(id, '11 minutes');
  expect(await verify(id, second, fresh), 410, 'code-expired');
  portal.age.sends(of.mobile, '16 minutes');
  expect(await again(), 202);
  const third = await outbox.code(of.mobile);
  expect(await verify(id, third, fresh), 204);
});

test('fifteen wrong codes a day, then no new one; who has the right one comes in', async () => {
  const { of, id, code } = await forgotten();
  expect(await verify(id, another(code), person().password), 422, 'code-wrong');
  portal.sql(`UPDATE dossier_data.throttle SET hits = array_fill(clock_timestamp(), ARRAY[15]) WHERE scope = 'code_wrong'
    AND subject = (SELECT subject FROM dossier_data.account_change WHERE id = ${literal(id)})`);
  portal.age.sends(of.mobile, '16 minutes');
  expect(await newClient().post(`/password-resets/${id}/codes`, {}), 429, 'throttled');
  expect(await forget(of.mobile), 429, 'throttled');
  expect(await verify(id, code, person().password), 204);
});

test('another request for the same login leaves the one before open, until one of them is done', async () => {
  const first = await forgotten();
  portal.age.sends(first.of.mobile, '16 minutes');
  const second = await forgotten(first.of);
  expect(await verify(first.id, first.code, person().password), 204);
  expect(await verify(second.id, second.code, person().password), 410, 'code-expired');
});

test('strangers use up the codes of a login: its own device, its slip and the codice fiscale open the way', async () => {
  const slip = await steps.accept();
  const of = await steps.register(slip);
  const stranger = newClient();
  for (let n = 0; n < 6; n++) {
    expect(await forget(of.mobile, stranger), 202);
    await outbox.code(of.mobile);
    portal.age.sends(of.mobile, '16 minutes');
  }
  expect(await forget(of.mobile, newClient()), 429, 'throttled');
  expect(await forget(of.mobile, of.client), 202);
  await outbox.code(of.mobile);
  const start = (more) => newClient().post('/password-resets', { login: of.mobile, ...more });
  expect(await start({ codice_fiscale: of.codice_fiscale }), 202);
  await outbox.code(of.mobile);
  expect(await start({ codice_fiscale: of.codice_fiscale }), 429, 'throttled');
  const { activation_code } = slip;
  assert.deepEqual(fieldErrors(expect(await start({ activation_code }), 422, 'invalid-fields')), [
    'codice_fiscale required',
  ]);
  assert.deepEqual(
    fieldErrors(expect(await start({ activation_code: 'K7QF', codice_fiscale: 'X' }), 422, 'invalid-fields')),
    ['activation_code check_character', 'codice_fiscale length'],
  );
  const { id } = expect(await start({ activation_code, codice_fiscale: of.codice_fiscale }), 202).json;
  expect(await verify(id, await outbox.code(of.mobile), person().password), 204);
});

test('a new password of a forgotten one has to be a good one, and what is refused costs no code', async () => {
  const { of, id, code } = await forgotten();
  for (const [typed, error] of [
    ['too short', 'too_short'],
    ['password1234', 'common'],
  ]) {
    assert.deepEqual(fieldErrors(expect(await verify(id, code, typed), 422, 'invalid-fields')), [`password ${error}`]);
  }
  assert.deepEqual(fieldErrors(expect(await verify(id, '12', 'short'), 422, 'invalid-fields')), [
    'code verification_code',
    'password too_short',
  ]);
  assert.deepEqual(
    fieldErrors(expect(await verify(id, code, `${of.last_name.toLowerCase()}!`), 422, 'invalid-fields')),
    ['password personal'],
  );
  expect(await verify(id, code, person().password), 204);
});

test('a number that no acceptance holds any longer gets no code', async () => {
  const of = await steps.register();
  portal.age.sends(of.mobile, '16 minutes');
  portal.sql(`UPDATE dossier_data.acceptance SET mobile = ${literal(mobile())} WHERE mobile = ${literal(of.mobile)}`);
  const sent = outbox.messages({ to: of.mobile }).length;
  expect(await forget(of.mobile), 202);
  await forgotten(); // when this one has left, the other would have
  assert.equal(outbox.messages({ to: of.mobile }).length, sent);
});

test('a number that has changed hands opens nothing: the desk has corrected it, or noted it for another person', async () => {
  const sent = (of) => outbox.messages({ to: of.mobile, template: 'verification_code' }).length;
  const refused = async (of, body) => {
    portal.age.sends(of.mobile, '16 minutes');
    const before = sent(of);
    expect(await newClient().post('/password-resets', body), 202);
    await forgotten(); // when this one has left, the other would have
    assert.equal(sent(of), before, JSON.stringify(body));
  };
  const of = await steps.activate();
  const next = person({ mobile: of.mobile });
  await steps.accept(next);
  await refused(of, { login: of.mobile });
  await refused(of, { login: of.mobile, codice_fiscale: next.codice_fiscale });
  const asked = expect(
    await newClient().post('/password-resets', { login: of.mobile, codice_fiscale: of.codice_fiscale }),
    202,
  ).json;
  const code = await outbox.code(of.mobile);
  expect(
    await desk.put(
      `/integration/acceptances/${of.acceptance}`,
      acceptanceBody(of, 'san-pellegrino', { mobile: mobile() }),
    ),
    200,
  );
  expect(await verify(asked.id, code, person().password), 422, 'code-wrong');
  await refused(of, { login: of.mobile });
  await refused(of, { login: of.email });
  await refused(of, { login: of.mobile, codice_fiscale: of.codice_fiscale });
  expect(await login(of), 200); // who knows the password loses nothing
});

test('an address that asks for many is slowed down', async () => {
  const client = newClient();
  for (let n = 0; n < 60; n++) expect(await forget(mobile(), client), 202);
  const wait = Number(expect(await forget(mobile(), client), 429, 'throttled').headers['retry-after']);
  assert.ok(wait > 0 && wait <= 10, `slowed down, not refused: ${wait} s`);
  const of = await steps.register();
  expect(await login(of, client), 200); // somebody at the same address
  expect(await forget(of.mobile, client), 202); // a device the account knows
  expect(await forget(mobile()), 202);
});

test('resets that do not exist', async () => {
  for (const id of ['7d0b4c5e-1f7c-4a53-9f63-0c1a3b9d2e41', 'nonsense']) {
    expect(await verify(id, '123456', person().password), 404, 'not-found');
    expect(await newClient().post(`/password-resets/${id}/codes`, {}), 404, 'not-found');
  }
});

test('ten at once with the right code set one password', async (t) => {
  t.allowLog(/DOS0010: POST \/password-resets\/\{id\}\/verification answered 503 busy/);
  const { of, id, code } = await forgotten();
  const passwords = Array.from({ length: 10 }, () => person().password);
  const answers = await Promise.all(passwords.map((password) => verify(id, code, password)));
  assert.equal(answers.filter(({ status }) => status === 204).length, 1);
  for (const { status, problem } of answers)
    assert.ok(status === 204 || ['code-used', 'code-locked', 'busy', 'code-expired'].includes(problem), problem);
  const winner = passwords[answers.findIndex(({ status }) => status === 204)];
  expect(await login(of, newClient(), winner), 200);
});
