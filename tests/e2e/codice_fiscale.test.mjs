// A provisional codice fiscale that became a definitive one: the desk joins the two, and a typo joins nothing.
import assert from 'node:assert/strict';
import { desk, expect, fieldErrors, outbox, otherDesk, portal, steps, test } from './lib/suite.mjs';
import { makePdf } from './lib/pdf.mjs';
import {
  acceptanceBody,
  codiceFiscale,
  externalId,
  metadataOf,
  mobile,
  person,
  provisionalCode,
} from './lib/people.mjs';

const dry = { query: { dry_run: 'true' } };
const bodyOf = (of, former, overrides = {}) => ({
  facility: 'san-pellegrino',
  former_codice_fiscale: former,
  patient: acceptanceBody(of).patient,
  ...overrides,
});
const change = (of, former, options, by = desk) =>
  by.post('/integration/codice-fiscale-changes', bodyOf(of, former), options);
const documents = async (of) =>
  expect(await of.client.get(`/patients/${of.patient.id}/documents`), 200)
    .json.documents.map(({ id }) => id)
    .sort();

/** The same person as the desk knew them before. */
const before = (of) => ({ ...of, codice_fiscale: provisionalCode(), acceptance: undefined });

test('joined: the account under the definitive one sees both, is told by mail, and finds it in its activity', async () => {
  const of = await steps.activate();
  const own = await steps.publish(of);
  const once = await steps.accept(before(of));
  const old = await steps.publish(once);
  assert.deepEqual(await documents(of), [own.id]);
  assert.equal(expect(await change(of, once.codice_fiscale, dry), 200).json.would, 'update');
  assert.deepEqual(await documents(of), [own.id], 'a dry run joins nothing');
  assert.deepEqual(expect(await change(of, once.codice_fiscale), 200).json, {
    codice_fiscale: of.codice_fiscale,
    changed: true,
  });
  assert.deepEqual(await documents(of), [own.id, old.id].sort());
  assert.ok(expect(await of.client.get(`/documents/${old.id}/content`), 200).body.equals(old.bytes));
  const { subject, text } = await outbox.next({ to: of.email, template: 'codice_fiscale_changed' });
  assert.match(`${subject} ${text}`, /codice fiscale.*in un solo fascicolo/is);
  const { activity } = expect(await of.client.get('/activity'), 200).json;
  assert.deepEqual(
    activity
      .filter(({ action }) => action === 'codice_fiscale_changed')
      .map(({ actor, patient_id }) => [actor, patient_id]),
    [['facility', of.patient.id]],
  );
  // what still comes under the former one
  assert.equal(expect(await change(of, once.codice_fiscale), 200).json.changed, false);
  assert.equal(expect(await change(of, once.codice_fiscale, dry), 200).json.would, 'nothing');
  assert.equal(expect(await desk.publish(old.external_id, metadataOf(once), makePdf('corretto')), 200).json.version, 2);
  await steps.publish(once);
  assert.equal((await documents(of)).length, 3);
});

test('the slip of before opens the dossier, whichever of the two is typed', async () => {
  for (const typed of ['former', 'new']) {
    const of = person();
    const once = await steps.accept(before(of));
    expect(await change(of, once.codice_fiscale), 200);
    await steps.register(Object.assign(of, { acceptance: once.acceptance }));
    const body = await steps.activationBody({
      ...once,
      codice_fiscale: typed === 'new' ? of.codice_fiscale : once.codice_fiscale,
    });
    assert.equal(
      expect(await of.client.post(`/patients/${of.patient.id}/activation`, body), 200).json.patient.codice_fiscale,
      of.codice_fiscale,
    );
  }
});

test('an account of before keeps its documents under the new one', async () => {
  const of = person();
  const once = await steps.activate(before(of));
  const { id } = await steps.publish(once);
  expect(await change(of, once.codice_fiscale), 200);
  assert.deepEqual(await documents(once), [id]);
  assert.equal(expect(await once.client.get('/profile'), 200).json.profile.codice_fiscale, of.codice_fiscale);
  await steps.accept({ ...of });
  await steps.publish(of);
  assert.equal((await documents(once)).length, 2);
});

