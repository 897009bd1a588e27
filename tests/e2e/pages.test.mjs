// The portal's pages in a browser: the patient's journey on a phone and on a desktop, and what goes wrong on the way.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Browser, DESKTOP, NARROW, PHONE } from './lib/browser.mjs';
import { makeP7m, makePdf, makePng } from './lib/pdf.mjs';
import { expect, outbox, portal, steps, test } from './lib/suite.mjs';
import { downloaded, visitors } from './lib/visitors.mjs';

const browser = new Browser(portal);
before(() => browser.start());
after(() => browser.close());

const { patient, insider } = visitors(browser, { steps, outbox });
const sixOther = (code) => String((Number(code) + 1) % 1e6).padStart(6, '0');

async function download(one, title) {
  const { screen } = one;
  const { name, bytes } = await downloaded(screen, () => screen.press(screen.t('document.download'), 'link'));
  assert.ok(name.startsWith(title), name);
  return bytes;
}

/** The whole journey, with a wrong code and a wrong pair. */
async function journey(name, options) {
  const one = await patient(name, options);
  const { screen, of } = one;
  const { t } = screen;
  await one.begin();
  await one.toProfile();
  await one.fillProfile();
  await one.fillPassword();
  await screen.shows(t('code.title'));
  await one.look('registration-code');
  const code = await outbox.code(of.mobile);
  await one.fillCode(sixOther(code));
  await screen.alert().waitFor();
  await one.look('registration-code-wrong');
  await one.fillCode(code);

  await screen.shows(t('activation.title'));
  await one.toActivationForm();
  await screen.field(t('activation.code')).fill(of.activation_code.slice(0, 6));
  await screen.page.reload(); // the phone drops the page while the slip is looked for
  await screen.shows(t('activation.title_code'));
  assert.equal(
    await screen.field(t('activation.code')).inputValue(),
    of.activation_code.slice(0, 6),
    'what was typed is still there',
  );
  const other = await steps.accept();
  await one.fillActivation(other.activation_code);
  await screen.alert().waitFor();
  await one.look('activation-wrong-pair');
  await one.fillActivation(of.activation_code.replaceAll('-', ' ').toLowerCase());
  await one.showsDossier();
  assert.equal(await screen.page.evaluate(() => sessionStorage.length), 0, 'and nothing is kept any longer');
  await screen.page.getByRole('heading', { name: t('dossier.empty.title') }).waitFor();
  await one.look('dossier-empty');

  const report = await steps.publish(of, { title: 'Esami del sangue' });
  await screen.page.reload();
  await screen.page.getByText(t('dossier.new'), { exact: true }).waitFor();
  await one.look('dossier');
  await one.openDocument('Esami del sangue');
  await one.look('document');
  assert.deepEqual(await download(one, 'Esami del sangue'), report.bytes);
  return { one, report };
}

test('on a phone, from the entry page to a report in the hand', async () => {
  const { one } = await journey('phone', { size: PHONE });
  const { screen } = one;
  await screen.press(screen.t('document.open'), 'link');
  await screen.page.waitForURL('**/content?disposition=inline'); // in the same tab: back is back
  assert.equal(await screen.page.evaluate(() => document.contentType), 'application/pdf');
  await screen.page.goBack();
  await screen.shows('Esami del sangue');
  await screen.press(screen.t('document.back'), 'link');
  await one.showsDossier();
  assert.equal(
    await screen.page.getByText(screen.t('dossier.new'), { exact: true }).count(),
    0,
    'a report that was read is not new',
  );
  await screen.close();
});

test('on a desktop, in English, where the report is shown in the page', async () => {
  const { one } = await journey('desktop', { size: DESKTOP, language: 'en' });
  const frame = one.screen.page.locator('iframe');
  await frame.waitFor();
  assert.match(await frame.getAttribute('src'), /disposition=inline$/);
  await one.screen.close();
});

