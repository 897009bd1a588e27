// What the operator tells everybody on every screen: set, shown, read out, and taken away again.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Browser } from './lib/browser.mjs';
import { expect, newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { visitors } from './lib/visitors.mjs';

const browser = new Browser(portal);
before(() => browser.start());
after(() => browser.close());
const { insider } = visitors(browser, { steps, outbox });

const IT = "Oggi i referti arrivano in ritardo: ce ne scusiamo, l'attesa è < 3 ore.";
const EN = 'Today the reports are late.';
const suzzara = newClient({ host: 'citta-di-suzzara.localhost' });
const operate = (...words) => {
  const { status, said } = portal.operator('banner', ...words);
  assert.equal(status, 0, said);
  return said;
};
const set = (...words) => operate('add', IT, EN, 'tomorrow 00:00', ...words);
const of = async (client = newClient()) => expect(await client.get('/banners'), 200).json.banners;

test('there is none, the operator sets one for all, and takes it away', async () => {
  assert.deepEqual(await of(), []);
  set();
  const [banner, ...others] = await of();
  assert.deepEqual([banner.it, banner.en, others], [IT, EN, []]);
  assert.ok(new Date(banner.ends_at) > new Date(), 'midnight of Italy');
  assert.equal(
    new Intl.DateTimeFormat('it-IT', { timeZone: 'Europe/Rome', timeStyle: 'short' }).format(new Date(banner.ends_at)),
    '00:00',
  );
  assert.deepEqual(await of(suzzara), [banner]);
  assert.ok(operate('list').includes(EN), 'it is listed');
  operate('remove');
  assert.deepEqual(await of(), []);
});

test('one facility has its own, seen on its site alone', async () => {
  set('--facility', 'citta-di-suzzara');
  assert.deepEqual(await of(), []);
  assert.equal((await of(suzzara)).length, 1);
  operate('remove', '--facility', 'citta-di-suzzara');
  assert.deepEqual(await of(suzzara), []);
});

test('the answer may be kept for a minute, by the browser alone', async () => {
  const answer = expect(await newClient().get('/banners'), 200);
  assert.equal(answer.headers['cache-control'], 'private, max-age=60');
});

test('what is no banner is refused with what to do', () => {
  for (const [words, because] of [
    [['add', IT, EN, 'yesterday'], /a time to come/],
    [['add', IT, EN, 'soon'], /invalid input syntax/],
    [['add', IT, EN], /UNTIL is missing/],
    [['add', IT, '<i>late</i>', 'tomorrow'], /plain text/],
    [['add', IT, EN, 'tomorrow', '--facility', 'nowhere'], /no facility "nowhere"/],
    [['remove'], /no banner is shown/],
  ]) {
    const { status, said } = portal.operator('banner', ...words);
    assert.notEqual(status, 0, words.join(' '));
    assert.match(said, because);
  }
});

test('it stands on every screen, before the login and after it, in the language of the page, and is read out once', async () => {
  set();
  try {
    const one = await insider('banner');
    const { screen } = one;
    const banners = screen.page.locator('#banners[role="status"]');
    const node = await banners.getByText(IT, { exact: true }).elementHandle();
    await screen.look('dossier');
    await (await screen.menu()).getByRole('link', { name: screen.t('profile.title') }).click();
    await screen.shows(screen.t('profile.title'));
    assert.ok(await node.evaluate((element) => element.isConnected), 'not written anew with the next screen');
    await (await screen.menu()).getByRole('button', { name: 'English' }).click();
    screen.speak('en');
    await banners.getByText(EN, { exact: true }).waitFor();
    await screen.logOut();
    await screen.shows(screen.t('home.title'));
    await banners.getByText(EN, { exact: true }).waitFor();
    await screen.close();
  } finally {
    operate('remove');
  }
});

test('it goes when its time is over, though nobody touches the page', async () => {
  set();
  const screen = await browser.open('banner-end');
  await screen.page.clock.install();
  await screen.goto();
  await screen.page.getByText(IT, { exact: true }).waitFor();
  await screen.page.clock.fastForward('24:00:01');
  await screen.page.getByText(IT, { exact: true }).waitFor({ state: 'detached' });
  await screen.close();
  operate('remove');
});

test('who only looks for news is not kept logged in by it', async () => {
  set();
  const one = await insider('banner-session');
  const cookies = [];
  one.screen.page.on('request', async (request) => {
    if (request.url().endsWith('/banners')) cookies.push((await request.allHeaders()).cookie);
  });
  await one.screen.page.reload();
  await one.screen.page.locator('#banners').getByText(IT, { exact: true }).waitFor();
  operate('remove');
  assert.deepEqual(cookies, [undefined]);
  await one.screen.close();
});
