// What a phone shows first: one row of header, the report and its button, what a consent comes to; and that arrival is told.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Browser, words } from './lib/browser.mjs';
import { makePdf } from './lib/pdf.mjs';
import { metadataOf, person } from './lib/people.mjs';
import { expect, outbox, portal, steps, test } from './lib/suite.mjs';
import { visitors } from './lib/visitors.mjs';

const PHONES = [{ width: 390, height: 844 }, { width: 360, height: 640 }];
const TITLE = 'Emocromo con formula leucocitaria';
const browsers = new Map([1, 2].map((text) => [text, new Browser(portal, { text })]));
before(() => Promise.all([...browsers.values()].map((browser) => browser.start())));
after(() => Promise.all([...browsers.values()].map((browser) => browser.close())));
const { patient } = visitors(browsers.get(1), { steps, outbox });

/** Published, and published once more with other bytes. */
async function corrected(of) {
  const report = await steps.publish(of, { title: TITLE });
  expect(await steps.desk.publish(report.external_id, metadataOf(of, { title: TITLE }), makePdf('corretto')), 200);
  return report.id;
}

let known;
/** A dossier of three people, each with a report that was corrected. */
async function household() {
  if (known) return known;
  const of = await steps.activate(person({ first_name: 'Mariagrazia', last_name: 'Bertazzoli' }));
  for (const title of ['Esami del sangue', 'Visita cardiologica', 'Ecografia']) await steps.publish(of, { title });
  const reports = [await corrected(of)];
  for (const first_name of ['Giovanni', 'Luca']) {
    const relative = person({ first_name, last_name: 'Bertazzoli', mobile: of.mobile });
    await steps.accept(relative);
    const { id } = await steps.addRelative(of, relative);
    expect(await of.client.post(`/patients/${id}/activation`, await steps.activationBody(relative)), 200);
    reports.push(await corrected(relative));
  }
  known = { of, reports };
  return known;
}

const boxOf = (page, selector) => page.locator(selector).first().evaluate((element) => {
  const { top, bottom, left, right, height } = element.getBoundingClientRect();
  return { top, bottom, left, right, height };
});

async function oneRow(page, where) {
  const header = await boxOf(page, '.header');
  assert.ok(header.height <= 90, `${where}: a header of ${header.height} px`);
  const [logo, menu] = [await boxOf(page, '#logo'), await boxOf(page, '#menu-button')];
  assert.ok(logo.bottom > menu.top && menu.bottom > logo.top && (logo.right <= menu.left || menu.right <= logo.left), `${where}: side by side`);
}

async function firstScreen(page, selector, { height }, where) {
  const { top, bottom } = await boxOf(page, selector);
  assert.ok(top >= 0 && bottom <= height, `${where}: ${selector} at ${Math.round(top)} to ${Math.round(bottom)} of ${height}`);
  assert.equal(await page.evaluate(() => window.scrollY), 0, where);
}

for (const text of [1, 2]) {
  for (const size of PHONES) {
    const where = `${size.width}x${size.height}, letters ${text * 100} %`;
    test(`the report is the first thing that a phone shows: ${where}`, async () => {
      const { of, reports } = await household();
      const one = await visitors(browsers.get(text), { steps, outbox }).patient(`phone-${size.width}-${text}`, { size, look: false }, of);
      const { screen } = one;
      const { page } = screen;
      await screen.goto();
      await oneRow(page, `${where}, home`);
      await one.enter();
      await one.showsDossier();
      await oneRow(page, `${where}, dossier`);
      await page.locator('.people summary').getByText('Giovanni').waitFor(); // who else is kept here
      // with letters twice as large, its first line
      await firstScreen(page, text === 1 ? '.card-title' : '.day h2', size, `${where}, dossier`);
      assert.ok((await boxOf(page, '.card-title')).top < size.height - 20, `${where}: the first report`);
      await screen.look('dossier');
      for (const report of reports) {
        await page.evaluate((id) => { location.hash = `#/referto/${id}`; }, report);
        await page.waitForFunction((id) => document.querySelector('#document-inline')?.href.includes(id), report);
        await firstScreen(page, '#document-inline', size, `${where}, document`);
        assert.ok(await page.locator('.badge-corrected:visible, .callout.warning:visible').count(), 'and that it was corrected');
      }
      await screen.look('document');
      await screen.close();
    });
  }
}

