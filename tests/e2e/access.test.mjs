// Who may call what: every operation of openapi.yaml, for every kind of caller. One without a row here fails.
import assert from 'node:assert/strict';
import { desk, newClient, otherDesk, steps, test } from './lib/suite.mjs';
import { described } from './lib/contract.mjs';
import { makePdf } from './lib/pdf.mjs';
import { acceptanceBody, externalId, metadataOf, person, registrationBody, relativeBody } from './lib/people.mjs';

// once a relative under another account, which lost the dossier when its owner took it over
const former = await steps.register();
const owner = person();
await steps.accept({ ...owner, mobile: former.mobile });
await steps.addRelative(former, owner);
await steps.activate(owner);
const stranger = await steps.activate();
const document = await steps.publish(owner);
const waiting = await steps.accept(); // its code is open
const pending = await steps.startRegistration(await steps.accept());
const mobileChange = await steps.begin(owner, 'mobile', (await steps.accept()).mobile);
const emailChange = await steps.begin(owner, 'email', person().email);
const reset = (await newClient().post('/password-resets', { login: person().mobile })).json;
const nobody = newClient();
const visit = (await owner.client.get(`/patients/${owner.patient.id}/acceptances`)).json.acceptances[0];

const callers = { nobody, owner: owner.client, stranger: stranger.client, former: former.client, desk, otherDesk };

const onlyAccounts = (owners, strangers) => ({
  nobody: 401,
  owner: owners,
  stranger: strangers,
  former: strangers,
  desk: 401,
  otherDesk: 401,
});
const onlyIntegrators = (own, other) => ({
  nobody: 401,
  owner: 401,
  stranger: 401,
  former: 401,
  desk: own,
  otherDesk: other,
});
const everyone = (status) => ({
  nobody: status,
  owner: status,
  stranger: status,
  former: status,
  desk: status,
  otherDesk: status,
});

