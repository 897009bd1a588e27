// Point 5 of the guide: relatives, who they are to the account holder, and when they have their dossier to themselves.
import assert from 'node:assert/strict';
import { desk, expect, fieldErrors, literal, newClient, outbox, portal, steps, test, until } from './lib/suite.mjs';
import { codiceFiscale, mobile, person, provisionalCode, registrationBody, relativeBody } from './lib/people.mjs';

const pad = (n) => String(n).padStart(2, '0');

/** A date so many years and days before today in Rome. */
function before(years, days = 0) {
  const [year, month, day] = new Date().toLocaleDateString('sv-SE', { timeZone: 'Europe/Rome' }).split('-').map(Number);
  const date = new Date(Date.UTC(year - years, month - 1, day - days));
  return `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
}

/** An account holder with an active dossier, and a relative whose acceptance holds the holder's mobile. */
async function family(birth_date, holder) {
  const of = holder ?? (await steps.activate());
  const relative = await steps.accept(person({ birth_date, mobile: of.mobile }));
  return { of, relative };
}

const add = (of, relative, role, overrides) => of.client.post('/patients', relativeBody(relative, role, overrides));
const remove = (of, id) => of.client.delete(`/patients/${id}`, { json: {} });
const patients = async (of) => expect(await of.client.get('/patients'), 200).json.patients;
const list = (of, id) => of.client.get(`/patients/${id}/documents`);

/** Adds and activates: the patient. */
async function keep(of, relative, role) {
  const { id } = await steps.addRelative(of, relative, role);
  const answer = await of.client.post(`/patients/${id}/activation`, await steps.activationBody(relative));
  return expect(answer, 200).json.patient;
}

const birthday = (id, date) =>
  portal.sql(`UPDATE dossier_data.patient SET birth_date = ${literal(date)} WHERE id = ${literal(id)}`);

test('a child is added with a few words, activated as oneself, and the holder reads the documents and sees whose they are', async () => {
  const { of, relative: child } = await family(before(10));
  const added = expect(await add(of, child, 'parent'), 201).json.patient;
  assert.deepEqual(
    [added.relation, added.role, added.first_name, added.age, added.handover_at, added.dossier],
    ['relative', 'parent', child.first_name, 10, before(-8), 'inactive'],
  );
  expect(await list(of, added.id), 409, 'dossier-inactive');
  const { patient } = expect(
    await of.client.post(`/patients/${added.id}/activation`, await steps.activationBody(child)),
    200,
  ).json;
  assert.deepEqual(patient, { ...added, dossier: 'active' });
  const { id } = await steps.publish(child);
  const { documents } = expect(await list(of, added.id), 200).json;
  assert.deepEqual(
    documents.map((one) => [one.id, one.patient_id]),
    [[id, added.id]],
  );
  expect(await of.client.get(`/documents/${id}/content`), 200);
  assert.deepEqual(expect(await list(of, of.patient.id), 200).json.documents, []);
  const roles = expect(await of.client.get('/consents'), 200)
    .json.consents.filter(({ notice }) => notice === 'dossier')
    .map(({ role, patient_id }) => [role, patient_id]);
  assert.deepEqual(
    roles.sort(),
    [
      ['parent', added.id],
      [null, of.patient.id],
    ].sort(),
  );
});

test('several relatives; their alerts reach the holder and name nobody', async () => {
  const { of, relative: child } = await family(before(3));
  const { relative: mother } = await family('1940-03-04', of);
  const { relative: ward } = await family('1975-03-04', of);
  for (const [relative, role] of [
    [child, 'guardian'],
    [mother, 'delegate'],
    [ward, 'guardian'],
  ])
    await keep(of, relative, role);
  assert.deepEqual(
    (await patients(of)).map(({ role, handover_at }) => [role, handover_at !== null]),
    [
      [null, false],
      ['guardian', true],
      ['delegate', false],
      ['guardian', false],
    ],
  );
  await steps.publish(mother);
  portal.age.alerts(of.account.id, '6 minutes');
  for (const to of [of.mobile, of.email]) {
    const { text } = await outbox.next({ to, template: 'new_documents' });
    for (const one of [of, child, mother, ward])
      assert.ok(![one.first_name, one.last_name, one.codice_fiscale].some((name) => text.includes(name)), text);
  }
});

test("no acceptance with the holder's mobile: one answer, whether there is such a patient or not, and it shows the other way", async () => {
  const of = await steps.register();
  const elsewhere = await steps.accept();
  const taken = await steps.register();
  const answers = [];
  for (const one of [person(), elsewhere, taken])
    answers.push(expect(await add(of, one, 'delegate'), 409, 'relative-not-at-desk'));
  for (const { json, headers } of answers) {
    assert.deepEqual(json, answers[0].json);
    assert.equal(headers['content-length'], answers[0].headers['content-length']);
  }
  assert.match(answers[0].json.detail, /account proprio/);
  assert.equal((await patients(of)).length, 1);
});

test("the other way: an account of the relative's own, by the mobile given at acceptance", async () => {
  const of = await steps.register();
  const relative = await steps.accept();
  expect(await add(of, relative, 'delegate'), 409, 'relative-not-at-desk');
  await steps.activate(relative);
  assert.equal((await patients(of)).length, 1);
});

test('who is there already is not added twice', async () => {
  const { of, relative } = await family('1950-05-06');
  const answers = await Promise.all(Array.from({ length: 10 }, () => add(of, relative, 'delegate')));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(9).fill(409)]);
  expect(await add(of, relative, 'guardian'), 409, 'relative-exists');
  expect(await add(of, of, 'delegate'), 409, 'relative-exists');
});

test('the role fits the age: as typed, and as the desk knows it', async () => {
  const { of, relative: child } = await family(before(17, 364));
  const { relative: adult } = await family(before(18), of);
  const refused = async (...what) => fieldErrors(expect(await add(of, ...what), 422, 'invalid-fields'));
  assert.deepEqual(await refused(child, 'delegate'), ['role role_age']);
  assert.deepEqual(await refused(adult, 'parent'), ['role role_age']);
  assert.deepEqual(await refused(child, 'uncle'), ['role choice']);
  const grown = await steps.accept(
    person({ birth_date: before(40), codice_fiscale: provisionalCode(), mobile: of.mobile }),
  );
  assert.deepEqual(await refused({ ...grown, birth_date: before(4) }, 'parent'), ['role role_age']);
  expect(await add(of, child, 'parent'), 201);
  expect(await add(of, adult, 'delegate'), 201);
  expect(await add(of, { ...grown, birth_date: before(40) }, 'guardian'), 201);
});

test('names every wrong field at once', async () => {
  const of = await steps.register();
  const wrong = {
    codice_fiscale: 'RSSMRA80A01E897Y',
    first_name: '',
    birth_date: '2199-01-01',
    birth_place: 7,
    role: null,
    mobile: '+393331234567',
  };
  assert.deepEqual(fieldErrors(expect(await of.client.post('/patients', wrong), 422, 'invalid-fields')), [
    'birth_date date_future',
    'birth_place type',
    'codice_fiscale check_character',
    'first_name empty',
    'last_name required',
    'mobile unknown',
    'role required',
  ]);
  expect(await newClient().post('/patients', relativeBody(person())), 401, 'unauthenticated');
});

test("a relative is removed; nobody removes others', or oneself", async () => {
  const { of, relative } = await family(before(9));
  const { id } = await keep(of, relative, 'parent');
  const { id: document } = await steps.publish(relative);
  const stranger = await steps.register();
  expect(await remove(stranger, id), 404, 'not-found');
  expect(await remove(of, of.patient.id), 409, 'patient-is-holder');
  expect(await remove(of, 'nonsense'), 404, 'not-found');
  expect(await of.client.delete(`/patients/${id}`, { json: { sure: true } }), 422, 'invalid-fields');
  expect(await remove(of, id), 204);
  expect(await remove(of, id), 404, 'not-found');
  expect(await list(of, id), 404, 'not-found');
  expect(await of.client.get(`/documents/${document}/content`), 404, 'not-found');
  assert.deepEqual(
    (await patients(of)).map(({ relation }) => relation),
    ['self'],
  );
  // again, but the slip's code is used
  await steps.addRelative(of, relative, 'parent');
  expect(
    await of.client.post(`/patients/${id}/activation`, await steps.activationBody(relative)),
    409,
    'activation-used',
  );
  const renewed = expect(
    await desk.post(`/integration/acceptances/${relative.acceptance}/activation-codes`, {}),
    201,
  ).json;
  expect(
    await of.client.post(
      `/patients/${id}/activation`,
      await steps.activationBody(relative, { activation_code: renewed.activation_code }),
    ),
    200,
  );
});

test('a relative with an account of their own takes the dossier over when they activate it there; the holder is told', async () => {
  const { of, relative } = await family('1960-06-07');
  const { id } = await keep(of, relative, 'delegate');
  const { id: document } = await steps.publish(relative);
  const own = await steps.register({ ...relative, acceptance: undefined, mobile: mobile() });
  expect(await list(of, id), 200);
  await steps.activate(own);
  assert.equal(own.patient.id, id);
  expect(await list(of, id), 404, 'not-found');
  expect(await of.client.get(`/documents/${document}/content`), 404, 'not-found');
  expect(await of.client.post(`/patients/${id}/activation`, await steps.activationBody(relative)), 404, 'not-found');
  assert.equal((await patients(of)).length, 1);
  assert.deepEqual(
    expect(await list(own, id), 200).json.documents.map((one) => one.id),
    [document],
  );
  const { text } = await outbox.next({ to: of.email, template: 'relative_taken_over' });
  assert.ok(!text.includes(relative.first_name) && !text.includes(relative.last_name), text);
  assert.deepEqual(outbox.messages({ to: of.mobile, template: 'relative_taken_over' }), []);
  // what the desk wrote down before is no way back; a later visit that names the former holder is
  expect(await add(of, relative, 'delegate'), 409, 'relative-not-at-desk');
  await steps.accept({ ...relative, mobile: of.mobile });
  expect(await add(of, relative, 'delegate'), 201);
});

test('18: the holder is told 30 days before, loses the dossier on the day, and is told again', async () => {
  const { of, relative } = await family(before(10));
  const { id } = await keep(of, relative, 'parent');
  birthday(id, before(18, -30));
  assert.equal((await patients(of))[1].handover_at, before(0, -30));
  await outbox.next({ to: of.email, template: 'minor_handover_soon' }, 120);
  expect(await list(of, id), 200);
  birthday(id, before(18));
  expect(await list(of, id), 404, 'not-found');
  assert.equal((await patients(of)).length, 1);
  await outbox.next({ to: of.email, template: 'minor_handover' }, 120);
  await until(
    () => portal.sql(`SELECT count(*) FROM dossier_data.dossier WHERE patient_id = ${literal(id)}`) === '0',
    'the row to go',
  );
  assert.equal(outbox.messages({ to: of.email, template: 'minor_handover_soon' }).length, 1);
});

test("relatives stay when the holder's mobile changes", async () => {
  const { of, relative } = await family(before(7));
  const { id } = await keep(of, relative, 'parent');
  portal.sql(`UPDATE dossier_data.account SET mobile = ${literal(mobile())} WHERE id = ${literal(of.account.id)}`);
  expect(await list(of, id), 200);
  assert.equal((await patients(of)).length, 2);
});

async function register(of, overrides) {
  const body = registrationBody(of, await steps.noticeVersion('portal'));
  return newClient().post('/registrations', { ...body, profile: { ...body.profile, ...overrides } });
}

test('a minor cannot register alone: by the date typed, or by the codice fiscale', async () => {
  const child = person({ birth_date: before(17, 364) });
  const adult = person({ birth_date: before(18) });
  for (const one of [child, await steps.accept(person({ birth_date: before(12) }))]) {
    assert.deepEqual(fieldErrors(expect(await register(one), 422, 'invalid-fields')), ['profile.birth_date minor']);
    assert.deepEqual(fieldErrors(expect(await register(one, { birth_date: '1980-01-01' }), 422, 'invalid-fields')), [
      'profile.birth_date birth_date',
    ]);
  }
  expect(await register(adult), 202);
});

test('over a hundred, and the desk has no birth date: registers and is kept; a mistyped day is told as such', async () => {
  const birth_date = before(103, 4);
  const arrive = async (of) => {
    const { acceptance } = await steps.accept({ ...of, birth_date: undefined });
    return { ...of, acceptance };
  };
  const of = await arrive(person({ birth_date }));
  const mistyped = { birth_date: before(103, 5) };
  assert.deepEqual(fieldErrors(expect(await register(of, mistyped), 422, 'invalid-fields')), [
    'profile.birth_date birth_date',
  ]);
  await steps.register(of);
  assert.equal(of.patient.age, 103);

  const holder = await steps.activate();
  const relative = await arrive(person({ birth_date, mobile: holder.mobile }));
  assert.deepEqual(fieldErrors(expect(await add(holder, relative, 'delegate', mistyped), 422, 'invalid-fields')), [
    'birth_date birth_date',
  ]);
  assert.equal(expect(await add(holder, relative, 'delegate'), 201).json.patient.age, 103);

  const thirties = person({ birth_date: `1932-${before(3).slice(5)}` });
  assert.deepEqual(fieldErrors(expect(await register(thirties, { birth_date: before(3) }), 422, 'invalid-fields')), [
    'profile.birth_date birth_date',
  ]);
});

test('that the desk knows a minor is said only after the right code', async () => {
  const hundred = before(112).slice(0, 4);
  const birth_date = before(12);
  const cases = [
    person({ birth_date, codice_fiscale: provisionalCode() }), // the code says nothing
    person({
      birth_date,
      codice_fiscale: codiceFiscale({
        last_name: 'Rossi',
        first_name: 'Luca',
        birth_date,
        sex: 'M',
        place: `Z${100 + (Date.now() % 800)}`,
      }),
    }),
  ];
  const typed = ['1980-01-01', `${hundred}${birth_date.slice(4)}`];
  for (const [n, of] of cases.entries()) {
    await steps.accept(of);
    const { client, id, code } = await steps.startRegistration({ ...of, birth_date: typed[n] });
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    expect(await client.post(`/registrations/${id}/verification`, { code: wrong }), 422, 'code-wrong');
    expect(await client.post(`/registrations/${id}/verification`, { code }), 409, 'minor-alone');
    assert.equal(client.token, undefined);
  }
});
