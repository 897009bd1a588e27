// What is pasted stays whole: nothing is cut without a word, a date goes where it belongs, and a new password has its owner.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { Browser } from './lib/browser.mjs';
import { codiceFiscale, person } from './lib/people.mjs';
import { ROOT } from './lib/portal.mjs';
import { outbox, portal, steps, test } from './lib/suite.mjs';
import { visitors } from './lib/visitors.mjs';

const browser = new Browser(portal);
before(() => browser.start());
after(() => browser.close());
const { patient, insider } = visitors(browser, { steps, outbox });
const LONG = 'quattro gatti sul tetto ';
const ofLength = (length) =>
  LONG.repeat(20)
    .slice(0, length - 1)
    .concat('x');

/** As a paste does: at once, with the events of the browser. */
async function paste(locator, text) {
  await locator.focus();
  return locator.evaluate((input, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', pasted);
    if (input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })))
      document.execCommand('insertText', false, pasted);
  }, text);
}

const username = (screen) => screen.page.locator('form.form input[autocomplete="username"]');

test('no field cuts what is put into it', () => {
  const folder = join(ROOT, 'htdocs/js');
  for (const name of readdirSync(folder, { recursive: true }).filter((path) => path.endsWith('.js'))) {
    assert.doesNotMatch(readFileSync(join(folder, name), 'utf8'), /maxlength/i, name);
  }
});

test('a registration: a date in one piece, a password that is too long, and whose it is', async () => {
  const one = await patient('paste', { look: false });
  const { screen, of } = one;
  const { t, page } = screen;
  await one.begin();
  await one.toProfile();
  const boxes = ['day', 'month', 'year'].map((part) => screen.field(t(`fields.${part}`)));
  const typed = () => Promise.all(boxes.map((box) => box.inputValue()));
  for (const [text, parts] of [
    ['05/03/1951', ['5', '3', '1951']],
    ['1951-12-31', ['31', '12', '1951']],
    ['7. 8. 1960', ['7', '8', '1960']],
  ]) {
    for (const box of boxes) await box.fill('');
    await paste(boxes[0], text);
    assert.deepEqual(await typed(), parts, text);
  }
  await boxes[2].fill('');
  await paste(boxes[2], '19511');
  assert.equal((await typed())[2], '19511', 'whole, and said to be wrong');
  await paste(screen.field(t('profile.first_name')), 'a'.repeat(101));
  await screen.press(t('fields.next'));
  await page
    .getByText(t('fields.too_long', { longest: 100, count: 101 }))
    .first()
    .waitFor();
  await screen.look('profile-too-long');
  const number = of.mobile.replace('+39', '');
  const marked = `\u202A${number}\u202C`; // as an address book copies it
  await paste(screen.field(t('profile.mobile')), marked);
  await screen.field(t('profile.first_name')).focus();
  assert.equal(
    await screen.field(t('profile.mobile')).inputValue(),
    number,
    'what is sent is shown on leaving the field',
  );
  await one.fillProfile({ mobile: marked });
  await screen.shows(t('password.title'));
  assert.equal(await username(screen).inputValue(), number);
  assert.equal(await username(screen).isVisible(), false);
  const password = screen.field(t('password.label'));
  await paste(password, ofLength(140));
  assert.equal((await password.inputValue()).length, 140);
  await screen.press(t('password.submit'));
  await page
    .getByText(t('fields.too_long', { longest: 128, count: 140 }))
    .first()
    .waitFor();
  await screen.look('password-too-long');
  of.password = ofLength(128);
  await one.fillPassword();
  await screen.shows(t('code.title'));
  await one.fillCode(await outbox.code(of.mobile));
  await screen.shows(t('activation.title'));
  await screen.logOut();
  await screen.shows(t('home.title'));
  await screen.goto('/#/accedi');
  await one.logIn();
  await screen.shows(t('activation.title')); // the last character counts
  await screen.close();
});

test('a new password has its owner where it is changed, and a login that is too long is told', async () => {
  const one = await insider('owner');
  const { screen, of } = one;
  const { t, page } = screen;
  await screen.goto('/#/profilo/password');
  await screen.shows(t('password.change.title'));
  assert.equal(await username(screen).inputValue(), of.mobile);
  await screen.logOut();
  await screen.shows(t('home.title'));
  await screen.goto('/#/accedi');
  await one.logIn(`${'a'.repeat(250)}@example.org`);
  await page
    .getByText(t('fields.too_long', { longest: 254, count: 262 }))
    .first()
    .waitFor();
  await screen.close();
});

