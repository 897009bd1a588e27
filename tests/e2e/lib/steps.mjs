// The steps of the journey as tests need them before their own subject; each asserts that it succeeded.
import assert from 'node:assert/strict';
import { remember } from './canaries.mjs';
import { makePdf } from './pdf.mjs';
import { acceptanceBody, externalId, metadataOf, person, registrationBody, relativeBody } from './people.mjs';

function succeed(answer, status, what) {
  assert.equal(answer.status, status, `${what}: ${answer.status} ${answer.text.slice(0, 500)}`);
  return answer.json;
}

export class Steps {
  constructor({ portal, outbox, desk, newClient }) {
    Object.assign(this, { portal, outbox, desk, newClient });
    this.notices = {};
  }

  async noticeVersion(kind) {
    if (!this.notices[kind]) {
      const client = this.newClient();
      this.notices[kind] = succeed(await client.get(`/notices/${kind}`), 200, 'notice').version;
    }
    return this.notices[kind];
  }

  /** An acceptance of this person; adds acceptance and activation_code to it. */
  async accept(of = person(), { desk = this.desk, facility = 'san-pellegrino' } = {}) {
    const id = externalId('A');
    const answer = succeed(
      await desk.put(`/integration/acceptances/${id}`, acceptanceBody(of, facility)),
      201,
      'acceptance',
    );
    remember(this.portal.VAR, answer.activation_code, answer.activation_code.replaceAll('-', ''), of.mobile.slice(3));
    return Object.assign(of, { acceptance: id, activation_code: answer.activation_code });
  }

  /** Up to the code that was sent: {of, client, id, code}. */
  async startRegistration(of, client = this.newClient()) {
    const body = registrationBody(of, await this.noticeVersion('portal'));
    const { id } = succeed(await client.post('/registrations', body), 202, 'registration');
    return { of, client, id, code: await this.outbox.code(of.mobile) };
  }

  /** A person with acceptance, account and session; adds client, account, patient. */
  async register(of = person()) {
    if (!of.acceptance) await this.accept(of);
    const { client, id, code } = await this.startRegistration(of);
    const { account } = succeed(await client.post(`/registrations/${id}/verification`, { code }), 201, 'verification');
    const { patients } = succeed(await client.get('/patients'), 200, 'patients');
    return Object.assign(of, { client, account, registration: id, patient: patients[0] });
  }

  /** One more login of this person: {client, id} of the session. */
  async logIn(of, client = this.newClient()) {
    succeed(await client.post('/session', { login: of.mobile, password: of.password }), 200, 'login');
    const { sessions } = succeed(await client.get('/sessions'), 200, 'sessions');
    return { client, id: sessions[0].id };
  }

  /** A new mobile or e-mail (kind) of this person, up to the code: {id, code, value}. */
  async begin(of, kind, value) {
    const answer = await of.client.post(`/profile/${kind}-changes`, { [kind]: value, password: of.password });
    const { id } = succeed(answer, 202, `new ${kind}`);
    return { id, value, code: await this.outbox.code(value) };
  }

  async activationBody(of, overrides = {}) {
    return {
      consent: { notice: 'dossier', version: await this.noticeVersion('dossier') },
      codice_fiscale: of.codice_fiscale,
      activation_code: of.activation_code,
      ...overrides,
    };
  }

  /** A person with an active dossier. */
  async activate(of = person()) {
    if (!of.client) await this.register(of);
    const answer = await of.client.post(`/patients/${of.patient.id}/activation`, await this.activationBody(of));
    of.patient = succeed(answer, 200, 'activation').patient;
    return of;
  }

  /** This person as a relative under the holder's account, by an acceptance that holds the holder's mobile: the patient. */
  async addRelative(holder, of, role = 'delegate') {
    const answer = await holder.client.post('/patients', relativeBody(of, role));
    return succeed(answer, 201, 'relative').patient;
  }

  /** A document of this person: {id, external_id, metadata, bytes, answer}. */
  async publish(of, { bytes = makePdf(), external_id = externalId('R'), desk = this.desk, ...overrides } = {}) {
    const metadata = metadataOf(of, overrides);
    const answer = await desk.publish(external_id, metadata, bytes);
    const json = succeed(answer, 201, 'publication');
    return { id: json.id, external_id, metadata, bytes, answer: json };
  }
}
