// Whoever is sent to the desk is told how it is reached: in answers, mails, on paper and on the screen.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before } from 'node:test';
import { Browser } from './lib/browser.mjs';
import { acceptanceBody, externalId, metadataOf, person } from './lib/people.mjs';
import { desk, expect, newClient, otherDesk, outbox, portal, steps, test } from './lib/suite.mjs';
import { makePdf } from './lib/pdf.mjs';
import { visitors } from './lib/visitors.mjs';

const browser = new Browser(portal);
before(() => browser.start());
after(() => browser.close());
const { insider } = visitors(browser, { steps, outbox });

const TELEPHONE = '+39 0376 555 0101';
const SUZZARA = { desk: otherDesk, facility: 'citta-di-suzzara' };
const [ITALIAN, ENGLISH] = ['Sportello: ', 'Desk: '].map(
  (word) => new RegExp(`\n\n${word}\\${TELEPHONE}, [^\n]*7:30-19:00[^\n]*, Via San Pellegrino 1`),
);

async function withdrawn(of) {
  const { id, external_id } = await steps.publish(of);
  expect(await desk.delete(`/integration/documents/${external_id}`), 200);
  return id;
}

test('the facility says how its desk is reached, where that is configured', async () => {
  const { json } = expect(await newClient().get('/facility'), 200);
  assert.equal(json.desk.telephone, TELEPHONE);
  assert.match(json.desk.hours.it, /^lunedì/);
  assert.match(json.desk.hours.en, /^Monday/);
  assert.equal(expect(await newClient({ host: 'citta-di-suzzara.localhost' }).get('/facility'), 200).json.desk, null);
});

test('a problem that sends to the desk says where it is, any other does not', async () => {
  const of = await steps.activate();
  const id = await withdrawn(of);
  for (const language of ['it', 'en']) {
    const { json } = expect(
      await of.client.get(`/documents/${id}`, { headers: { 'Accept-Language': language } }),
      410,
      'document-withdrawn',
    );
    assert.equal(json.desk.telephone, TELEPHONE);
  }
  const elsewhere = of.client.moved({ host: 'citta-di-suzzara.localhost' });
  assert.ok(!('desk' in expect(await elsewhere.get(`/documents/${id}`), 410, 'document-withdrawn').json));
  assert.ok(!('desk' in expect(await newClient().get('/session'), 401, 'unauthenticated').json));
});

test('a hospital system is not told where its own desk is', async () => {
  const of = person();
  const acceptance = externalId('A');
  expect(
    await desk.put(`/integration/acceptances/${acceptance}`, { ...acceptanceBody(of), online_pickup: false }),
    201,
  );
  const answer = await desk.publish(externalId('R'), { ...metadataOf(of), acceptance }, makePdf());
  const { json } = expect(answer, 409, 'online-pickup-declined');
  assert.match(json.detail, /sportello/);
  assert.ok(!('desk' in json));
});

test('a mail says it in its language, and is of the facility that knows the person', async () => {
  const newDevice = async (of) => {
    expect(await newClient().post('/session', { login: of.mobile, password: of.password }), 200);
    return (await outbox.next({ to: of.email, template: 'new_device' })).text;
  };
  const of = await steps.register();
  assert.match(await newDevice(of), ITALIAN);
  expect(await of.client.patch('/profile', { language: 'en' }), 200);
  assert.match(await newDevice(of), ENGLISH);

  const other = await steps.register(await steps.accept(person(), SUZZARA));
  const text = await newDevice(other);
  assert.ok(text.includes(`https://citta-di-suzzara.localhost:${portal.port}/#/profilo/accessi`), text);
  assert.match(text, /avvisi lo sportello\./);
  assert.ok(!text.includes('Sportello:'), 'nothing more is known');
});

test('a mail about a change says when', async () => {
  const of = await steps.register();
  expect(
    await of.client.put('/profile/password', { old_password: of.password, new_password: 'un treno lento per Suzzara' }),
    204,
  );
  const { text } = await outbox.next({ to: of.email, template: 'password_changed' });
  assert.match(text, /Quando: \d\d\/\d\d\/\d{4} alle \d\d:\d\d \(ora italiana\)/);
});

test('an SMS says the telephone', async () => {
  const of = await steps.register(person({ email: null }));
  expect(
    await of.client.put('/profile/password', { old_password: of.password, new_password: 'un treno lento per Suzzara' }),
    204,
  );
  const { text } = await outbox.next({ to: of.mobile, template: 'password_changed', channel: 'sms' });
  assert.ok(text.endsWith(`avvisi lo sportello. Tel. ${TELEPHONE}`), text);
  assert.ok(text.length <= 160, text);
});

test('the slip says it', async () => {
  const words = async (of, system) => {
    const { body } = expect(await system.get(`/integration/acceptances/${of.acceptance}/slip`), 200);
    return spawnSync('pdftotext', ['-', '-'], { input: body }).stdout.toString('utf8').replace(/\s+/g, ' ');
  };
  assert.match(
    await words(await steps.accept(), desk),
    /Sportello: \+39 0376 555 0101, lunedì-venerdì.*, Via San Pellegrino 1/,
  );
  assert.doesNotMatch(await words(await steps.accept(person(), SUZZARA), otherDesk), /Sportello:/);
});

test('the pages say it beside what sends there and at their end, to be called by a touch', async () => {
  const one = await insider('desk');
  const { screen, of } = one;
  const id = await withdrawn(of);
  const link = (where) => screen.page.locator(`${where} .desk a[href="tel:+3903765550101"]`);
  await link('.it-footer').getByText(TELEPHONE).waitFor();
  await link('main .empty').waitFor();
  await screen.goto(`/#/referto/${id}`);
  await link('main .callout').waitFor();
  await screen.look('withdrawn');
  await (await screen.menu()).getByRole('button', { name: 'English' }).click();
  screen.speak('en');
  await screen.page.locator('.it-footer .desk').getByText('Monday to Friday').waitFor();
  await screen.goto(`https://citta-di-suzzara.localhost:${portal.port}/`);
  await screen.page.locator('#facility').getByText('Suzzara').waitFor();
  assert.equal(await screen.page.locator('.desk').count(), 0);
  await screen.close();
});
