// The patient sees who did what: logins, readings, what facilities did; and nothing of anybody else.
import assert from 'node:assert/strict';
import { desk, expect, fieldErrors, literal, newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { makePdf } from './lib/pdf.mjs';
import { metadataOf } from './lib/people.mjs';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';

const activity = async (client, query) => expect(await client.get('/activity', { query }), 200).json;
const said = ({ actor, action, outcome }) => `${actor} ${action} ${outcome}`;

test('logins, readings, publishing, replacing and withdrawing are in it, newest first', async () => {
  const of = await steps.activate();
  const document = await steps.publish(of);
  await of.client.get(`/documents/${document.id}/content`);
  expect(await desk.publish(document.external_id, metadataOf(of), makePdf()), 200);
  expect(await desk.delete(`/integration/documents/${document.external_id}`), 200);
  const stranger = newClient();
  await stranger.post('/session', { login: of.mobile, password: 'not the password' });

  const { activity: lines, next } = await activity(of.client);
  assert.equal(next, null);
  const wanted = [
    'somebody login login_failed',
    'facility document_withdrawn ok',
    'facility document_published replaced',
    'you document_read ok',
    'facility document_published created',
    'you dossier_activated ok',
    'you login ok',
    'facility acceptance_created ok',
  ];
  assert.deepEqual(
    lines.map(said).filter((line) => wanted.includes(line)),
    wanted,
  );

  const line = (what) => lines.find((one) => said(one) === what);
  assert.equal(line('somebody login login_failed').address, stranger.address);
  const read = line('you document_read ok');
  assert.deepEqual([read.patient_id, read.document_id, read.address], [of.patient.id, document.id, of.client.address]);
  const published = line('facility document_published created');
  assert.deepEqual(
    [published.facility.name, published.document_id, published.address],
    ['Ospedale San Pellegrino', document.id, null],
  );
  assert.equal(line('you login ok').device, 'e2e');
  assert.deepEqual(
    lines.filter(({ action }) => action === 'consent_given').map(({ notice }) => notice),
    ['dossier', 'portal'],
  );
  assert.ok(lines.every(({ action, notice }) => action === 'consent_given' || notice === null));
});

test('pages follow the cursor, and what is asked wrongly is told', async () => {
  const of = await steps.activate();
  const whole = (await activity(of.client)).activity;
  const pages = [];
  let cursor;
  do {
    const page = await activity(of.client, { limit: 2, ...(cursor && { cursor }) });
    assert.ok(page.activity.length <= 2);
    pages.push(...page.activity);
    cursor = page.next;
  } while (cursor);
  assert.deepEqual(pages, whole);
  expect(await of.client.get('/activity', { query: { cursor: 'x' } }), 422, 'cursor-invalid');
  assert.deepEqual(fieldErrors(expect(await of.client.get('/activity', { query: { limit: '0' } }), 422)), [
    'limit range',
  ]);
  expect(await newClient().get('/activity'), 401, 'unauthenticated');
});

test('nobody else is in it, and nothing that a disabled dossier holds', async () => {
  const of = await steps.activate();
  const other = await steps.activate();
  const document = await steps.publish(other);
  await of.client.get(`/documents/${document.id}`);
  const mine = (await activity(of.client)).activity;
  assert.ok(mine.every(({ patient_id }) => patient_id === null || patient_id === of.patient.id));
  assert.ok(!mine.some(({ document_id }) => document_id === document.id));
  expect(
    await other.client.put(`/patients/${other.patient.id}/service`, { enabled: false, password: other.password }),
    200,
  );
  assert.ok(!(await activity(other.client)).activity.some(({ actor }) => actor === 'facility'));
});

test('a login from a new device is told by mail, from a known one it is not', async () => {
  const of = await steps.register();
  const login = (client) => client.post('/session', { login: of.mobile, password: of.password });
  const mails = () =>
    portal.sql(
      `SELECT count(*) FROM dossier_data.outbox WHERE template = 'new_device' AND account_id = ${literal(of.account.id)}`,
    );
  expect(await login(of.client), 200);
  assert.equal(mails(), '0', 'the one it was registered with is known');
  const phone = newClient({ headers: { 'User-Agent': IPHONE } });
  expect(await login(phone), 200);
  const { text } = await outbox.next({ to: of.email, template: 'new_device' });
  assert.match(text, /Quando: \d\d\/\d\d\/\d{4} alle \d\d:\d\d \(ora italiana\)/);
  assert.match(text, /Dispositivo: Safari, iPhone/);
  assert.match(text, /cambiare la password: https:\/\/\S+\/#\/profilo\/accessi/);
  assert.ok(!/\d+\.\d+\.\d+\.\d+/.test(text), 'no address');
  expect(await phone.delete('/session'), 204);
  expect(await login(phone), 200);
  assert.equal(mails(), '1', 'known now');
  assert.equal((await activity(phone)).activity.find((line) => said(line) === 'you login ok').device, 'Safari, iPhone');

  const [cookie] = (await login(newClient())).headers['set-cookie'].filter((line) =>
    line.startsWith('__Host-dossier-device='),
  );
  assert.match(
    cookie,
    /^__Host-dossier-device=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=34560000$/,
  );
  const thief = newClient();
  thief.cookies.set('__Host-dossier-device', phone.cookies.get('__Host-dossier-device'));
  expect(await thief.get('/session'), 401, 'unauthenticated');
});