/** Tick and button within the first two screens; all of the notice is there, with its version. */
async function inShort(screen, { height }, kind) {
  const { page } = screen;
  assert.equal(await page.locator('.short li').count(), 5);
  const { bottom } = await boxOf(page, 'form.form button[type="submit"]');
  assert.ok(bottom <= 2 * height, `${kind}: the button ends at ${Math.round(bottom)} of twice ${height}`);
  await screen.look(`consent-${kind}`);
  const notice = expect(await steps.newClient().get(`/notices/${kind}`), 200).json;
  assert.equal(await page.locator('.notice').isVisible(), false);
  await page.getByText(screen.t('notice.whole', { version: notice.version })).click();
  const whole = (await page.locator('.notice').innerText()).replace(/\s+/g, ' ');
  for (const part of notice.it.body.split(/\n\s*\n/)) assert.ok(whole.includes(part.replace(/\s+/g, ' ').trim()), part);
  assert.ok(whole.includes(notice.version));
  await screen.look(`consent-${kind}-whole`);
}

for (const size of PHONES) {
  test(`a consent says first what it comes to, and arrival is told: ${size.width}x${size.height}`, async () => {
    const one = await patient(`arrival-${size.width}`, { size, look: false });
    const { screen, of } = one;
    const { t, page } = screen;
    await screen.goto('/#/registrati');
    await screen.shows(t('register.title'));
    await inShort(screen, size, 'portal');
    await one.consent();
    await one.fillProfile();
    await one.fillPassword();
    await screen.shows(t('code.title'));
    await one.fillCode(await outbox.code(of.mobile));
    await screen.shows(t('activation.title'));
    await screen.said(t('register.done'));
    await inShort(screen, size, 'dossier');
    await one.consent('activation.consent');
    await screen.shows(t('activation.title_code'));
    assert.equal(await page.getByText(t('register.done')).count(), 0, 'told once');
    await one.fillActivation();
    await one.showsDossier();
    await screen.said(t('activation.done', { name: one.name }));
    await screen.look('activated');
    await page.reload();
    await one.showsDossier();
    assert.equal(await page.getByText(t('activation.done', { name: one.name })).count(), 0, 'told once');
    await screen.close();
  });
}

test('the consents asked for later say first what they come to', async () => {
  const [size] = PHONES;
  const of = await steps.activate();
  const { consents } = expect(await of.client.get('/consents'), 200).json;
  for (const { id } of consents) expect(await of.client.post(`/consents/${id}/withdrawal`, { password: of.password }), 200);
  const one = await patient('later', { size, look: false }, of);
  const { screen } = one;
  await one.enter();
  await screen.shows(screen.t('consents.due.title'));
  await inShort(screen, size, 'portal');
  await one.consent('consents.agree.portal');
  await one.showsDossier();
  await screen.goto(`/#/consenso/${of.patient.id}`);
  await screen.shows(screen.t('consents.notices.dossier'));
  await inShort(screen, size, 'dossier');
  await screen.close();
});

test('of a version that the pages do not know they show all at once', async () => {
  const one = await patient('version', { size: PHONES[0], look: false });
  const { screen } = one;
  const notice = expect(await steps.newClient().get('/notices/portal'), 200).json;
  await screen.page.route('**/api/v1/notices/portal', (route) => route.fulfill({ json: { ...notice, version: '2099-01' } }));
  await screen.goto('/#/registrati');
  await screen.shows(screen.t('register.title'));
  await screen.page.locator('.notice').getByText('2099-01').waitFor();
  assert.equal(await screen.page.locator('.short').count(), 0);
  await screen.close();
});

test('the menu of a phone: opened, closed, gone through, and where a language is chosen', async () => {
  const { of } = await household();
  const one = await patient('menu', { size: PHONES[1], look: false }, of);
  const { screen } = one;
  const { t, page } = screen;
  await one.enter();
  await one.showsDossier();
  const menu = await screen.menu();
  await menu.getByText(`${of.first_name} ${of.last_name}`).waitFor();
  await screen.look('menu-open');
  await page.keyboard.press('Escape');
  await menu.waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'menu-button');
  await (await screen.menu()).getByRole('link', { name: t('profile.title') }).click();
  await screen.shows(t('profile.title'));
  await menu.waitFor({ state: 'hidden' });
  await (await screen.menu()).getByRole('button', { name: 'Deutsch' }).click();
  screen.speak('de');
  await screen.shows(screen.t('profile.title'));
  await page.waitForFunction(() => document.activeElement.id === 'menu-button');
  await oneRow(page, 'de');
  await (await screen.menu()).getByRole('button', { name: words('ar')('languages.ar') }).click();
  await page.waitForFunction(() => document.documentElement.dir === 'rtl' && document.activeElement.id === 'menu-button');
  await oneRow(page, 'ar');
  await screen.close();
});
