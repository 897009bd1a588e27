// Point 3: the profile, its language and alerts. A new mobile or e-mail is in contact.test.mjs.
import assert from 'node:assert/strict';
import { expect, fieldErrors, outbox, portal, steps, test } from './lib/suite.mjs';

const nowhere = '7d0b4c5e-1f7c-4a53-9f63-0c1a3b9d2e41';

test('the profile is what was written when registering', async () => {
  const of = await steps.register();
  const { profile } = expect(await of.client.get('/profile'), 200).json;
  const { first_name, last_name, birth_date, birth_place, codice_fiscale, mobile: number, email } = of;
  assert.deepEqual(profile, {
    first_name,
    last_name,
    birth_date,
    birth_place,
    codice_fiscale,
    mobile: number,
    email,
    email_proved: false,
    language: 'it',
    alerts: { sms: true, mail: true, last_call: true },
  });
});

test('language and alerts change, and what is not named stays', async () => {
  const of = await steps.activate();
  const change = async (body) => expect(await of.client.patch('/profile', body), 200).json.profile;
  assert.equal((await change({ language: 'en' })).language, 'en');
  assert.deepEqual((await change({ alerts: { sms: false } })).alerts, { sms: false, mail: true, last_call: true });
  const { alerts, language } = await change({ alerts: { last_call: false } });
  assert.deepEqual([alerts, language], [{ sms: false, mail: true, last_call: false }, 'en']);
  assert.deepEqual((await change({})).alerts, alerts);
  const { id } = await steps.publish(of);
  portal.age.alerts(of.account.id, '5 minutes');
  const told = await outbox.next({ template: 'new_documents', to: of.email });
  assert.equal(told.language, 'en');
  assert.deepEqual(
    outbox.messages({ template: 'new_documents', to: of.mobile }),
    [],
    `document ${id} was announced by SMS`,
  );
});

test('names wrong fields of a profile', async () => {
  const { client } = await steps.register();
  const answer = await client.patch('/profile', { language: 'fr', alerts: { sms: 'no', fax: true }, first_name: 'X' });
  assert.deepEqual(fieldErrors(expect(answer, 422, 'invalid-fields')), [
    'alerts.fax unknown',
    'alerts.sms type',
    'first_name unknown',
    'language choice',
  ]);
  assert.deepEqual(fieldErrors(expect(await client.patch('/profile', { alerts: 1 }), 422)), ['alerts type']);
});

test('bodies that cannot be read', async () => {
  const of = await steps.register();
  const routes = [
    ['PATCH', '/profile'],
    ['PUT', '/profile/password'],
    ['DELETE', '/profile/email'],
    ['DELETE', '/sessions'],
    ['DELETE', `/sessions/${nowhere}`],
    ['POST', '/password-resets'],
    ['POST', `/password-resets/${nowhere}/verification`],
    ['POST', `/password-resets/${nowhere}/codes`],
    ...['mobile-changes', 'email-changes'].flatMap((kind) => [
      ['POST', `/profile/${kind}`],
      ['POST', `/profile/${kind}/${nowhere}/verification`],
      ['POST', `/profile/${kind}/${nowhere}/codes`],
    ]),
  ];
  const headers = { 'Content-Type': 'application/json' };
  for (const [method, route] of routes) {
    expect(await of.client.request(method, route, { text: '{', headers }), 400, 'malformed-json');
    expect(
      await of.client.request(method, route, { text: `{"x": "${'x'.repeat(70_000)}"}`, headers }),
      413,
      'too-large',
    );
    const unknown = expect(await of.client.request(method, route, { json: { shoe_size: 44 } }), 422, 'invalid-fields');
    assert.ok(fieldErrors(unknown).includes('shoe_size unknown'), route);
  }
});
