// What a phone shows first: one row of header, the report and its button, what a consent comes to; and that arrival is told.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Browser, words } from './lib/browser.mjs';
import { makePdf } from './lib/pdf.mjs';
import { metadataOf, person } from './lib/people.mjs';
import { expect, outbox, portal, steps, test } from './lib/suite.mjs';
import { visitors } from './lib/visitors.mjs';

const PHONES = [
  { width: 390, height: 844 },
  { width: 360, height: 640 },
];
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

const boxOf = (page, selector) =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const { top, bottom, left, right, height } = element.getBoundingClientRect();
      return { top, bottom, left, right, height };
    });

/** In the page: words of the header that are broken, cut or not to be seen. */
function brokenWords() {
  const header = document.querySelector('.header').getBoundingClientRect();
  const wrong = [];
  for (const element of document.querySelectorAll('.it-brand-title, .it-brand-tagline, #menu-button span')) {
    if (!element.checkVisibility() || !element.textContent)
      wrong.push(`nothing of ${element.className || element.parentElement.id}`);
    if (element.clientWidth && element.scrollWidth > element.clientWidth) wrong.push(`cut: ${element.textContent}`);
    for (const { 0: word, index } of element.textContent.matchAll(/\S+/g)) {
      const range = document.createRange();
      range.setStart(element.firstChild, index);
      range.setEnd(element.firstChild, index + word.length);
      const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
      const { left, right, top, bottom } = range.getBoundingClientRect();
      const { left: from, right: to } = element.closest('.brand, #menu-button').getBoundingClientRect();
      if (lines.size !== 1 || left < from - 1 || right > to + 1 || top < header.top - 4 || bottom > header.bottom + 4)
        wrong.push(word);
    }
  }
  return wrong;
}

async function wholeWords(page, where) {
  assert.deepEqual(await page.evaluate(brokenWords), [], `${where}: whole words`);
}

async function oneRow(page, where) {
  const header = await boxOf(page, '.header');
  assert.ok(header.height <= 90, `${where}: a header of ${header.height} px`);
  const [brand, menu] = [await boxOf(page, '.brand'), await boxOf(page, '#menu-button')];
  assert.ok(
    brand.bottom > menu.top && menu.bottom > brand.top && (brand.right <= menu.left || menu.right <= brand.left),
    `${where}: side by side`,
  );
  await wholeWords(page, where);
}

async function firstScreen(page, selector, { height }, where) {
  const { top, bottom } = await boxOf(page, selector);
  assert.ok(
    top >= 0 && bottom <= height,
    `${where}: ${selector} at ${Math.round(top)} to ${Math.round(bottom)} of ${height}`,
  );
  assert.equal(await page.evaluate(() => window.scrollY), 0, where);
}

