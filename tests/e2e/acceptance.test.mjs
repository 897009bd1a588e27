// Point 1 of the journey: acceptances as the desk's system registers them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { remember } from './lib/canaries.mjs';
import { desk, expect, fieldErrors, literal, newClient, otherDesk, outbox, portal, steps, test } from './lib/suite.mjs';
import { makePdf } from './lib/pdf.mjs';
import {
  acceptanceBody,
  checkCharacter,
  codiceFiscale,
  externalId,
  metadataOf,
  mobile,
  omocodia,
  person,
  provisionalCode,
  registrationBody,
  stpCode,
} from './lib/people.mjs';

const path = (id) => `/integration/acceptances/${id}`;
const dry = { query: { dry_run: 'true' } };
const put = (body, options) => desk.put(path(externalId()), body, options);

/** A body whose patient has these values instead. */
function withPatient(values, of = person()) {
  const body = acceptanceBody(of);
  Object.assign(body.patient, values);
  return body;
}

const checked = (fifteen) => fifteen + checkCharacter(fifteen);

test('creates once, with the code; the same call again changes nothing', async () => {
  const of = person();
  const id = externalId();
  const created = expect(await desk.put(path(id), acceptanceBody(of)), 201).json;
  assert.equal(created.external_id, id);
  assert.equal(created.changed, true);
  assert.deepEqual(created.warnings, []);
  const days = (Date.parse(created.activation_code_expires_at) - Date.parse(created.created_at)) / 86_400_000;
  assert.ok(Math.abs(days - 60) < 0.1, `the activation code is valid for ${days} days`);

  const again = expect(await desk.put(path(id), acceptanceBody(of)), 200).json;
  assert.equal(again.changed, false);
  assert.ok(!('activation_code' in again), 'the code is answered once');
  assert.deepEqual(
    [again.created_at, again.updated_at, again.activation_code_expires_at],
    [created.created_at, created.updated_at, created.activation_code_expires_at],
  );
  await steps.activate(Object.assign(of, { acceptance: id, activation_code: created.activation_code }));
});

test('other data update the acceptance, another patient does not', async (t) => {
  t.expectLog(/DOS0010: PUT .* 409 acceptance_patient_changed/);
  const of = person();
  const id = externalId();
  expect(await desk.put(path(id), acceptanceBody(of)), 201);
  const updated = expect(
    await desk.put(path(id), acceptanceBody({ ...of, email: `neu.${of.email}`, birth_place: 'Suzzara' })),
    200,
  ).json;
  assert.equal(updated.changed, true);
  expect(await desk.put(path(id), acceptanceBody(person({ mobile: of.mobile }))), 409, 'acceptance-patient-changed');
});

test('optional fields may be left out or null', async () => {
  const { codice_fiscale, first_name, last_name, mobile: number } = person();
  const bare = { facility: 'san-pellegrino', mobile: number, patient: { codice_fiscale, first_name, last_name } };
  expect(await put(bare), 201);
  const nulls = { ...bare, email: null, patient: { ...bare.patient, birth_date: null, birth_place: null, sex: null } };
  expect(await put(nulls), 201);
});

test('mobiles are Italian by default', async () => {
  for (const typed of ['333 1234567', '333.123.4567', '0039 333 1234567', '+39 (333) 1234567', '+41 79 123 45 67']) {
    expect(await put(acceptanceBody(person({ mobile: typed })), dry), 200);
  }
});

test('every kind of codice fiscale is taken', async () => {
  const of = person();
  const kinds = {
    'lower case and blanks': ` ${of.codice_fiscale.toLowerCase().replace(/^(.{6})/, '$1 ')} `,
    'born abroad': codiceFiscale({ ...of, place: 'Z110' }),
    'a comune that was suppressed': codiceFiscale({ ...of, place: 'A001' }),
    'a place nobody knows': codiceFiscale({ ...of, place: 'Z998' }),
    provisional: provisionalCode(),
    STP: stpCode('STP'),
    ENI: stpCode('ENI'),
  };
  for (const [kind, codice_fiscale] of Object.entries(kinds)) {
    const answer = await put(withPatient({ codice_fiscale }, of), dry);
    assert.equal(answer.status, 200, `${kind}: ${answer.text}`);
    assert.deepEqual(answer.json.warnings, [], kind);
  }
});