// operationId: [how it is called, what each caller gets]. Requests are right, so that only the caller can be wrong.
const rows = {
  getStatus: [(client) => client.get('/status'), everyone(200)],
  // without DossierSmsReceipts there is no such address; gateways.test.mjs has it configured
  getSmsReceipt: [(client) => client.get('/callbacks/sms'), everyone(404)],
  postSmsReceipt: [(client) => client.post('/callbacks/sms', {}), everyone(404)],
  getFacility: [(client) => client.get('/facility'), everyone(200)],
  getBanners: [(client) => client.get('/banners'), everyone(200)],
  getNotice: [(client) => client.get('/notices/dossier'), everyone(200)],
  startRegistration: [
    async (client) => client.post('/registrations', registrationBody(person(), await steps.noticeVersion('portal'))),
    everyone(202),
  ],
  verifyRegistration: [
    (client) => client.post(`/registrations/${pending.id}/verification`, { code: 'none' }),
    everyone(422),
  ],
  resendRegistrationCode: [(client) => client.post(`/registrations/${pending.id}/codes`, {}), everyone(429)],
  openSession: [
    (client) => client.post('/session', { login: person().mobile, password: 'not the password' }),
    everyone(401),
  ],
  getSession: [(client) => client.get('/session'), onlyAccounts(200, 200)],
  closeSession: [logOut, onlyAccounts(204, 204)],
  listSessions: [(client) => client.get('/sessions'), onlyAccounts(200, 200)],
  closeOneSession: [
    async (client) => client.delete(`/sessions/${(await steps.logIn(owner)).id}`, { json: {} }),
    onlyAccounts(204, 404),
  ],
  closeOtherSessions: [(client) => client.delete('/sessions', { json: {} }), onlyAccounts(204, 204)],
  startPasswordReset: [(client) => client.post('/password-resets', { login: person().mobile }), everyone(202)],
  completePasswordReset: [
    (client) => client.post(`/password-resets/${reset.id}/verification`, { code: '12', password: person().password }),
    everyone(422),
  ],
  resendPasswordResetCode: [resendReset, everyone(429)],
  getProfile: [(client) => client.get('/profile'), onlyAccounts(200, 200)],
  changeProfile: [(client) => client.patch('/profile', { language: 'it' }), onlyAccounts(200, 200)],
  changePassword: [
    (client) => client.put('/profile/password', { old_password: 'not the password', new_password: person().password }),
    onlyAccounts(422, 422),
  ],
  removeEmail: [
    (client) => client.delete('/profile/email', { json: { password: 'not the password' } }),
    onlyAccounts(422, 422),
  ],
  startMobileChange: [
    (client) => client.post('/profile/mobile-changes', { mobile: person().mobile, password: 'not the password' }),
    onlyAccounts(422, 422),
  ],
  verifyMobileChange: [
    (client) => client.post(`/profile/mobile-changes/${mobileChange.id}/verification`, { code: '123456' }),
    onlyAccounts(422, 404),
  ],
  resendMobileChangeCode: [(client) => resendChange(client, 'mobile'), onlyAccounts(429, 404)],
  startEmailChange: [
    (client) => client.post('/profile/email-changes', { email: person().email, password: 'not the password' }),
    onlyAccounts(422, 422),
  ],
  verifyEmailChange: [
    (client) => client.post(`/profile/email-changes/${emailChange.id}/verification`, { code: '123456' }),
    onlyAccounts(422, 404),
  ],
  resendEmailChangeCode: [(client) => resendChange(client, 'email'), onlyAccounts(429, 404)],
  listConsents: [(client) => client.get('/consents'), onlyAccounts(200, 200)],
  giveConsent: [
    async (client) =>
      client.post('/consents', {
        consent: { notice: 'dossier', version: await steps.noticeVersion('dossier') },
        patient_id: owner.patient.id,
      }),
    onlyAccounts(201, 404),
  ],
  withdrawConsent: [withdrawConsent, onlyAccounts(200, 404)],
  deleteAccount: [deleteAccount, onlyAccounts(204, 204)],
  listPatients: [(client) => client.get('/patients'), onlyAccounts(200, 200)],
  addRelative: [(client) => client.post('/patients', relativeBody(owner)), onlyAccounts(409, 409)],
  removeRelative: [(client) => client.delete(`/patients/${owner.patient.id}`, { json: {} }), onlyAccounts(409, 404)],
  activateDossier: [
    async (client) => client.post(`/patients/${owner.patient.id}/activation`, await steps.activationBody(owner)),
    onlyAccounts(200, 404),
  ],
  setService: [
    (client) =>
      client.put(`/patients/${owner.patient.id}/service`, {
        enabled: true,
        password: accountOf(client)?.password ?? owner.password,
      }),
    onlyAccounts(200, 404),
  ],
  listDocuments: [(client) => client.get(`/patients/${owner.patient.id}/documents`), onlyAccounts(200, 404)],
  listHiddenDocuments: [
    (client) =>
      client.post(`/patients/${owner.patient.id}/hidden-documents`, {
        password: (accountOf(client) ?? owner).password,
      }),
    onlyAccounts(200, 404),
  ],
  listAcceptances: [(client) => client.get(`/patients/${owner.patient.id}/acceptances`), onlyAccounts(200, 404)],
  setOnlinePickup: [
    (client) => client.put(`/patients/${owner.patient.id}/acceptances/${visit.id}`, { online_pickup: true }),
    onlyAccounts(200, 404),
  ],
  setVisibility: [
    (client) => client.put(`/documents/${document.id}/visibility`, { hidden: false }),
    onlyAccounts(200, 404),
  ],
  wipeDocuments: [wipeDocuments, onlyAccounts(204, 404)],
  getDocument: [(client) => client.get(`/documents/${document.id}`), onlyAccounts(200, 404)],
  readDocument: [(client) => client.get(`/documents/${document.id}/content`), onlyAccounts(200, 404)],
  headDocument: [(client) => client.head(`/documents/${document.id}/content`), onlyAccounts(200, 404)],
  listActivity: [(client) => client.get('/activity'), onlyAccounts(200, 200)],
  exportData: [(client) => client.get('/export'), onlyAccounts(200, 200)],
  putAcceptance: [
    (client) =>
      client.put(`/integration/acceptances/${owner.acceptance}`, acceptanceBody(owner), { query: { dry_run: 'true' } }),
    onlyIntegrators(200, 403),
  ],
  createActivationCode: [
    (client) => client.post(`/integration/acceptances/${owner.acceptance}/activation-codes`, {}),
    onlyIntegrators(201, 404),
  ],
  printSlip: [(client) => client.get(`/integration/acceptances/${waiting.acceptance}/slip`), onlyIntegrators(200, 404)],
  changeCodiceFiscale: [
    (client) =>
      client.post('/integration/codice-fiscale-changes', {
        facility: 'san-pellegrino',
        former_codice_fiscale: owner.codice_fiscale,
        patient: acceptanceBody(owner).patient,
      }),
    onlyIntegrators(200, 403),
  ],
  putDocument: [(client) => client.publish(externalId('R'), metadataOf(owner), makePdf()), onlyIntegrators(201, 403)],
  getDocumentState: [
    (client) => client.get(`/integration/documents/${document.external_id}`),
    onlyIntegrators(200, 404),
  ],
  releaseDocument: [
    (client) => client.post(`/integration/documents/${document.external_id}/release`, {}),
    onlyIntegrators(200, 404),
  ],
  withdrawDocument: [withdraw, onlyIntegrators(200, 404)],
};

const accountOf = (client) => [owner, stranger, former].find((one) => one.client === client);

/** What the owner does here is done by a fresh account to its own, so that this dossier stays as it is. */
async function instead(client) {
  const of = client === owner.client ? await steps.activate() : owner;
  return {
    of,
    caller: of === owner ? client : of.client,
    password: (accountOf(client) === owner ? of : (accountOf(client) ?? of)).password,
  };
}

async function withdrawConsent(client) {
  const { of, caller, password } = await instead(client);
  const { consents } = (await of.client.get('/consents')).json;
  return caller.post(`/consents/${consents[0].id}/withdrawal`, { password });
}