test('in a window of 320 px, in German, whose words are the longest', async () => {
  const { one } = await journey('narrow', { size: NARROW, language: 'de' });
  await one.screen.close();
});

test('in the dark scheme, and from right to left', async () => {
  const { one } = await journey('dark', { size: PHONE, scheme: 'dark', language: 'ar' });
  assert.equal(await one.screen.page.locator('html').getAttribute('dir'), 'rtl');
  await one.screen.close();
});

test('with the keyboard alone', async () => {
  const one = await patient('keyboard', { size: DESKTOP, look: false });
  const { screen, of } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const main = page.locator('main');
  const type = async (locator, text) => {
    await screen.tabTo(locator);
    await page.keyboard.type(text);
  };
  const hit = async (name, role = 'button', key = 'Enter') => {
    await screen.tabTo(main.getByRole(role, { name, exact: true }));
    await page.keyboard.press(key);
  };
  await screen.goto();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'skip');
  await page.keyboard.press('Enter');
  await hit(t('registration.title'), 'link');
  await screen.shows(t('registration.title'));
  await hit(t('registration.consent'), 'checkbox', 'Space');
  await hit(t('fields.next'));
  await screen.shows(t('profile.title'));
  const [year, month, day] = of.birth_date.split('-');
  await type(screen.field(t('profile.first_name')), of.first_name);
  await type(screen.field(t('profile.last_name')), of.last_name);
  await type(screen.field(t('fields.day')), day);
  await type(screen.field(t('fields.month')), month);
  await type(screen.field(t('fields.year')), year);
  await type(screen.field(t('profile.birth_place')), of.birth_place);
  await type(screen.field(t('fields.codice_fiscale')), of.codice_fiscale);
  await type(screen.field(t('profile.mobile')), of.mobile);
  await page.keyboard.press('Enter');
  await screen.shows(t('password.title'));
  await type(screen.field(t('password.label')), of.password);
  await page.keyboard.press('Enter');
  await screen.shows(t('code.title'));
  await type(screen.field(t('code.label')), await outbox.code(of.mobile));
  await page.keyboard.press('Enter');
  await screen.shows(t('activation.title'));
  await hit(t('activation.consent'), 'checkbox', 'Space');
  await hit(t('fields.next'));
  await screen.shows(t('activation.title_code'));
  await type(screen.field(t('activation.code')), of.activation_code.replaceAll('-', ''));
  assert.equal(
    await screen.field(t('activation.code')).inputValue(),
    of.activation_code,
    'the groups come by themselves',
  );
  await page.keyboard.press('Enter');
  await one.showsDossier();
  await steps.publish(of);
  await page.reload();
  await hit('Esami del sangue', 'link');
  await screen.shows('Esami del sangue');
  await screen.tabTo(page.locator('#log-out'));
  await page.keyboard.press('Enter');
  await screen.shows(t('home.title'));
  await screen.close();
});

test('what is wrong in a form is said at the top and at each field', async () => {
  const one = await patient('errors', { look: false });
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await one.begin();
  await screen.press(t('registration.title'), 'link');
  await screen.press(t('fields.next'));
  await screen.look('registration-notice-errors');
  await one.consent();
  await screen.shows(t('profile.title'));
  await screen.field(t('fields.codice_fiscale')).fill('RSSMRA80A01E897A');
  await page.getByText(t('fields.errors.cf_check_character')).waitFor();
  await screen.press(t('fields.next'));
  await screen.look('registration-profile-errors');
  assert.equal(await page.locator('[aria-invalid="true"]').count(), 8);
  await screen
    .alert()
    .getByRole('link')
    .filter({ hasText: t('profile.mobile') })
    .click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'field-mobile');

  await one.fillProfile({ email: 'mario..rossi@example.org' }); // what only the portal refuses
  await one.fillPassword();
  await screen.shows(t('profile.title'));
  await screen.alert().waitFor();
  assert.equal(await page.locator('#field-email').getAttribute('aria-invalid'), 'true');
  assert.equal(await screen.field(t('profile.first_name')).inputValue(), one.of.first_name);
  await one.fillProfile();
  await one.fillPassword('corta');
  await page.getByText(t('fields.errors.too_short')).first().waitFor();
  await one.fillPassword('password1234');
  await page.locator('#field-password[aria-invalid="true"]').waitFor();
  await screen.look('registration-password-errors');
  await one.fillPassword();
  await screen.shows(t('code.title'));
  await screen.close();
});