test('all 128 forms of omocodia are taken, and agree with the person', async () => {
  const of = person();
  for (let form = 0; form < 128; form++) {
    const codice_fiscale = omocodia(of.codice_fiscale, form);
    const answer = await put(withPatient({ codice_fiscale }, of), dry);
    assert.equal(answer.status, 200, `form ${form}: ${answer.text}`);
    assert.deepEqual(answer.json.warnings, [], `form ${form}`);
  }
});

const malformed = {
  'wrong check letter': ['RSSMRA80A01E897Y', 'check_character'],
  'check letter of another order': ['RSSMRA80A10E897X', 'check_character'],
  '30 February': [checked('RSSMRA80B30E897'), 'date'],
  '29 February of a common year': [checked('RSSMRA81B29E897'), 'date'],
  '31 April': [checked('RSSMRA80D31E897'), 'date'],
  'day 00': [checked('RSSMRA80A00E897'), 'date'],
  'day 40': [checked('RSSMRA80A40E897'), 'date'],
  'day 72': [checked('RSSMRA80A72E897'), 'date'],
  'day 32': [checked('RSSMRA80A32E897'), 'date'],
  'month F': [checked('RSSMRA80F01E897'), 'structure'],
  'a digit among the letters': [checked('RS5MRA80A01E897'), 'structure'],
  'a letter that stands for no digit': [checked('RSSMRA80A01E89A'), 'structure'],
  'too short': ['RSSMRA80A01E897', 'length'],
  'too long': ['RSSMRA80A01E897XX', 'length'],
  'provisional with a wrong last digit': ['01234567890', 'check_character'],
};

for (const [what, [codice_fiscale, code]] of Object.entries(malformed)) {
  test(`refuses a codice fiscale: ${what}`, async () => {
    const answer = expect(await put(withPatient({ codice_fiscale })), 422, 'invalid-fields');
    assert.deepEqual(fieldErrors(answer), [`patient.codice_fiscale ${code}`]);
  });
}

test('what disagrees with the codice fiscale is a warning each', async () => {
  const of = person({ first_name: 'Mario', last_name: 'Rossi', birth_date: '1980-01-01', sex: 'M' });
  const body = withPatient({ first_name: 'Anna', last_name: 'Verdi', birth_date: '1981-01-01', sex: 'F' }, of);
  const { warnings } = expect(await put(body), 201).json;
  assert.deepEqual(warnings.map(({ field }) => field).sort(), [
    'patient.birth_date',
    'patient.first_name',
    'patient.last_name',
    'patient.sex',
  ]);
  const one = expect(await put(withPatient({ birth_date: '1980-01-02' }, of)), 201).json;
  assert.deepEqual(
    one.warnings.map(({ code }) => code),
    ['birth_date'],
  );
});

test('warnings speak the language of the caller', async () => {
  const body = withPatient({ sex: 'F' }, person({ sex: 'M' }));
  const texts = [];
  for (const language of ['it', 'en']) {
    const answer = expect(await put(body, { ...dry, headers: { 'Accept-Language': language } }), 200);
    texts.push(answer.json.warnings[0].message);
  }
  assert.match(texts[0], /codice fiscale/);
  assert.match(texts[1], /does not agree/);
});

