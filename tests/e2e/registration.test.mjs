// Point 2: from consent and profile to an account, by a code sent to the mobile given at acceptance.
import assert from 'node:assert/strict';
import { expect, fieldErrors, literal, newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { headerNames } from './lib/http.mjs';
import { mobile, person, registrationBody } from './lib/people.mjs';

const verification = (id) => `/registrations/${id}/verification`;
const another = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

async function body(of, overrides) {
  return registrationBody(of, await steps.noticeVersion('portal'), overrides);
}

test('the notice names its version and speaks both languages', async () => {
  for (const kind of ['portal', 'dossier']) {
    const notice = expect(await newClient().get(`/notices/${kind}`), 200).json;
    assert.equal(notice.kind, kind);
    assert.notEqual(notice.it.body, notice.en.body);
  }
  expect(await newClient().get('/notices/other'), 404, 'not-found');
});

test('registers: the code opens account and session', async () => {
  const of = await steps.accept();
  const client = newClient();
  const before = Date.now();
  const started = expect(await client.post('/registrations', await body(of)), 202).json;
  assert.equal(started.sent_to, `+39*******${of.mobile.slice(-3)}`);
  const minutes = (Date.parse(started.expires_at) - before) / 60_000;
  assert.ok(minutes > 9.9 && minutes < 10.1, `the code is valid for ${minutes} minutes`);
  assert.equal(started.resend_after, 60);
  assert.equal(client.token, undefined, 'no session before the code');

  const code = await outbox.code(of.mobile);
  const { account } = expect(await client.post(verification(started.id), { code: ` ${code} ` }), 201).json;
  assert.deepEqual(
    { ...account, id: undefined },
    {
      id: undefined,
      first_name: of.first_name,
      last_name: of.last_name,
      mobile: of.mobile,
      email: of.email,
      language: 'it',
      consents_due: false,
    },
  );
  assert.deepEqual(expect(await client.get('/session'), 200).json, { account });
  const { patients } = expect(await client.get('/patients'), 200).json;
  assert.equal(patients.length, 1);
  assert.deepEqual(
    [patients[0].relation, patients[0].dossier, patients[0].codice_fiscale, patients[0].new_documents],
    ['self', 'inactive', of.codice_fiscale, 0],
  );
  assert.equal(patients[0].age, age(of.birth_date));

  expect(await newClient().post(verification(started.id), { code }), 409, 'code-used');
  expect(await client.post(`/registrations/${started.id}/codes`, {}), 409, 'registration-closed');
});

function age(birth) {
  const today = new Date().toLocaleDateString('sv-SE', { timeZone: 'Europe/Rome' });
  return Number(today.slice(0, 4)) - Number(birth.slice(0, 4)) - (today.slice(5) < birth.slice(5) ? 1 : 0);
}

test('what people type is understood: blanks, lower case, a number without prefix', async () => {
  const of = await steps.accept();
  const typed = {
    codice_fiscale: ` ${of.codice_fiscale.toLowerCase()} `,
    mobile: of.mobile.slice(3).replace(/(\d{3})(\d+)/, '$1 $2'),
    email: ` ${of.email.toUpperCase()} `,
  };
  const sent = await body(of);
  const client = newClient();
  const { id } = expect(
    await client.post('/registrations', { ...sent, profile: { ...sent.profile, ...typed } }),
    202,
  ).json;
  const { account } = expect(await client.post(verification(id), { code: await outbox.code(of.mobile) }), 201).json;
  assert.deepEqual([account.mobile, account.email], [of.mobile, of.email]);
});

test('the language of the registration is that of the SMS', async () => {
  const of = await steps.accept();
  const sent = await body(of);
  expect(await newClient().post('/registrations', { ...sent, profile: { ...sent.profile, language: 'en' } }), 202);
  const message = await outbox.next({ to: of.mobile });
  assert.equal(message.language, 'en');
  assert.match(message.text, /Your verification code/);
});

const shape = (answer) => ({
  status: answer.status,
  keys: Object.keys(answer.json),
  headers: headerNames(answer),
  length: answer.headers['content-length'],
  cookies: answer.headers['set-cookie'],
  problem: answer.problem,
  tries: answer.json.tries_left,
});

test('nobody learns who is a patient: answers are the same with and without an acceptance', async () => {
  const known = await steps.accept();
  const elsewhere = await steps.accept();
  const strangers = [person(), { ...elsewhere, mobile: mobile() }, { ...person(), mobile: elsewhere.mobile }];
  const start = async (of) => {
    const client = newClient();
    const answer = expect(await client.post('/registrations', await body(of)), 202);
    return { client, answer, id: answer.json.id };
  };
  const unmatched = [];
  for (const of of strangers) unmatched.push(await start(of));
  const matched = await start(known); // the last one: when its code has left, the others' would have
  const code = await outbox.code(known.mobile);
  for (const of of strangers)
    assert.deepEqual(outbox.messages({ to: of.mobile }), [], 'a code left for somebody without acceptance');

  for (const other of unmatched) {
    assert.deepEqual(shape(other.answer), shape(matched.answer));
    assert.equal(other.answer.json.resend_after, matched.answer.json.resend_after);
  }
  const again = await matched.client.post(`/registrations/${matched.id}/codes`, {});
  const wrong = [];
  for (let n = 0; n < 6; n++)
    wrong.push(shape(await matched.client.post(verification(matched.id), { code: another(code) })));
  for (const other of unmatched) {
    assert.deepEqual(shape(await other.client.post(`/registrations/${other.id}/codes`, {})), shape(again));
    for (let n = 0; n < 6; n++) {
      assert.deepEqual(
        shape(await other.client.post(verification(other.id), { code: another(code) })),
        wrong[n],
        `wrong code ${n + 1}`,
      );
    }
  }
});

test('nobody learns who has an account: registering again answers the same', async () => {
  const of = await steps.register();
  const fresh = await steps.accept();
  portal.age.sends(of.mobile, '25 hours'); // how often a code went to a number shows, whoever has it
  const again = expect(await newClient().post('/registrations', await body(of)), 202);
  const first = expect(await newClient().post('/registrations', await body(fresh)), 202);
  assert.deepEqual(shape(again), shape(first));
});

test('five wrong codes void the code', async () => {
  const { client, id, code } = await steps.startRegistration(await steps.accept());
  for (const left of [4, 3, 2, 1, 0]) {
    const answer = expect(await client.post(verification(id), { code: another(code) }), 422, 'code-wrong');
    assert.equal(answer.json.tries_left, left);
  }
  expect(await client.post(verification(id), { code }), 429, 'code-locked');
  expect(await newClient().post(verification(id), { code }), 429, 'code-locked');
});

test('what is no code costs no try', async () => {
  const { client, id, code } = await steps.startRegistration(await steps.accept());
  for (const typed of ['12345', '1234567', 'abcdef', '１２３４５', '12a3456', '-12345']) {
    const answer = expect(await client.post(verification(id), { code: typed }), 422, 'invalid-fields');
    assert.deepEqual(fieldErrors(answer), ['code verification_code']);
  }
  const answer = expect(await client.post(verification(id), { code: 123456, id }), 422, 'invalid-fields');
  assert.deepEqual(fieldErrors(answer), ['code type', 'id unknown']);
  for (let n = 0; n < 4; n++) expect(await client.post(verification(id), { code: another(code) }), 422, 'code-wrong');
  expect(await client.post(verification(id), { code }), 201);
});

test('a code opens its own registration only', async () => {
  const one = await steps.startRegistration(await steps.accept());
  const two = await steps.startRegistration(await steps.accept());
  if (one.code !== two.code) expect(await two.client.post(verification(two.id), { code: one.code }), 422, 'code-wrong');
  expect(await one.client.post(verification(one.id), { code: one.code }), 201);
});

test('a code expires after ten minutes', async () => {
  const { client, id, code } = await steps.startRegistration(await steps.accept());
  portal.age.code(id, '9 minutes 50 seconds');
  expect(await client.post(verification(id), { code: another(code) }), 422, 'code-wrong');
  portal.age.code(id, '15 seconds');
  expect(await client.post(verification(id), { code }), 410, 'code-expired');
});

test('a new code can be asked for after a minute, and voids the old one', async () => {
  const of = await steps.accept();
  const { client, id, code: old } = await steps.startRegistration(of);
  const early = expect(await client.post(`/registrations/${id}/codes`, {}), 429, 'throttled');
  const wait = Number(early.headers['retry-after']);
  assert.ok(wait > 0 && wait <= 60, `Retry-After ${wait}`);
  assert.equal(early.json.retry_after, wait);
  assert.deepEqual(outbox.messages({ to: of.mobile }).length, 1);

  portal.age.sends(of.mobile, '61 seconds');
  const sent = expect(await client.post(`/registrations/${id}/codes`, {}), 202).json;
  assert.equal(sent.resend_after, 120);
  const code = await outbox.code(of.mobile);
  if (old !== code) expect(await client.post(verification(id), { code: old }), 422, 'code-wrong');
  expect(await client.post(verification(id), { code }), 201);
});

test('a new code helps after five wrong ones', async () => {
  const of = await steps.accept();
  const { client, id, code: old } = await steps.startRegistration(of);
  for (let n = 0; n < 5; n++) await client.post(verification(id), { code: another(old) });
  portal.age.sends(of.mobile, '61 seconds');
  expect(await client.post(`/registrations/${id}/codes`, {}), 202);
  expect(await client.post(verification(id), { code: await outbox.code(of.mobile) }), 201);
});

test('starting again within a minute is no way around the pause', async () => {
  const of = await steps.accept();
  await steps.startRegistration(of);
  const refused = expect(await newClient().post('/registrations', await body(of)), 429, 'throttled');
  assert.ok(Number(refused.headers['retry-after']) <= 60);
  expect(await newClient().post('/registrations', await body(of, { activation_code: of.activation_code })), 202); // no stranger
  expect(await newClient().post('/registrations', await body(person({ mobile: of.mobile }))), 202); // nobody's codes but its own
  const unmatched = person();
  expect(await newClient().post('/registrations', await body(unmatched)), 202);
  expect(await newClient().post('/registrations', await body(unmatched)), 429, 'throttled');
});

test('a number is sent six codes a day at most', async () => {
  const of = await steps.accept();
  const { client, id } = await steps.startRegistration(of);
  const waits = [];
  for (let n = 2; n <= 6; n++) {
    portal.age.sends(of.mobile, '16 minutes');
    waits.push(expect(await client.post(`/registrations/${id}/codes`, {}), 202).json.resend_after);
    await outbox.code(of.mobile);
  }
  assert.deepEqual(waits.slice(0, 3), [120, 300, 900]);
  portal.age.sends(of.mobile, '16 minutes');
  const last = expect(await client.post(`/registrations/${id}/codes`, {}), 429, 'throttled');
  assert.ok(Number(last.headers['retry-after']) > 15 * 60, 'the day is full, not the quarter of an hour');
  assert.equal(outbox.messages({ to: of.mobile }).length, 6);
});

test('what strangers do with a number alone costs its patient nothing', async () => {
  const of = await steps.accept();
  for (let n = 0; n < 7; n++) {
    const client = newClient();
    const { id } = expect(await client.post('/registrations', await body(person({ mobile: of.mobile }))), 202).json;
    for (let tries = 0; tries < 5; tries++)
      expect(await client.post(verification(id), { code: '123456' }), 422, 'code-wrong');
  }
  assert.deepEqual(outbox.messages({ to: of.mobile }), []);
  const { client, id, code } = await steps.startRegistration(of);
  expect(await client.post(verification(id), { code }), 201);
});

test('fifteen wrong codes a day of one person and number, then no new one', async () => {
  const of = await steps.accept();
  const { client, id, code: first } = await steps.startRegistration(of);
  let code = first;
  for (let round = 1; round <= 3; round++) {
    for (let n = 0; n < 5; n++) expect(await client.post(verification(id), { code: another(code) }), 422, 'code-wrong');
    portal.age.sends(of.mobile, '16 minutes');
    if (round === 3) break;
    expect(await client.post(`/registrations/${id}/codes`, {}), 202);
    code = await outbox.code(of.mobile);
  }
  const refused = expect(await client.post(`/registrations/${id}/codes`, {}), 429, 'throttled');
  assert.ok(Number(refused.headers['retry-after']) > 3600);
});

test('consent is needed, to the current version of the right notice', async () => {
  const of = person();
  const client = newClient();
  const version = await steps.noticeVersion('portal');
  const refused = async (consent) =>
    fieldErrors(expect(await client.post('/registrations', await body(of, { consent })), 422, 'invalid-fields'));
  assert.deepEqual(await refused(undefined), ['consent required']);
  assert.deepEqual(await refused(null), ['consent required']);
  assert.deepEqual(await refused(true), ['consent type']);
  assert.deepEqual(await refused({}), ['consent.notice required', 'consent.version required']);
  assert.deepEqual(await refused({ notice: 'dossier', version }), ['consent.notice choice']);
  const outdated = expect(
    await client.post('/registrations', await body(of, { consent: { notice: 'portal', version: '1999-12' } })),
    409,
    'notice-outdated',
  );
  assert.equal(outdated.json.current, version);
});

const passwords = {
  'eleven characters': [() => 'undici carat', 'too_short', 11],
  common: [() => 'password1234', 'common'],
  'a run': [() => '123456789012', 'common'],
  'one letter': [() => 'aaaaaaaaaaaaaa', 'common'],
  'the last name': [(of) => `${of.last_name.toLowerCase()}!`, 'personal'],
  'the codice fiscale': [(of) => of.codice_fiscale, 'personal'],
  'the mobile': [(of) => of.mobile, 'personal'],
  'the e-mail': [(of) => of.email, 'personal'],
};
for (const [what, [make, code, cut]] of Object.entries(passwords)) {
  test(`refuses a password: ${what}`, async () => {
    const of = person();
    const password = make(of).slice(0, cut);
    const answer = expect(
      await newClient().post('/registrations', await body(of, { password })),
      422,
      'invalid-fields',
    );
    assert.deepEqual(fieldErrors(answer), [`password ${code}`]);
  });
}

test('passwords from 12 to 128 characters are taken, and every character counts', async () => {
  const long = 'lucertola al sole òàù€ '.repeat(6).slice(0, 128);
  const tooLong = await newClient().post('/registrations', await body(person(), { password: `${long}x` }));
  assert.deepEqual(fieldErrors(expect(tooLong, 422, 'invalid-fields')), ['password too_long']);
  assert.equal(tooLong.json.errors[0].max_length, 128);
  assert.match(tooLong.json.errors[0].message, /128/);
  const of = await steps.register(person({ password: long }));
  expect(
    await newClient().post('/session', { login: of.mobile, password: `${long.slice(0, 127)}#` }),
    401,
    'login-failed',
  );
  expect(await newClient().post('/session', { login: of.mobile, password: long }), 200);
  await steps.register(person({ password: 'tre volpi blu'.slice(0, 12) }));
  const blank = ` ${person().password} `;
  const spaced = await steps.register(person({ password: blank }));
  expect(await newClient().post('/session', { login: spaced.mobile, password: blank.trim() }), 401, 'login-failed');
  expect(await newClient().post('/session', { login: spaced.mobile, password: blank }), 200);
});

test('names every wrong field at once', async () => {
  const sent = await body(person());
  const wrong = {
    consent: { ...sent.consent, extra: 1 },
    password: 7,
    extra: true,
    profile: {
      codice_fiscale: 'RSSMRA80A01E897Y',
      first_name: '',
      last_name: 'x'.repeat(101),
      birth_date: '2001-02-29',
      mobile: '123',
      email: 'x',
      language: 'fr',
      shoe_size: 44,
    },
  };
  const answer = expect(await newClient().post('/registrations', wrong), 422, 'invalid-fields');
  assert.deepEqual(
    fieldErrors(answer),
    [
      'consent.extra unknown',
      'extra unknown',
      'password type',
      'profile.birth_date date',
      'profile.birth_place required',
      'profile.codice_fiscale check_character',
      'profile.email email',
      'profile.first_name empty',
      'profile.language choice',
      'profile.last_name too_long',
      'profile.mobile mobile',
      'profile.shoe_size unknown',
    ].sort(),
  );
  const dates = { '2199-01-01': 'date_future', '1850-01-01': 'date_past' };
  for (const [birth_date, code] of Object.entries(dates)) {
    const dated = expect(
      await newClient().post('/registrations', { ...sent, profile: { ...sent.profile, birth_date } }),
      422,
      'invalid-fields',
    );
    assert.deepEqual(fieldErrors(dated), [`profile.birth_date ${code}`]);
  }
});

test('that a mobile or codice fiscale has an account is said only after the right code', async () => {
  const holder = await steps.register();
  const cases = {
    'mobile-taken': person({ mobile: holder.mobile }),
    'patient-taken': { ...person(), ...pickPatient(holder), mobile: mobile() },
  };
  for (const [problem, of] of Object.entries(cases)) {
    await steps.accept(of);
    if (of.mobile === holder.mobile) portal.age.sends(of.mobile, '16 minutes');
    const { client, id, code } = await steps.startRegistration(of);
    expect(await client.post(verification(id), { code: another(code) }), 422, 'code-wrong');
    expect(await client.post(verification(id), { code }), 409, problem);
    assert.equal(client.token, undefined, `${problem}: no session`);
  }
});

test('an e-mail that another account has costs nobody the registration: the account is made without it, until it is proved', async () => {
  const writer = await steps.register();
  const owner = await steps.accept(person({ email: writer.email }));
  const { client, id, code } = await steps.startRegistration(owner);
  const { account } = expect(await client.post(verification(id), { code }), 201).json;
  assert.equal(account.email, null);
  Object.assign(owner, { client });
  const begun = await steps.begin(owner, 'email', writer.email);
  expect(await client.post(`/profile/email-changes/${begun.id}/verification`, { code: begun.code }), 200);
  assert.deepEqual(
    [(await client.get('/profile')).json.profile.email, (await writer.client.get('/profile')).json.profile.email],
    [writer.email, null],
  );
});

const pickPatient = ({ codice_fiscale, first_name, last_name, birth_date, sex }) => ({
  codice_fiscale,
  first_name,
  last_name,
  birth_date,
  sex,
});

test('ten at once with the right code make one account', async () => {
  const of = await steps.accept();
  const { id, code } = await steps.startRegistration(of);
  const answers = await Promise.all(Array.from({ length: 10 }, () => newClient().post(verification(id), { code })));
  const statuses = answers.map(({ status }) => status).sort();
  assert.equal(statuses.filter((status) => status === 201).length, 1, statuses.join());
  for (const answer of answers.filter(({ status }) => status !== 201)) {
    assert.ok(['code-used', 'code-locked'].includes(answer.problem), answer.text);
  }
  assert.equal(portal.sql(`SELECT count(*) FROM dossier_data.account WHERE mobile = ${literal(of.mobile)}`), '1');
});

test('registrations that do not exist', async () => {
  const client = newClient();
  for (const id of ['7d0b4c5e-1f7c-4a53-9f63-0c1a3b9d2e41', 'nonsense', '7d0b4c5e-1f7c-4a53-9f63-0c1a3b9d2e4']) {
    expect(await client.post(verification(id), { code: '123456' }), 404, 'not-found');
    expect(await client.post(`/registrations/${id}/codes`, {}), 404, 'not-found');
  }
});