test('a reload while the SMS is read, a new code, and the way back to correct the number', async () => {
  const one = await patient('sms', { look: false });
  const { screen, of } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await one.begin();
  await one.toProfile();
  await one.fillProfile({ mobile: '+393330000001' });
  await one.fillPassword();
  await screen.shows(t('code.title'));
  await page.reload();
  await screen.shows(t('code.title'));
  assert.ok(await page.getByRole('button', { name: t('code.resend') }).isDisabled());
  await page.getByText(t('code.none.more')).click();
  await screen.look('registration-code-help');
  await screen.press(t('problems.correct_profile'), 'link');
  await screen.shows(t('profile.title'));
  assert.equal(
    await screen.field(t('profile.first_name')).inputValue(),
    of.first_name,
    'what was typed is still there',
  );
  await screen.field(t('profile.mobile')).fill(of.mobile);
  await screen.press(t('fields.next'));
  await one.fillPassword();
  await screen.shows(t('code.title'));
  const first = await outbox.code(of.mobile);
  portal.age.sends(of.mobile, '61 seconds');
  await page.evaluate(() => {
    const kept = JSON.parse(sessionStorage.getItem('registration'));
    kept.sent.resend_at = Date.now() - 1000;
    sessionStorage.setItem('registration', JSON.stringify(kept));
  });
  await page.reload();
  await screen.press(t('code.resend'));
  const second = await outbox.code(of.mobile);
  await screen.look('registration-code-resent');
  if (first !== second) {
    await one.fillCode(first);
    await screen.alert().waitFor();
  }
  await one.fillCode(second);
  await screen.shows(t('activation.title'));
  await page.goBack();
  await screen.shows(t('activation.title'));
  await screen.close();
});

test('codes that others have used up: with the slip one registers all the same', async () => {
  const of = await steps.accept();
  const { id } = await steps.startRegistration(of);
  portal.age.useUp(id);
  const one = await patient('registration-no-stranger', { look: false }, of);
  const { screen } = one;
  const { t } = screen;
  await one.begin();
  await one.toProfile();
  await one.fillProfile();
  await one.fillPassword();
  await screen.press(t('no_stranger.way'), 'link');
  await screen.shows(t('no_stranger.registration.title'));
  await screen.look('registration-no-stranger');
  await screen.field(t('activation.code')).fill(of.activation_code);
  await screen.press(t('no_stranger.submit'));
  await screen.shows(t('password.title'));
  await screen.press(t('password.submit'));
  await screen.shows(t('code.title'));
  await one.fillCode(await outbox.code(of.mobile));
  await screen.shows(t('activation.title'));
  await screen.close();
});

test('nothing is lost when the connection drops', async () => {
  const one = await patient('offline', { look: false });
  const { screen, of } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await one.begin();
  await one.toProfile();
  await one.fillProfile();
  await screen.shows(t('password.title'));
  await page.context().setOffline(true);
  await page.getByText(t('shell.offline')).waitFor();
  await one.fillPassword();
  await screen.alert().getByText(t('problems.no_connection.title')).waitFor();
  await screen.alert().getByText(t('problems.kept')).waitFor();
  await screen.look('offline-form');
  assert.equal(await screen.field(t('password.label')).inputValue(), of.password);
  await page.context().setOffline(false);
  await screen.press(t('password.submit'));
  await screen.shows(t('code.title'));
  await one.fillCode(await outbox.code(of.mobile));
  await screen.shows(t('activation.title'));
  await one.activate();
  await page.context().setOffline(true);
  await page.evaluate(() => {
    location.hash = '#/fascicolo';
  });
  await screen.shows(t('failure.title'));
  await screen.look('offline-screen');
  await page.context().setOffline(false); // it goes on by itself
  await one.showsDossier();
  await screen.close();
});