// Each entry: what changes in a good body, and the field errors that must come, all of them.
const good = () => acceptanceBody(person());
const refusals = {
  nothing: [() => ({}), ['facility required', 'mobile required', 'patient required']],
  'nothing of the patient': [
    () => ({ ...good(), patient: {} }),
    ['patient.codice_fiscale required', 'patient.first_name required', 'patient.last_name required'],
  ],
  'unknown fields': [
    () => ({ ...good(), extra: 1, patient: { ...good().patient, blood: 'A' } }),
    ['extra unknown', 'patient.blood unknown'],
  ],
  'wrong types': [
    () => ({
      facility: 1,
      mobile: 3331234567,
      email: [],
      patient: { codice_fiscale: {}, first_name: true, last_name: 1.5, birth_date: 19800101, birth_place: [], sex: 0 },
    }),
    [
      'email type',
      'facility type',
      'mobile type',
      'patient.birth_date type',
      'patient.birth_place type',
      'patient.codice_fiscale type',
      'patient.first_name type',
      'patient.last_name type',
      'patient.sex type',
    ],
  ],
  'a patient that is no object': [() => ({ ...good(), patient: [] }), ['patient type']],
  'over-long values': [
    () => {
      const body = good();
      return {
        ...body,
        facility: 'f'.repeat(65),
        email: `${'e'.repeat(250)}@example.org`,
        patient: {
          ...body.patient,
          first_name: 'à'.repeat(101),
          last_name: 'b'.repeat(101),
          birth_place: 'c'.repeat(101),
        },
      };
    },
    [
      'email too_long',
      'facility too_long',
      'patient.birth_place too_long',
      'patient.first_name too_long',
      'patient.last_name too_long',
    ],
  ],
  'blank values': [
    () => withPatient({ first_name: ' ', last_name: '' }),
    ['patient.first_name empty', 'patient.last_name empty'],
  ],
  'control characters': [
    () => withPatient({ first_name: 'Ma\u0000rio', birth_place: 'Man\ntova' }),
    ['patient.birth_place characters', 'patient.first_name characters'],
  ],
  'a landline': [() => ({ ...good(), mobile: '0376 123456' }), ['mobile mobile']],
  'no number': [() => ({ ...good(), mobile: 'at home' }), ['mobile mobile']],
  'no e-mail': [() => ({ ...good(), email: 'mario@' }), ['email email']],
  'a header in the e-mail': [() => ({ ...good(), email: 'a@example.org\r\nBcc: b@example.org' }), ['email characters']],
  'a date of another form': [() => withPatient({ birth_date: '01/01/1980' }), ['patient.birth_date date_form']],
  'no date': [() => withPatient({ birth_date: '1980-02-30' }), ['patient.birth_date date']],
  'a date in the future': [() => withPatient({ birth_date: '2199-01-01' }), ['patient.birth_date date_future']],
  'another sex than M and F': [() => withPatient({ sex: 'X' }), ['patient.sex choice']],
};

for (const [what, [body, errors]] of Object.entries(refusals)) {
  test(`names each wrong field: ${what}`, async () => {
    assert.deepEqual(fieldErrors(expect(await put(body()), 422, 'invalid-fields')), [...errors].sort());
  });
}

test('100 letters with accents are not over-long', async () => {
  expect(await put(withPatient({ first_name: 'à'.repeat(100) }), dry), 200);
});

test('names the identifier in the path and the parameter', async () => {
  const long = expect(await desk.put(path('x'.repeat(65)), good()), 422, 'invalid-fields');
  assert.deepEqual(fieldErrors(long), ['external_id identifier']);
  const blank = expect(await desk.put(path('a%20b'), good()), 422, 'invalid-fields');
  assert.deepEqual(fieldErrors(blank), ['external_id identifier']);
  const maybe = expect(await put(good(), { query: { dry_run: 'maybe' } }), 422, 'invalid-fields');
  assert.deepEqual(fieldErrors(maybe), ['dry_run choice']);
  expect(await put(good()), 201);
});

for (const [what, text] of Object.entries({
  'half an object': '{"facility": "san-pellegrino"',
  'an array': '[]',
  'something behind it': '{} {}',
  'no UTF-8': Buffer.from('{"facility": "\xff"}', 'latin1'),
  nothing: '',
})) {
  test(`refuses JSON: ${what}`, async () => {
    const answer = await desk.request('PUT', path(externalId()), {
      text,
      headers: { 'Content-Type': 'application/json' },
    });
    expect(answer, 400, 'malformed-json');
  });
}