async function wipeDocuments(client) {
  const { of, caller, password } = await instead(client);
  return caller.delete(`/patients/${of.patient.id}/documents`, { json: { password } });
}

async function deleteAccount(client) {
  const of = accountOf(client) ? await steps.register() : { client, password: owner.password };
  return of.client.delete('/account', { json: { password: of.password } });
}

/** A new one each time: a minute later another code may be asked for. */
async function resendReset(client) {
  const { id } = (await newClient().post('/password-resets', { login: person().mobile })).json;
  return client.post(`/password-resets/${id}/codes`, {});
}

async function resendChange(client, kind) {
  const changes = { mobile: mobileChange, email: emailChange };
  if (client === owner.client)
    changes[kind] = await steps.begin(owner, kind, kind === 'mobile' ? (await steps.accept()).mobile : person().email);
  return client.post(`/profile/${kind}-changes/${changes[kind].id}/codes`, {});
}

/** Ends a session of its own, so that the order of the tests does not matter. */
async function logOut(client) {
  const account = accountOf(client);
  if (!account) return client.delete('/session');
  const other = newClient();
  await other.post('/session', { login: account.mobile, password: account.password });
  return other.delete('/session');
}

async function withdraw(client) {
  const { external_id } = await steps.publish(owner);
  return client.delete(`/integration/documents/${external_id}`);
}

test('every operation of the description has a row, and no row is idle', () => {
  assert.deepEqual(Object.keys(rows).sort(), described.map(({ operationId }) => operationId).sort());
});

for (const operation of described) {
  const [call, expected] = rows[operation.operationId] ?? [];
  for (const [name, status] of Object.entries(expected ?? {})) {
    test(`${operation.name}: ${name} gets ${status}`, async (t) => {
      if (status === 403) t.expectLog(/403 facility_not_allowed/);
      const answer = await call(callers[name]);
      assert.equal(answer.status, status, answer.text);
      if (status >= 400) assert.equal(answer.headers.etag, undefined);
    });
  }
}

test('what the description calls public is what anyone may call', () => {
  for (const { operationId, security, name } of described) {
    if (/SmsReceipt$/.test(operationId)) continue; // not configured here
    assert.equal(rows[operationId][1].nobody !== 401 || operationId === 'openSession', security.length === 0, name);
  }
});

test('a key is no session, a session is no key, both together are each', async () => {
  const both = owner.client.moved({});
  both.key = desk.key;
  assert.equal((await both.get('/session')).status, 200);
  assert.equal((await both.get(`/integration/documents/${document.external_id}`)).status, 200);
  both.close();
});

// ---- a dossier whose service is switched off, asked by the account it belongs to

const sleeper = await steps.activate();
const unread = await steps.publish(sleeper);
const theirVisit = (await sleeper.client.get(`/patients/${sleeper.patient.id}/acceptances`)).json.acceptances[0];
await sleeper.client.put(`/patients/${sleeper.patient.id}/service`, { enabled: false, password: sleeper.password });

const there = `/patients/${sleeper.patient.id}`;
const { password } = sleeper;
// operationId: [how it is called, what it answers]. Nothing is shown; what ends or forbids more is still to be had.
const whileDisabled = {
  listDocuments: [(client) => client.get(`${there}/documents`), 409],
  getDocument: [(client) => client.get(`/documents/${unread.id}`), 409],
  readDocument: [(client) => client.get(`/documents/${unread.id}/content`), 409],
  headDocument: [(client) => client.head(`/documents/${unread.id}/content`), 409],
  setVisibility: [(client) => client.put(`/documents/${unread.id}/visibility`, { hidden: true }), 409],
  listHiddenDocuments: [(client) => client.post(`${there}/hidden-documents`, { password }), 409],
  listAcceptances: [(client) => client.get(`${there}/acceptances`), 409],
  setOnlinePickup: [(client) => client.put(`${there}/acceptances/${theirVisit.id}`, { online_pickup: false }), 409],
  activateDossier: [async (client) => client.post(`${there}/activation`, await steps.activationBody(sleeper)), 200],
  removeRelative: [(client) => client.delete(there, { json: {} }), 409],
  setService: [(client) => client.put(`${there}/service`, { enabled: false, password }), 200],
  wipeDocuments: [(client) => client.delete(`${there}/documents`, { json: { password } }), 204],
};

test('every operation on a patient or a document has a row for a disabled dossier', () => {
  const concerned = described.filter(({ path }) => /^\/(patients|documents)\/\{/.test(path));
  assert.deepEqual(Object.keys(whileDisabled).sort(), concerned.map(({ operationId }) => operationId).sort());
});

for (const [operationId, [call, status]] of Object.entries(whileDisabled)) {
  test(`${operationId}: a disabled dossier answers ${status}`, async () => {
    const answer = await call(sleeper.client);
    assert.equal(answer.status, status, answer.text);
    assert.doesNotMatch(answer.text, /Esami del sangue/);
    const { patients } = (await sleeper.client.get('/patients')).json;
    assert.deepEqual([patients[0].dossier, patients[0].new_documents], ['disabled', 0]);
  });
}
