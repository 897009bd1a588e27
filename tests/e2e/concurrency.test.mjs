// Fifty at once, over HTTP: one code opens one dossier, one mobile has one account.
import assert from 'node:assert/strict';
import { literal, newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { person, registrationBody } from './lib/people.mjs';

const FAMILY = 10; // each five times: more tries are throttled, and then the test would see less
const count = (statement) => Number(portal.sql(`SELECT count(*) FROM dossier_data.${statement}`));

/** How often each outcome came: {"200": 5, "activation-used": 45}. */
function tally(answers) {
  const counts = {};
  for (const { problem, status } of answers) counts[problem ?? status] = (counts[problem ?? status] ?? 0) + 1;
  return counts;
}

const fiveTimes = (list, call) => Promise.all([1, 2, 3, 4, 5].flatMap(() => list.map(call)));

test('50 activations of one code by ten accounts: one account has the dossier', async () => {
  const patient = person();
  const holders = [];
  for (let n = 0; n < FAMILY; n++) {
    const holder = await steps.register();
    await steps.accept(Object.assign(patient, { mobile: holder.mobile }));
    const { id } = await steps.addRelative(holder, patient);
    holders.push({ client: holder.client.moved({}), id }); // a connection that has not stood idle meanwhile
  }
  const body = await steps.activationBody(patient);
  const counts = tally(await fiveTimes(holders, ({ client, id }) => client.post(`/patients/${id}/activation`, body)));
  holders.forEach(({ client }) => client.close());
  assert.deepEqual(counts, { 200: 5, 'activation-used': 45 }, "the five are one account's");
  const of = `patient_id = ${literal(holders[0].id)}`;
  assert.equal(count(`dossier WHERE ${of} AND state = 'active'`), 1);
  assert.equal(count(`consent WHERE ${of}`), 1);
  assert.equal(count(`activation_code WHERE ${of} AND used_at IS NOT NULL`), 1);
});

test('50 registrations of one person, started at once: one SMS', async (t) => {
  t.allowLog(/503 busy/); // passwords wait for a place to be hashed, but not for ever
  const of = await steps.accept();
  const version = await steps.noticeVersion('portal');
  const start = () => newClient().post('/registrations', registrationBody(of, version));
  const { 202: taken, throttled, busy = 0, ...rest } = tally(await Promise.all(Array.from({ length: 50 }, start)));
  assert.deepEqual([taken, throttled + busy, rest], [1, 49, {}]);
  assert.ok(count(`outbox WHERE recipient = ${literal(of.mobile)}`) <= 1);
});

test('50 right codes of ten registrations with one mobile: one account', async () => {
  const first = await steps.accept();
  const registrations = [];
  for (let n = 0; n < FAMILY; n++) {
    const of = n ? await steps.accept(person({ mobile: first.mobile })) : first;
    if (n) portal.age.sends(first.mobile, '25 hours');
    registrations.push(await steps.startRegistration(of));
  }
  const counts = tally(
    await fiveTimes(registrations, ({ id, code }) => newClient().post(`/registrations/${id}/verification`, { code })),
  );
  const { 201: created, ...rest } = counts;
  assert.equal(created, 1, JSON.stringify(counts));
  // another's code, the same code once more, or so many at once that the number's tries of the day were counted first
  assert.deepEqual(
    Object.keys(rest).filter((name) => !['mobile-taken', 'code-used', 'code-locked', 'throttled'].includes(name)),
    [],
  );
  assert.equal(count(`account WHERE mobile = ${literal(first.mobile)}`), 1);
  assert.equal(
    count(`session s JOIN dossier_data.account a ON a.id = s.account_id WHERE a.mobile = ${literal(first.mobile)}`),
    1,
  );
  assert.equal(outbox.messages({ to: first.mobile, template: 'verification_code' }).length, FAMILY);
});