test('JSON with a name said twice is refused, and told which', async () => {
  for (const [text, errors] of Object.entries({
    '{"facility": "san-pellegrino", "facility": "citta-di-suzzara"}': ['facility repeated'],
    '{"patient": {"first_name": "A", "last_name": "B", "first_name": "A"}}': ['patient.first_name repeated'],
    '{"facility ": 1, "facility ": 1}': ['name repeated'], // a name that is none is not repeated
  })) {
    const answer = await desk.request('PUT', path(externalId()), {
      text,
      headers: { 'Content-Type': 'application/json' },
    });
    assert.deepEqual(fieldErrors(expect(answer, 400, 'malformed-json')), errors, text);
  }
});

test('a dry run stores nothing', async () => {
  const of = person();
  const id = externalId();
  const answer = expect(await desk.put(path(id), acceptanceBody(of), dry), 200).json;
  assert.deepEqual([answer.dry_run, answer.would, answer.errors, answer.messages], [true, 'create', [], []]);
  assert.deepEqual(traces(id, of.codice_fiscale, of.mobile), []);
  const wrong = expect(
    await desk.put(path(id), withPatient({ codice_fiscale: 'X', sex: 'Y', first_name: 'Anna' }, of), dry),
    422,
    'invalid-fields',
  );
  assert.deepEqual(fieldErrors(wrong), ['patient.codice_fiscale length', 'patient.sex choice']);
  expect(await desk.put(path(id), acceptanceBody(of)), 201);
  assert.notDeepEqual(
    traces(id, of.codice_fiscale, of.mobile),
    [],
    'the look for traces finds something when there is something',
  );
});

/** The tables that hold one of these texts anywhere in a row. */
function traces(...texts) {
  const tables = portal.rows(`SELECT tablename FROM pg_tables WHERE schemaname = 'dossier_data' ORDER BY 1`).flat();
  const found = portal.rows(
    tables
      .map(
        (table) =>
          `SELECT ${literal(table)} FROM dossier_data.${table} t WHERE ${texts.map((text) => `strpos(t::text, ${literal(text)}) > 0`).join(' OR ')}`,
      )
      .join(' UNION '),
  );
  return found.flat();
}

test('a dry run of an update tells what it would do', async () => {
  const of = await steps.accept();
  const same = expect(await desk.put(path(of.acceptance), acceptanceBody(of), dry), 200).json;
  assert.equal(same.would, 'nothing');
  const other = expect(
    await desk.put(path(of.acceptance), acceptanceBody({ ...of, birth_place: 'Suzzara' }), dry),
    200,
  ).json;
  assert.equal(other.would, 'update');
  assert.equal(expect(await desk.put(path(of.acceptance), acceptanceBody(of)), 200).json.changed, false);
});

test('the desk corrects a mobile that no code had gone to', async () => {
  const of = person();
  const wrong = mobile();
  const id = externalId();
  expect(await desk.put(path(id), acceptanceBody({ ...of, mobile: wrong })), 201);
  const client = newClient();
  const started = expect(
    await client.post('/registrations', registrationBody(of, await steps.noticeVersion('portal'))),
    202,
  ).json;

  const preview = expect(await desk.put(path(id), acceptanceBody(of), dry), 200).json;
  assert.deepEqual(
    preview.messages.map(({ template, to }) => [template, to.slice(-3)]),
    [['verification_code', of.mobile.slice(-3)]],
  );
  assert.ok(!/\d{6}/.test(preview.messages[0].text), 'a preview shows no code');
  assert.deepEqual(outbox.messages({ to: of.mobile }), [], 'the dry run sent nothing');

  assert.equal(expect(await desk.put(path(id), acceptanceBody(of)), 200).json.changed, true);
  const code = await outbox.code(of.mobile);
  const { account } = expect(await client.post(`/registrations/${started.id}/verification`, { code }), 201).json;
  assert.equal(account.mobile, of.mobile);
  assert.deepEqual(outbox.messages({ to: wrong }), [], 'nothing had gone to the wrong number, and nothing may');
});

