// Point 3: a new mobile or e-mail, by the code that went to it.
import assert from 'node:assert/strict';
import { expect, fieldErrors, newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { mobile, person } from './lib/people.mjs';

const another = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
const nowhere = '7d0b4c5e-1f7c-4a53-9f63-0c1a3b9d2e41';

const KINDS = {
  mobile: { field: 'mobile', template: 'mobile_changed', taken: 'mobile-taken' },
  email: { field: 'email', template: 'email_changed', taken: 'email-taken' },
};
const path = (kind, id, step) => `/profile/${kind}-changes${id ? `/${id}/${step}` : ''}`;
const begin = (of, kind, value, client = of.client) =>
  client.post(path(kind), { [kind]: value, password: of.password });
const verify = (of, kind, id, code, client = of.client) => client.post(path(kind, id, 'verification'), { code });
const resend = (of, kind, id, client = of.client) => client.post(path(kind, id, 'codes'), {});

/** A mobile that some acceptance holds, or an e-mail that is nobody's. */
const fresh = async (kind) => (kind === 'mobile' ? (await steps.accept()).mobile : person().email);

const started = async (of, kind, value) => steps.begin(of, kind, value ?? (await fresh(kind)));

test('who proves an e-mail takes it from who only wrote it down, who is told by SMS and keeps the mobile', async () => {
  const writer = await steps.register();
  const owner = await steps.register();
  const { id, code } = await started(owner, 'email', writer.email);
  assert.equal(expect(await verify(owner, 'email', id, code), 200).json.profile.email, writer.email);
  await outbox.next({ to: writer.mobile, template: 'email_changed' });
  assert.deepEqual(
    outbox.messages({ to: writer.email, template: 'email_changed' }),
    [],
    "the mailbox is not the writer's",
  );
  assert.equal(expect(await writer.client.get('/profile'), 200).json.profile.email, null);
  expect(await newClient().post('/session', { login: writer.mobile, password: writer.password }), 200);
  expect(await newClient().post('/session', { login: writer.email, password: owner.password }), 200);
});

test('an e-mail that was written down when registering is confirmed by the code sent to it, once, and nobody is told of a change', async () => {
  const of = await steps.register();
  const { id, code } = await started(of, 'email', of.email);
  assert.equal(expect(await of.client.get('/profile'), 200).json.profile.email_proved, false);
  const { profile } = expect(await verify(of, 'email', id, code), 200).json;
  assert.deepEqual([profile.email, profile.email_proved], [of.email, true]);
  expect(await begin(of, 'email', of.email), 409, 'contact-unchanged');
  for (const to of [of.email, of.mobile]) assert.deepEqual(outbox.messages({ to, template: 'email_changed' }), []);
  const { activity } = expect(await of.client.get('/activity'), 200).json;
  assert.ok(activity.some(({ action, outcome }) => action === 'email_confirmed' && outcome === 'ok'));
  const rival = await steps.register();
  const late = await started(rival, 'email', of.email);
  expect(await verify(rival, 'email', late.id, late.code), 409, 'email-taken');
});

for (const [kind, { field, template, taken }] of Object.entries(KINDS)) {
  test(`a new ${kind}: the code goes to it, the old one is told, the session gets a new token, relatives and dossier stay`, async () => {
    const of = await steps.activate();
    const document = await steps.publish(of);
    const value = await fresh(kind);
    const sent = expect(await begin(of, kind, value), 202).json;
    assert.equal(sent.resend_after, 60);
    assert.ok(!sent.sent_to.includes(value.slice(0, 6)), 'masked');
    const code = await outbox.code(value);
    assert.equal(
      expect(await of.client.get('/profile'), 200).json.profile[field],
      of[field],
      'nothing before the code',
    );
    const before = of.client.token;
    const { profile } = expect(await verify(of, kind, sent.id, code), 200).json;
    assert.equal(profile[field], value);
    for (const to of [of.mobile, of.email]) await outbox.next({ to, template });
    assert.deepEqual(outbox.messages({ to: value, template }), [], 'only what was there before is told');
    const stale = newClient();
    stale.cookies.set('__Host-dossier', before);
    expect(await stale.get('/session'), 401, 'unauthenticated');
    expect(await of.client.get(`/documents/${document.id}`), 200);
    expect(await newClient().post('/session', { login: value, password: of.password }), 200);
    expect(await newClient().post('/session', { login: of[field], password: of.password }), 401, 'login-failed');
    expect(await verify(of, kind, sent.id, code), 409, 'code-used');
    expect(await resend(of, kind, sent.id), 409, 'change-closed');
  });

  test(`a new ${kind} needs the password`, async () => {
    const of = await steps.register();
    const value = await fresh(kind);
    expect(await of.client.post(path(kind), { [kind]: value, password: 'not the password' }), 422, 'password-wrong');
    const missing = expect(await of.client.post(path(kind), { [kind]: value }), 422, 'invalid-fields');
    assert.deepEqual(fieldErrors(missing), ['password required']);
    const typo = expect(
      await of.client.post(path(kind), { [kind]: 'x', password: of.password }),
      422,
      'invalid-fields',
    );
    assert.deepEqual(fieldErrors(typo), [`${field} ${kind}`]);
    if (kind === 'email') {
      const { id, code } = await started(of, kind, of.email); // what is only written down may be proved
      expect(await verify(of, kind, id, code), 200);
    }
    expect(await begin(of, kind, of[field]), 409, 'contact-unchanged');
    for (let n = 0; n < 9; n++)
      expect(await of.client.post(path(kind), { [kind]: value, password: 'not the password' }), 422, 'password-wrong');
    expect(await begin(of, kind, value), 429, 'throttled');
    assert.deepEqual(outbox.messages({ to: value }), []);
  });

  test(`that a ${kind} is another's is said only after the right code`, async () => {
    const of = await steps.register();
    const other = await steps.register();
    if (kind === 'email') {
      const { id, code, value } = await started(other, kind);
      expect(await verify(other, kind, id, code), 200);
      other.email = value;
    }
    portal.age.sends(other.mobile, '16 minutes');
    const { id, code } = await started(of, kind, other[field]);
    expect(await verify(of, kind, id, another(code)), 422, 'code-wrong');
    expect(await verify(of, kind, id, code), 409, taken);
    assert.equal(expect(await of.client.get('/profile'), 200).json.profile[field], of[field]);
    assert.deepEqual(outbox.messages({ to: of[field], template }), []);
  });

  test(`a code for a new ${kind}: five tries, ten minutes, one at a time, of its own account`, async () => {
    const of = await steps.register();
    const stranger = await steps.register();
    const { id, code, value } = await started(of, kind);
    expect(await verify(stranger, kind, id, code), 404, 'not-found');
    expect(await resend(stranger, kind, id), 404, 'not-found');
    for (const left of [4, 3, 2, 1, 0]) {
      assert.equal(expect(await verify(of, kind, id, another(code)), 422, 'code-wrong').json.tries_left, left);
    }
    expect(await verify(of, kind, id, code), 429, 'code-locked');
    expect(await resend(of, kind, id), 429, 'throttled');
    portal.age.sends(value, '61 seconds');
    assert.equal(expect(await resend(of, kind, id), 202).json.resend_after, 120);
    const second = await outbox.code(value);
    if (second !== code) expect(await verify(of, kind, id, code), 422, 'code-wrong');
    portal.age.code(id, '11 minutes');
    expect(await verify(of, kind, id, second), 410, 'code-expired');
    expect(await verify(of, kind, nowhere, second), 404, 'not-found');
    assert.deepEqual(fieldErrors(expect(await of.client.post(path(kind, id, 'verification'), { code: 'x' }), 422)), [
      'code verification_code',
    ]);
  });

  test(`fifteen wrong codes a day for a new ${kind}, however many codes are sent`, async () => {
    const of = await steps.register();
    const { id, code, value } = await started(of, kind);
    let last = code;
    for (let sent = 0; sent < 3; sent++) {
      for (const left of [4, 3, 2, 1, 0]) {
        assert.equal(expect(await verify(of, kind, id, another(last)), 422, 'code-wrong').json.tries_left, left);
      }
      portal.age.sends(value, '1 hour');
      if (sent === 2) break;
      expect(await resend(of, kind, id), 202);
      last = await outbox.code(value);
    }
    expect(await resend(of, kind, id), 429, 'throttled');
    assert.equal(expect(await of.client.get('/profile'), 200).json.profile[field], of[field]);
  });

  test(`a new request voids the one before, for a new ${kind}`, async () => {
    const of = await steps.register();
    const first = await started(of, kind);
    const second = await started(of, kind);
    expect(await verify(of, kind, first.id, first.code), 410, 'code-expired');
    assert.equal(expect(await verify(of, kind, second.id, second.code), 200).json.profile[field], second.value);
  });
}

test('a code for a new mobile leaves only to a number that an acceptance holds, and nobody learns which do', async () => {
  const of = await steps.register();
  const held = (await steps.accept()).mobile;
  const unknown = mobile();
  const answers = [expect(await begin(of, 'mobile', unknown), 202), expect(await begin(of, 'mobile', held), 202)];
  await outbox.code(held); // the later one: the earlier would have left before
  assert.deepEqual(outbox.messages({ to: unknown }), []);
  const shape = ({ json, headers }) => [Object.keys(json), json.resend_after, headers['content-length']];
  assert.deepEqual(shape(answers[0]), shape(answers[1]));
});

test('a code is good for what it was sent for', async () => {
  const of = await steps.register();
  const number = await started(of, 'mobile');
  const address = await started(of, 'email');
  expect(await verify(of, 'email', number.id, number.code), 404, 'not-found');
  expect(await newClient().post(`/registrations/${address.id}/verification`, { code: address.code }), 404, 'not-found');
  expect(
    await newClient().post(`/password-resets/${number.id}/verification`, {
      code: number.code,
      password: person().password,
    }),
    404,
    'not-found',
  );
  if (number.code !== address.code) expect(await verify(of, 'email', address.id, number.code), 422, 'code-wrong');
});

test('ten codes a day for new addresses of one account', async () => {
  const of = await steps.register();
  for (let n = 0; n < 10; n++) expect(await begin(of, 'email', person().email), 202);
  expect(await begin(of, 'email', person().email), 429, 'throttled');
  expect(await begin(of, 'mobile', mobile()), 429, 'throttled');
});

test('the e-mail can be taken away, with the password; it is told', async () => {
  const of = await steps.register();
  const remove = (password) => of.client.delete('/profile/email', { json: { password } });
  expect(await remove('not the password'), 422, 'password-wrong');
  assert.deepEqual(fieldErrors(expect(await of.client.delete('/profile/email', { json: {} }), 422)), [
    'password required',
  ]);
  assert.equal(expect(await remove(of.password), 200).json.profile.email, null);
  await outbox.next({ to: of.email, template: 'email_changed' });
  await outbox.next({ to: of.mobile, template: 'email_changed' });
  expect(await newClient().post('/session', { login: of.email, password: of.password }), 401, 'login-failed');
  assert.equal(expect(await remove(of.password), 200).json.profile.email, null);
  for (let n = 0; n < 9; n++) expect(await remove('not the password'), 422, 'password-wrong');
  expect(await remove(of.password), 429, 'throttled');
});