test('a forgotten password: a reload while the SMS is read loses nothing', async () => {
  const of = await steps.activate();
  const one = await patient('password-reset-reload', { look: false }, of);
  const { screen } = one;
  const { t, page } = screen;
  portal.age.sends(of.mobile, '61 seconds');
  await screen.goto('/#/password');
  await screen.shows(t('password.reset.title'));
  await screen.field(t('login.login')).fill(of.mobile);
  await screen.press(t('password.reset.submit'));
  await screen.shows(t('password.reset.title_code'));
  await page.reload();
  await screen.shows(t('password.reset.title_code'));
  assert.equal(await username(screen).inputValue(), of.mobile);
  await screen.look('password-reset-code-again');
  await screen.press(t('password.reset.back_ask'), 'link');
  await screen.shows(t('password.reset.title'));
  assert.equal(await screen.field(t('login.login')).inputValue(), of.mobile, 'what was typed is still there');
  await page.goBack();
  await screen.shows(t('password.reset.title_code'));
  const password = `${person().password} ancora`;
  await screen.field(t('password.reset.code')).fill(await outbox.code(of.mobile));
  await screen.field(t('password.label')).fill(password);
  await screen.press(t('password.reset.submit_new'));
  await screen.shows(t('login.title'));
  assert.equal(await screen.field(t('login.login')).inputValue(), of.mobile);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0, 'and nothing is kept any longer');
  await one.logIn(of.mobile, password);
  await one.showsDossier();
  await screen.close();
});

test('a birth date that is not that of the codice fiscale, or makes a child of a centenarian, is told where it is typed', async () => {
  const year = new Date().getFullYear() - 103; // its two digits are a child's as well
  const birth_date = `${year}-01-01`;
  const one = await patient('birth', { look: false }, person({ birth_date }));
  const { screen } = one;
  const { t, page } = screen;
  const date = page.locator('fieldset.field').filter({ has: page.locator('#field-birth_date') });
  const inCode = { date: `1/1/${String(year).slice(2)}` };
  const age = (count) => t('relative.age.other', { count });
  await one.begin();
  await one.toProfile();
  for (const mistyped of [`${year}-01-02`, `${year + 1}-01-01`]) {
    await one.fillProfile({ birth_date: mistyped });
    await date.getByText(t('fields.errors.birth_of_code', inCode)).waitFor();
    await screen.shows(t('profile.title'));
  }
  await screen.look('profile-birth-of-code');
  await one.fillProfile({ birth_date: `${year + 100}-01-01` });
  await date.getByText(t('fields.errors.minor', { age: age(3), year })).waitFor();
  await screen.shows(t('profile.title'));
  await screen.look('profile-birth-minor');
  await screen.field(t('fields.year')).fill(String(year));
  await date.getByText(`${age(103)}. ${t('profile.year_right', { year: year + 100 })}`).waitFor();
  await screen.press(t('fields.next'));
  await screen.shows(t('password.title'));
  await screen.close();
});

test('a day that only the registry may have right is doubted once, while the code is typed, and goes on', async () => {
  const of = person({ birth_date: '1951-03-05' });
  const one = await patient('birth-doubt', { look: false }, of);
  const { screen } = one;
  const { t, page } = screen;
  await one.begin();
  await one.toProfile();
  const doubt = t('fields.errors.birth_of_code_doubt', { date: '5/3/51' });
  const boxes = ['day', 'month', 'year'].map((part) => screen.field(t(`fields.${part}`)));
  for (const [index, text] of ['6', '3', '1951'].entries()) await boxes[index].fill(text);
  await page
    .getByText(t('relative.age.other', { count: new Date().getFullYear() - 1951 }))
    .or(page.getByText(t('relative.age.other', { count: new Date().getFullYear() - 1952 })))
    .waitFor();
  await screen.field(t('fields.codice_fiscale')).fill(of.codice_fiscale);
  await page.locator('#field-birth_date-live').getByText(doubt).waitFor();
  await screen.field(t('fields.codice_fiscale')).fill(codiceFiscale({ ...of, birth_date: '1951-03-06' }));
  assert.equal(await page.getByText(doubt).count(), 0, 'it agrees now');
  await one.fillProfile({ birth_date: '1951-03-06' });
  await page.locator('#field-birth_date-error').getByText(doubt).waitFor();
  await screen.shows(t('profile.title'));
  await screen.press(t('fields.next'));
  await screen.shows(t('password.title'));
  await screen.close();
});