for (const text of [1, 2]) {
  for (const size of PHONES) {
    const where = `${size.width}x${size.height}, letters ${text * 100} %`;
    test(`the report is the first thing that a phone shows: ${where}`, async () => {
      const { of, reports } = await household();
      const one = await visitors(browsers.get(text), { steps, outbox }).patient(
        `phone-${size.width}-${text}`,
        { size, look: false },
        of,
      );
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
        await page.evaluate((id) => {
          location.hash = `#/referto/${id}`;
        }, report);
        await page.waitForFunction((id) => document.querySelector('#document-inline')?.href.includes(id), report);
        await firstScreen(page, '#document-inline', size, `${where}, document`);
        assert.ok(
          await page.locator('.badge-corrected:visible, .callout.warning:visible').count(),
          'and that it was corrected',
        );
      }
      await screen.look('document');
      await screen.menu();
      await screen.look('menu'); // no wider than the phone
      await screen.press(screen.t('document.back'), 'link');
      await page.locator('#menu').waitFor({ state: 'hidden' }); // it does not follow to the next screen
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
    await screen.shows(t('registration.title'));
    await inShort(screen, size, 'portal');
    await one.consent();
    await one.fillProfile();
    await one.fillPassword();
    await screen.shows(t('code.title'));
    await one.fillCode(await outbox.code(of.mobile));
    await screen.shows(t('activation.title'));
    await screen.said(t('registration.done'));
    await inShort(screen, size, 'dossier');
    await one.consent('activation.consent');
    await screen.shows(t('activation.title_code'));
    assert.equal(await page.getByText(t('registration.done')).count(), 0, 'told once');
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
  for (const { id } of consents)
    expect(await of.client.post(`/consents/${id}/withdrawal`, { password: of.password }), 200);
  const one = await patient('later', { size, look: false }, of);
  const { screen } = one;
  await one.enter();
  await screen.shows(screen.t('consent.due.title'));
  await inShort(screen, size, 'portal');
  await one.consent('consent.agree.portal');
  await one.showsDossier();
  await screen.goto(`/#/consenso/${of.patient.id}`);
  await screen.shows(screen.t('consent.notices.dossier'));
  await inShort(screen, size, 'dossier');
  await screen.close();
});

test('of a version that the pages do not know they show all at once', async () => {
  const one = await patient('version', { size: PHONES[0], look: false });
  const { screen } = one;
  const notice = expect(await steps.newClient().get('/notices/portal'), 200).json;
  await screen.page.route('**/api/v1/notices/portal', (route) =>
    route.fulfill({ json: { ...notice, version: '2099-01' } }),
  );
  await screen.goto('/#/registrati');
  await screen.shows(screen.t('registration.title'));
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
  await page.waitForFunction(
    () => document.documentElement.dir === 'rtl' && document.activeElement.id === 'menu-button',
  );
  await oneRow(page, 'ar');
  await screen.close();
});

const LATE =
  'Oggi i referti arrivano in ritardo. Ci scusiamo: il laboratorio conta di recuperare entro le ore 18, non occorre telefonare.';
/** Runs `act` while the operator tells everybody this. */
async function told(text, act) {
  const operate = (...given) => {
    const { status, said } = portal.operator('banner', ...given);
    assert.equal(status, 0, said);
  };
  operate('add', text, text, 'tomorrow 23:00');
  try {
    await act();
  } finally {
    operate('remove');
  }
}

/** Letters set larger for the page alone, as some browsers do it: its media queries know nothing of that. */
const letters = (page, percent) =>
  page.addInitScript(
    (size) =>
      document.addEventListener('readystatechange', () =>
        document.documentElement.style.setProperty('font-size', size),
      ),
    `${percent}%`,
  );

const [TALL, LOW] = PHONES;
for (const [size, percent] of [
  [LOW, null],
  [LOW, 130],
  [LOW, 150],
  [LOW, 200],
  [TALL, 130],
  [TALL, 200],
  [LOW, 237.5],
  [{ width: 195, height: 422 }, null],
  [{ width: 180, height: 320 }, null],
]) {
  const where = `${size.width}x${size.height}, letters ${percent ? `${percent} %` : 'as they come'}`;
  test(`however large the letters, words are whole, the heading is seen, a report can be opened: ${where}`, async () => {
    const { of, reports } = await household();
    await told(LATE, async () => {
      const one = await patient(`letters-${size.width}-${percent ?? 100}`, { size, look: false }, of);
      const { screen } = one;
      const { page } = screen;
      if (percent) await letters(page, percent);
      const stands = async (screenName) => {
        await wholeWords(page, `${where}, ${screenName}`);
        const { height } = await boxOf(page, '.header');
        assert.ok(height <= 120, `${where}, ${screenName}: a header of ${height} px`);
        await firstScreen(page, 'main h1', size, `${where}, ${screenName}`);
        await screen.look(screenName);
      };
      await screen.goto();
      await page.locator('.banner-text').waitFor();
      await stands('home');
      await one.enter();
      await one.showsDossier();
      await stands('dossier');
      for (const [index, report] of reports.slice(0, 2).entries()) {
        await page.evaluate((id) => {
          location.hash = `#/referto/${id}`;
        }, report);
        await page.waitForFunction((id) => document.querySelector('#document-inline')?.href.includes(id), report);
        await stands(`document-${index}`);
        const { top, bottom } = await boxOf(page, '#document-inline');
        const least = size.height === 320 ? 400 : size.height; // nothing is left of so low a window
        assert.ok(bottom <= least, `${where}, document ${index}: the button at ${top} to ${bottom}`);
      }
      await screen.close();
    });
  });
}

test('the name of the service is whole in each language, also in letters that stand in for those that are late', async () => {
  for (const language of ['it', 'en', 'de', 'ar']) {
    for (const width of [320, 360, 390]) {
      const one = await patient(`fallback-${language}-${width}`, {
        size: { width, height: 640 },
        language,
        look: false,
      });
      const { page } = one.screen;
      await page.route('**/fonts/*', (route) => route.abort());
      await one.screen.goto();
      await wholeWords(page, `${language}, ${width}`);
      const { height } = await boxOf(page, '.header');
      assert.ok(height <= 100, `${language}, ${width}: a header of ${height} px`);
      await one.screen.look('home');
      await one.screen.close();
    }
  }
});

test('a long banner shows two lines and opens; a short one is there whole', async () => {
  await told(LATE, async () => {
    const one = await patient('banner-long', { size: LOW, look: false });
    const { screen } = one;
    const { page, t } = screen;
    await screen.goto();
    const height = async () => (await boxOf(page, '#banners')).height;
    const closed = await height();
    await page.getByRole('button', { name: t('banner.whole') }).click();
    const less = page.getByRole('button', { name: t('banner.less'), expanded: true });
    await less.waitFor();
    assert.ok((await height()) > closed + 20);
    assert.ok(
      await page.locator('.banner-text').evaluate((text) => text.scrollHeight <= text.clientHeight + 1),
      'all of it',
    );
    await screen.look('open');
    await less.click();
    await page.getByRole('button', { name: t('banner.whole') }).waitFor();
    assert.equal(await height(), closed);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.locator('.banner-whole').waitFor({ state: 'hidden' });
    await screen.close();
  });
  await told('Oggi i referti arrivano in ritardo.', async () => {
    const one = await patient('banner-short', { size: LOW, look: false });
    await one.screen.goto();
    await one.screen.page.locator('.banner-text').waitFor();
    assert.equal(await one.screen.page.locator('.banner-whole').isVisible(), false);
    await one.screen.close();
  });
});

test('the closed line of people tells whose dossier is yet to be activated, and its count stands clear of the names', async () => {
  const of = await steps.activate(person({ first_name: 'Marco', last_name: 'Ferrari' }));
  for (const first_name of ['Sofia', 'Teresa']) {
    const relative = person({ first_name, last_name: 'Ferrari', mobile: of.mobile });
    await steps.accept(relative);
    const { id } = await steps.addRelative(of, relative);
    if (first_name === 'Sofia') continue;
    expect(await of.client.post(`/patients/${id}/activation`, await steps.activationBody(relative)), 200);
    await steps.publish(relative);
  }
  for (const size of PHONES) {
    const one = await patient(`people-${size.width}`, { size, look: false }, of);
    const { screen } = one;
    const { page, t } = screen;
    await one.enter();
    await one.showsDossier();
    const line = page.locator('.people summary');
    assert.ok(
      (await line.innerText()).includes(t('dossier.other_to_activate', { name: 'Sofia' })),
      await line.innerText(),
    );
    assert.ok(!(await line.innerText()).includes(t('dossier.other_to_activate', { name: 'Teresa' })));
    const apart = await line.evaluate((summary) => {
      const [names, pill] = summary.querySelector('span').children;
      const [a, b] = [names.getBoundingClientRect(), pill.getBoundingClientRect()];
      return Math.max(b.top - a.bottom, b.left - a.right);
    });
    assert.ok(apart >= 4, `${apart} px`);
    await screen.look('closed');
    await line.click();
    await screen.look('open');
    await screen.close();
  }
});
