// Point 4: notice, consent, codice fiscale and activation code open the dossier.
import assert from 'node:assert/strict';
import { desk, expect, fieldErrors, newClient, portal, steps, test } from './lib/suite.mjs';
import { acceptanceBody, externalId, person } from './lib/people.mjs';

const activate = async (of, overrides, patient = of.patient.id) =>
  of.client.post(`/patients/${patient}/activation`, await steps.activationBody(of, overrides));

/** Another code with the right check character. */
const otherCode = async () => (await steps.accept()).activation_code;

test('opens the dossier, and again with the same code', async () => {
  const of = await steps.register();
  const { patient } = expect(await activate(of), 200).json;
  assert.deepEqual({ ...patient }, { ...of.patient, dossier: 'active' });
  assert.deepEqual(expect(await activate(of), 200).json.patient, patient);
  assert.deepEqual(expect(await of.client.get('/patients'), 200).json.patients, [patient]);
});

test('the code may be typed in any way people do', async () => {
  for (const typed of [
    (code) => code.toLowerCase(),
    (code) => code.replaceAll('-', ''),
    (code) => code.replaceAll('-', ' – '),
    (code) => code.replaceAll('0', 'O').replaceAll('1', 'l'),
  ]) {
    const of = await steps.register();
    expect(
      await activate(of, {
        activation_code: typed(of.activation_code),
        codice_fiscale: of.codice_fiscale.toLowerCase(),
      }),
      200,
    );
  }
});

test('an unknown code, a wrong pair and another patient answer the same', async () => {
  const of = await steps.register();
  const relative = await steps.accept(person({ mobile: of.mobile }));
  const answers = [
    await activate(of, { activation_code: await otherCode() }),
    await activate(of, { activation_code: relative.activation_code }),
    await activate(of, { codice_fiscale: relative.codice_fiscale }),
    await activate(of, { codice_fiscale: relative.codice_fiscale, activation_code: relative.activation_code }),
  ];
  for (const answer of answers) {
    expect(answer, 422, 'activation-wrong');
    assert.deepEqual(answer.json, answers[0].json);
  }
  assert.equal(expect(await of.client.get('/patients'), 200).json.patients[0].dossier, 'inactive');
  expect(await activate(of), 200);
});

test('typing errors are fields, and cost no try', async () => {
  const of = await steps.register();
  const last = of.activation_code.at(-1);
  const mistyped = of.activation_code.slice(0, -1) + (last === '2' ? '3' : '2');
  for (let n = 0; n < 6; n++) {
    const answer = expect(
      await activate(of, { activation_code: mistyped, codice_fiscale: 'RSSMRA80A01E897Y', more: 1 }),
      422,
      'invalid-fields',
    );
    assert.deepEqual(fieldErrors(answer), [
      'activation_code check_character',
      'codice_fiscale check_character',
      'more unknown',
    ]);
  }
  expect(await activate(of), 200);
});

test('consent is needed, to the current version of the right notice', async () => {
  const of = await steps.register();
  const refused = async (consent) => fieldErrors(expect(await activate(of, { consent }), 422, 'invalid-fields'));
  const version = await steps.noticeVersion('dossier');
  assert.deepEqual(await refused(undefined), ['consent required']);
  assert.deepEqual(await refused({ notice: 'portal', version }), ['consent.notice choice']);
  assert.deepEqual(await refused({ notice: 'dossier' }), ['consent.version required']);
  const outdated = expect(
    await activate(of, { consent: { notice: 'dossier', version: '1999-12' } }),
    409,
    'notice-outdated',
  );
  assert.equal(outdated.json.current, version);
  assert.equal(expect(await of.client.get('/patients'), 200).json.patients[0].dossier, 'inactive');
});

test('five wrong pairs in an hour, then the right one waits too', async () => {
  const of = await steps.register();
  const wrong = await otherCode();
  for (let n = 0; n < 5; n++) expect(await activate(of, { activation_code: wrong }), 422, 'activation-wrong');
  const refused = expect(await activate(of), 429, 'throttled');
  const wait = Number(refused.headers['retry-after']);
  assert.ok(wait > 3500 && wait <= 3600, `Retry-After ${wait}`);
  const { 'ratelimit-limit': limit, 'ratelimit-remaining': left, 'ratelimit-reset': reset } = refused.headers;
  assert.deepEqual([limit, left, reset], ['5', '0', String(wait)]);
  portal.age.activations(of.account.id, '1 hour 1 second');
  expect(await activate(of), 200);
});

test("a stranger's wrong tries do not stand in the patient's way", async () => {
  const of = await steps.register();
  const stranger = await steps.register();
  for (let n = 0; n < 6; n++)
    await activate(stranger, { codice_fiscale: of.codice_fiscale, activation_code: of.activation_code });
  expect(await activate(of), 200);
});

test('a code expires after 60 days', async () => {
  const of = await steps.register();
  portal.age.activationCode(of.acceptance, '59 days 23 hours');
  const still = expect(await desk.put(`/integration/acceptances/${of.acceptance}`, acceptanceBody(of)), 200).json;
  assert.ok(still.activation_code_expires_at);
  portal.age.activationCode(of.acceptance, '1 hour 1 second');
  expect(await activate(of), 410, 'activation-expired');
  const renewed = expect(await desk.post(`/integration/acceptances/${of.acceptance}/activation-codes`, {}), 201).json;
  expect(await activate(of, { activation_code: renewed.activation_code }), 200);
});

test('a code that another account used is refused', async () => {
  const first = await steps.activate();
  const second = await steps.register();
  await steps.accept({ ...first, mobile: second.mobile });
  const relative = await steps.addRelative(second, first);
  expect(await activate({ ...first, client: second.client }, {}, relative.id), 409, 'activation-used');
});

test('any open code of the patient opens the dossier', async () => {
  const of = await steps.register();
  const later = await steps.accept(person({ ...of }));
  expect(await activate(of, { activation_code: later.activation_code }), 200);
});

test('a used code stays used when the slip is lost', async () => {
  const of = await steps.activate();
  const acceptance = expect(await desk.put(`/integration/acceptances/${of.acceptance}`, acceptanceBody(of)), 200).json;
  assert.equal(acceptance.activation_code_expires_at, null);
});

test("somebody else's patient is not there", async () => {
  const of = await steps.register();
  const stranger = await steps.register();
  const answer = expect(
    await stranger.client.post(`/patients/${of.patient.id}/activation`, await steps.activationBody(of)),
    404,
    'not-found',
  );
  const nobody = expect(
    await stranger.client.post(`/patients/${externalId().slice(2)}/activation`, await steps.activationBody(of)),
    404,
    'not-found',
  );
  assert.deepEqual(answer.json, nobody.json);
  expect(await stranger.client.post('/patients/nonsense/activation', await steps.activationBody(of)), 404, 'not-found');
  expect(
    await newClient().post(`/patients/${of.patient.id}/activation`, await steps.activationBody(of)),
    401,
    'unauthenticated',
  );
  expect(await activate(of), 200);
});

test('twenty at once activate once', async () => {
  const of = await steps.register();
  const answers = await Promise.all(Array.from({ length: 20 }, () => activate(of)));
  const statuses = new Set(answers.map(({ status }) => status));
  assert.ok(statuses.has(200), [...statuses].join());
  for (const answer of answers) assert.ok(answer.status === 200 || answer.problem === 'throttled', answer.text);
  expect(await of.client.get(`/patients/${of.patient.id}/documents`), 200);
});