test('the desk corrects a mobile that a code had gone to: the old one is told, its code is void', async () => {
  const of = person();
  const right = mobile();
  await steps.accept(of);
  const { client, id, code: old } = await steps.startRegistration(of);

  const preview = expect(await desk.put(path(of.acceptance), acceptanceBody({ ...of, mobile: right }), dry), 200).json;
  assert.deepEqual(preview.messages.map(({ template, to }) => `${template} ${to.slice(-3)}`).sort(), [
    `mobile_corrected ${of.mobile.slice(-3)}`,
    `verification_code ${right.slice(-3)}`,
  ]);
  expect(await desk.put(path(of.acceptance), acceptanceBody({ ...of, mobile: right })), 200);
  const code = await outbox.code(right);
  const told = await outbox.next({ to: of.mobile, template: 'mobile_corrected' });
  for (const secret of [of.first_name, of.last_name, of.codice_fiscale, right, code]) {
    assert.ok(!told.text.includes(secret), 'the old number learns nothing about the person');
  }
  if (old !== code) expect(await client.post(`/registrations/${id}/verification`, { code: old }), 422, 'code-wrong');
  const { account } = expect(await client.post(`/registrations/${id}/verification`, { code }), 201).json;
  assert.equal(account.mobile, right);
  expect(await newClient().post('/session', { login: right, password: of.password }), 200);
  expect(await newClient().post('/session', { login: of.mobile, password: of.password }), 401, 'login-failed');
});

test('a new activation code kills the old one', async () => {
  const of = await steps.register();
  const renewed = expect(await desk.post(`${path(of.acceptance)}/activation-codes`, {}), 201).json;
  assert.notEqual(renewed.activation_code, of.activation_code);
  const activation = `/patients/${of.patient.id}/activation`;
  expect(await of.client.post(activation, await steps.activationBody(of)), 422, 'activation-wrong');
  expect(
    await of.client.post(activation, await steps.activationBody(of, { activation_code: renewed.activation_code })),
    200,
  );
});

test('a new activation code is refused without an object, and for what is not there', async () => {
  const of = await steps.accept();
  const codes = `${path(of.acceptance)}/activation-codes`;
  const extra = expect(await desk.post(codes, { days: 90 }), 422, 'invalid-fields');
  assert.deepEqual(fieldErrors(extra), ['days unknown']);
  expect(await desk.request('POST', codes), 415, 'unsupported-media-type');
  expect(await desk.post(`${path(externalId())}/activation-codes`, {}), 404, 'not-found');
});

test('an integrator sees only its own acceptances', async () => {
  const of = await steps.accept();
  expect(await otherDesk.post(`${path(of.acceptance)}/activation-codes`, {}), 404, 'not-found');
  const own = expect(await otherDesk.put(path(of.acceptance), acceptanceBody(person(), 'citta-di-suzzara')), 201).json;
  assert.equal(own.facility, 'citta-di-suzzara');
  assert.equal(expect(await desk.put(path(of.acceptance), acceptanceBody(of)), 200).json.changed, false);
});

test('a key opens its own facilities only', async (t) => {
  t.expectLog(/DOS0010: PUT .* 403 facility_not_allowed/);
  expect(await put(acceptanceBody(person(), 'citta-di-suzzara')), 403, 'facility-not-allowed');
  expect(await put(acceptanceBody(person(), 'nowhere')), 403, 'facility-not-allowed');
  expect(await put(acceptanceBody(person(), 'nowhere'), dry), 403, 'facility-not-allowed');
  const both = newClient({ key: portal.integrator(['san-pellegrino', 'citta-di-suzzara']) });
  expect(await both.put(path(externalId()), acceptanceBody(person(), 'citta-di-suzzara')), 201);
  expect(await both.put(path(externalId()), acceptanceBody(person())), 201);
});