test('a typo joins nothing: refusals', async (t) => {
  t.expectLog(/409 person_differs/);
  t.allowLog(/403 facility_not_allowed/);
  const of = await steps.activate();
  const stranger = await steps.activate();
  const once = await steps.accept(before(of));
  const { id } = await steps.publish(once);
  const refused = async (answer, status, problem) => {
    expect(await answer, status, problem);
    assert.deepEqual([await documents(of), await documents(stranger)], [[], []]);
  };
  await refused(change(stranger, once.codice_fiscale), 409, 'person-differs');
  await refused(change(stranger, once.codice_fiscale, dry), 409, 'person-differs');
  await refused(change(of, stranger.codice_fiscale), 409, 'person-differs');
  await refused(change(of, provisionalCode()), 409, 'patient-unknown');
  await refused(change(of, once.codice_fiscale, {}, otherDesk), 403, 'facility-not-allowed');
  const elsewhere = bodyOf(of, once.codice_fiscale, { facility: 'citta-di-suzzara' });
  await refused(otherDesk.post('/integration/codice-fiscale-changes', elsewhere), 409, 'patient-unknown');
  // the same name and birthday under another number may be somebody else
  const twin = await steps.accept({ ...before(of), mobile: mobile() });
  await refused(change(of, twin.codice_fiscale), 409, 'person-differs');
  for (const [overrides, errors] of [
    [{ former_codice_fiscale: 'x' }, ['former_codice_fiscale length']],
    [{ patient: { ...acceptanceBody(of).patient, birth_date: undefined } }, ['patient.birth_date required']],
    [
      {
        patient: { ...acceptanceBody(of).patient, codice_fiscale: codiceFiscale({ ...of, birth_date: '1901-02-03' }) },
      },
      ['patient.birth_date birth_date'],
    ],
    [{ patient: 'x', more: 1 }, ['more unknown', 'patient type']],
    [{ facility: undefined }, ['facility required']],
  ]) {
    const answer = await desk.post('/integration/codice-fiscale-changes', bodyOf(of, once.codice_fiscale, overrides));
    assert.deepEqual(fieldErrors(expect(answer, 422, 'invalid-fields')).sort(), errors);
  }
  expect(await change(of, once.codice_fiscale), 200);
  assert.deepEqual(await documents(of), [id]);
});

test('a change that comes again late, with another since, takes no codice fiscale back', async (t) => {
  t.expectLog(/409 call_superseded/);
  const of = await steps.activate();
  const { id } = await steps.publish(of);
  const wrong = provisionalCode();
  const first = await steps.accept(before(of));
  const late = () =>
    bodyOf(of, first.codice_fiscale, { patient: { ...acceptanceBody(of).patient, codice_fiscale: wrong } });
  const send = (options) => desk.post('/integration/codice-fiscale-changes', late(), options);
  assert.equal(expect(await send(), 200).json.changed, true);
  assert.equal(expect(await send(), 200).json.changed, false, 'a lost answer');
  assert.equal(expect(await change(of, wrong), 200).json.changed, true);
  expect(await send(dry), 409, 'call-superseded');
  expect(await send(), 409, 'call-superseded');
  assert.equal(expect(await change(of, wrong), 200).json.changed, false);
  assert.equal(expect(await of.client.get('/profile'), 200).json.profile.codice_fiscale, of.codice_fiscale);
  assert.deepEqual(await documents(of), [id]);
});

test('two accounts are not joined; the operator joins what the desk cannot', async () => {
  const of = await steps.activate();
  const twice = await steps.activate({ ...before(of), client: undefined, mobile: mobile(), email: person().email });
  expect(
    await desk.put(`/integration/acceptances/${externalId()}`, acceptanceBody({ ...twice, mobile: of.mobile })),
    201,
  );
  expect(await change(of, twice.codice_fiscale), 409, 'codice-fiscale-accounts');
  expect(await twice.client.delete('/account', { json: { password: twice.password } }), 204);
  const { id } = await steps.publish(twice);
  assert.throws(
    () =>
      portal.sql(`SELECT dossier_admin.codice_fiscale_change('${provisionalCode()}', '${of.codice_fiscale}', true)`),
    /no patient has the former/,
  );
  portal.sql(`SELECT dossier_admin.codice_fiscale_change('${twice.codice_fiscale}', '${of.codice_fiscale}', true)`);
  assert.deepEqual(await documents(of), [id]);
});