test('logging in: wrong password, e-mail, a deep link, several tabs, logging out', async () => {
  const of = await steps.activate();
  const report = await steps.publish(of);
  const one = await patient('login', { look: false }, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await screen.goto();
  await screen.goto(`/#/referto/${report.id}`);
  await screen.shows(t('login.title'));
  await screen.look('login');
  await one.logIn(of.mobile, 'questa non è quella giusta');
  await screen.alert().waitFor();
  await screen.look('login-wrong');
  assert.equal(await screen.field(t('login.login')).inputValue(), of.mobile);
  await one.logIn(of.email);
  await screen.shows('Esami del sangue');
  await screen.press(t('document.back'), 'link');
  await one.showsDossier();
  const second = await screen.tab();
  await second.goto(`/#/referto/${report.id}`);
  await second.shows('Esami del sangue');
  await screen.logOut();
  await screen.shows(t('home.title'));
  await second.shows(t('home.title')); // the other tab closes with it
  await page.goBack();
  await screen.shows(t('login.title'));
  assert.equal(await page.getByText('Esami del sangue').count(), 0, 'nothing of the dossier comes back');
  assert.deepEqual(
    (await page.context().cookies()).map(({ name }) => name),
    ['__Host-dossier-device'],
    'only that this browser is known',
  );
  await screen.close();
});

test('a session that ends: the warning, the login, and back to where one was', async () => {
  const one = await insider('session');
  const { screen, of } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await page.clock.install();
  await page.reload();
  await one.showsDossier();
  await page.clock.runFor('18:10');
  const warning = page.getByRole('dialog', { name: t('idle.title') });
  await warning.waitFor();
  await screen.look('session-warning');
  await warning.getByRole('button', { name: t('idle.stay') }).click();
  await warning.waitFor({ state: 'hidden' });
  await page.clock.runFor('20:10');
  await page.getByText(t('login.expired.title')).waitFor();
  await page.getByText(t('login.expired.text')).waitFor();
  assert.equal(await page.getByText(of.last_name).count(), 0, 'nothing stays on the screen');
  await screen.look('session-expired');
  await one.logIn();
  await one.showsDossier();
  portal.age.idle(of.account.id, '21 minutes');
  await page.reload(); // the portal has forgotten it
  await screen.shows(t('login.title'));
  await one.logIn();
  await one.showsDossier();
  await screen.close();
});

test('a session that was ended from elsewhere is not called idle, and what was being changed not saved', async () => {
  const one = await insider('session-ended');
  const { screen, of } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await screen.goto('/#/profilo/password');
  await screen.shows(t('password.change.title'));
  expect(await of.client.delete('/sessions', { json: {} }), 204); // all but the client's own
  await screen.goto('/#/attivita');
  await screen.shows(t('login.title'));
  await page.getByText(t('login.expired.ended')).waitFor();
  await page.getByText(t('login.expired.unsaved')).waitFor();
  assert.equal(await page.getByText(t('login.expired.text')).count(), 0);
  await screen.look('session-ended');
  await one.logIn();
  await screen.shows(t('activity.title'));
  await screen.close();
});

test('both languages, chosen in the middle of a form', async () => {
  const one = await patient('language', { look: false });
  const { screen } = one;
  await one.begin();
  await one.toProfile();
  await screen.field(screen.t('profile.first_name')).fill('Giuseppina');
  await (await screen.menu()).getByRole('button', { name: 'English' }).click();
  screen.speak('en');
  await screen.shows(screen.t('profile.title'));
  assert.equal(await screen.field(screen.t('profile.first_name')).inputValue(), 'Giuseppina');
  assert.equal(await screen.page.locator('html').getAttribute('lang'), 'en');
  await screen.press(screen.t('fields.next'));
  await screen.page.reload();
  await screen.shows(screen.t('profile.title')); // the choice stays
  await screen.goto('/#/accedi');
  await one.logIn('+393330000002', 'not the password of anyone');
  await screen.alert().getByText('Login failed').waitFor(); // the portal answers in it too
  await screen.close();
});

test('a dossier of several days, kinds and states', async () => {
  const of = await steps.activate();
  const days = (count) => new Date(Date.now() - count * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const blood = await steps.publish(of, { title: 'Emocromo', issued_at: days(9) });
  const scan = await steps.publish(of, { title: 'Radiografia del torace', type: 'radiology', bytes: makePng() });
  const signed = await steps.publish(of, { title: 'Lettera di dimissione', type: 'discharge', bytes: makeP7m() });
  const report = await steps.publish(of, { title: 'Esame istologico', type: 'pathology', author: null });
  const again = await steps.desk.publish(
    report.external_id,
    { ...metadata(of), title: 'Esame istologico', type: 'pathology' },
    makePdf('corretto'),
  );
  assert.equal(again.status, 200);
  portal.age.document(blood.id, '1 day');
  portal.age.document(scan.id, '59 days 12 hours');
  const one = await patient('dossier', { look: false, size: DESKTOP }, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await one.enter();
  await one.showsDossier();
  assert.ok((await page.locator('.day h2').count()) >= 3, 'a heading for each day');
  assert.equal(await page.getByText(t('dossier.corrected'), { exact: true }).count(), 1);
  assert.equal(await page.locator('.card-soon').count(), 1);
  await screen.look('dossier-full');
  await one.openDocument('Radiografia del torace');
  await page.waitForFunction(() => document.querySelector('.preview-image')?.naturalWidth > 0);
  await screen.look('document-image');
  await page.goBack();
  await one.openDocument('Esame istologico');
  await page.getByText(t('document.corrected.title')).waitFor();
  await screen.look('document-corrected');
  await page.goBack();
  await one.openDocument('Lettera di dimissione');
  await page.getByText(t('document.not_shown.p7m')).waitFor();
  await screen.look('document-signed');
  assert.deepEqual(await download(one, 'Lettera di dimissione'), signed.bytes);
  portal.age.document(signed.id, '61 days');
  await screen.press(t('document.download'), 'link'); // gone meanwhile: told here, in words
  await screen.alert().waitFor();
  await screen.look('document-gone-meanwhile');
  await page.reload();
  await screen.shows(t('failure.not_here'));
  await screen.look('document-expired');
  await screen.close();
});

const metadata = ({ codice_fiscale }) => ({
  facility: 'san-pellegrino',
  codice_fiscale,
  issued_at: '2026-11-20T09:00:00Z',
  author: null,
});

test('what the portal refuses while registering: a wrong code, a notice that changed, an account that exists', async () => {
  const of = await steps.register();
  const one = await patient('refused', { look: false }, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const changed = {
    type: 'urn:mantova-dossier:problem:notice-outdated',
    title: 'Informativa aggiornata',
    status: 409,
    current: '2099-01',
  };
  await one.begin();
  await one.toProfile();
  await one.fillProfile();
  await page.route(
    '**/api/v1/registrations',
    (route) => route.fulfill({ status: 409, json: changed, contentType: 'application/problem+json' }),
    { times: 1 },
  );
  await one.fillPassword();
  await screen.alert().waitFor();
  await screen.look('registration-notice-changed');
  await screen.press(t('problems.read_again'), 'link');
  await screen.shows(t('registration.title'));
  await one.consent();
  await screen.shows(t('profile.title'));
  await screen.press(t('fields.next'));
  portal.age.sends(of.mobile, '61 seconds');
  await one.fillPassword();
  await screen.shows(t('code.title'));
  const code = await outbox.code(of.mobile);
  for (const left of [4, 3, 2]) {
    await one.fillCode(sixOther(code));
    await screen.alert().getByText(String(left)).waitFor();
  }
  await one.fillCode(code); // right, and only now it says so
  await screen
    .alert()
    .getByRole('link', { name: t('login.title') })
    .waitFor();
  await screen.look('registration-taken');
  await screen.close();
});

test('what the portal refuses while activating: an expired code, too many tries', async () => {
  const of = await steps.register();
  portal.age.activationCode(of.acceptance, '61 days');
  const one = await patient('inactive', { look: false }, of);
  const { screen } = one;
  await one.enter();
  await screen.shows(screen.t('activation.title'));
  await one.toActivationForm();
  await one.fillActivation();
  await screen.alert().waitFor();
  await screen.look('activation-expired');
  const other = await steps.accept();
  const wrong = await steps.activationBody(of, { activation_code: other.activation_code });
  for (let tries = 0; tries < 5; tries++) await of.client.post(`/patients/${of.patient.id}/activation`, wrong);
  await one.fillActivation(other.activation_code);
  await screen.alert().getByText(screen.t('problems.wait').split('{')[0]).waitFor();
  await screen.look('activation-throttled');
  await screen.close();
});

test('a long dossier comes in pages, and prints without what is around it', async () => {
  const of = await steps.activate();
  for (let count = 0; count < 31; count++) await steps.publish(of);
  const one = await patient('long', { look: false }, of);
  const { screen } = one;
  await one.enter();
  await one.showsDossier();
  assert.equal(await screen.page.locator('.card').count(), 30);
  await screen.press(screen.t('dossier.more'));
  await screen.page.waitForFunction(() => document.querySelectorAll('.card').length === 31);
  await screen.page.emulateMedia({ media: 'print' });
  assert.equal(await screen.page.locator('.header').isVisible(), false);
  assert.equal(await screen.page.locator('.card').first().isVisible(), true);
  await screen.close();
});

test('each facility has its own name, colour and logo above the pages', async () => {
  const screen = await browser.open('facility');
  await screen.goto(`https://citta-di-suzzara.localhost:${portal.port}/`);
  await screen.page.locator('#facility', { hasText: 'Ospedale Città di Suzzara' }).waitFor();
  const [colour, logo] = await screen.page.evaluate(() => [
    getComputedStyle(document.querySelector('.it-header-center-wrapper')).backgroundColor,
    document.getElementById('logo').naturalWidth,
  ]);
  assert.equal(colour, 'rgb(122, 31, 77)');
  assert.ok(logo > 0, 'its logo is there');
  await screen.look('home');
  await screen.close();
});

test('addresses that do not exist', async () => {
  const one = await insider('missing');
  const { screen } = one;
  await screen.goto('/#/niente/di/simile');
  await screen.shows(screen.t('failure.missing.title'));
  await screen.look('missing');
  await screen.goto('/#/referto/00000000-0000-4000-8000-000000000002');
  await screen.shows(screen.t('failure.not_here'));
  await screen.close();
});

test('nothing of a dossier is kept by the browser, and scripts see no token', async () => {
  const of = await steps.activate();
  await steps.publish(of);
  const one = await patient('storage', { look: false, size: DESKTOP }, of);
  const { page } = one.screen;
  await one.enter();
  await one.showsDossier();
  await one.openDocument('Esami del sangue');
  await page.locator('iframe').waitFor();
  const kept = await page.evaluate(async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    caches: await caches.keys(),
    databases: await indexedDB.databases(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    cookie: document.cookie,
  }));
  assert.deepEqual(kept, { local: [], session: [], caches: [], databases: [], workers: 0, cookie: '' });
  await one.screen.close();
});