test('keys that are wrong or revoked open nothing', async () => {
  for (const key of [undefined, 'wrong', 'x'.repeat(300), portal.keys.desk.slice(0, -1)]) {
    expect(await newClient({ key }).put(path(externalId()), good()), 401, 'key-refused');
  }
  const client = newClient();
  for (const value of [
    `Basic ${Buffer.from(`a:${portal.keys.desk}`).toString('base64')}`,
    'Bearer',
    portal.keys.desk,
  ]) {
    expect(await client.put(path(externalId()), good(), { headers: { Authorization: value } }), 401, 'key-refused');
  }
  const key = portal.integrator(['san-pellegrino'], 'E2E to be revoked');
  const soon = newClient({ key });
  expect(await soon.put(path(externalId()), good()), 201);
  portal.revoke(key);
  const ended = expect(await soon.put(path(externalId()), good()), 401, 'key-refused');
  assert.equal(ended.headers['www-authenticate'], 'Bearer realm="integration"');
  assert.equal(
    ended.json.detail,
    expect(await newClient({ key: 'unknown' }).put(path(externalId()), good()), 401).json.detail,
    'which of them is not told',
  );
});

test("a system's key is renewed in place: the new one reaches what came with the old one, each ends alone", async (t) => {
  t.expectLog(/DOS0306/);
  const name = `E2E ${externalId('LIS')}`;
  const command = (...words) => {
    const { status, said } = portal.operator('integrator', ...words);
    assert.equal(status, 0, said);
    return said.split('\n')[0]; // a note may stand behind it
  };
  const listed = () =>
    portal
      .operator('integrator', 'list')
      .said.split('\n')
      .filter((line) => line.includes(name))
      .map((line) => line.split('|').map((cell) => cell.trim()));
  const client = (key) => {
    remember(portal.VAR, key);
    return newClient({ key });
  };
  const old = client(command('add', name, 'san-pellegrino'));
  const of = await steps.accept(person(), { desk: old });
  const { external_id: id, metadata, bytes } = await steps.publish(of, { desk: old });
  const renewed = client(command('new-key', name, '--name', 'the new one', '--days', '10'));
  const state = async (by) => (await by.get(`/integration/documents/${id}`)).status;
  assert.deepEqual([await state(old), await state(renewed), await state(desk)], [200, 200, 404]);
  assert.equal(expect(await renewed.publish(id, metadata, bytes), 200).json.changed, 'unchanged');
  assert.equal(expect(await renewed.put(path(of.acceptance), acceptanceBody(of)), 200).json.changed, false);
  const [first, second] = listed();
  assert.deepEqual([first[4], second[4], first[6] !== '', second[6] !== ''], ['first', 'the new one', true, true]);
  command('end-key', first[3]);
  assert.deepEqual([await state(old), await state(renewed)], [401, 200]);
  command('revoke', first[0]);
  assert.equal(await state(renewed), 401);
  const again = client(command('new-key', name));
  assert.deepEqual([await state(renewed), await state(again)], [401, 200]);
  for (const [status, ...wrong] of [
    [2],
    [2, 'list', 'x'],
    [2, 'new-key'],
    [1, 'new-key', 'nobody'],
    [1, 'end-key', randomUUID()],
    [2, 'ends', 'x'],
    [2, 'add', name],
    [1, 'add', name, 'san-pellegrino'],
  ]) {
    assert.equal(portal.operator('integrator', ...wrong).status, status, wrong.join(' '));
  }
});

test('JSON with a byte order mark is the same JSON', async () => {
  const text = `\ufeff${JSON.stringify(acceptanceBody(person()))}`;
  expect(
    await desk.request('PUT', path(externalId()), {
      text,
      headers: { 'Content-Type': 'application/json' },
      unchecked: true,
    }),
    201,
  );
});

test('an external id of other characters is told so, however it is encoded', async () => {
  const of = await steps.accept(person());
  for (const id of ['A%2F1', 'A%2f1', '%2F', 'A%5C1', 'A%201', '%C3%A8', 'A%2F..%2F1', 'A%252F1', 'x'.repeat(65)]) {
    const answers = [
      await desk.put(path(id), acceptanceBody(person()), { anywhere: true }),
      await desk.publish(id, metadataOf(of), makePdf(), { anywhere: true }),
    ];
    for (const answer of answers)
      assert.deepEqual(fieldErrors(expect(answer, 422, 'invalid-fields')), ['external_id identifier'], id);
  }
});
