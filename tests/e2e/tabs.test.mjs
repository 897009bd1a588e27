// One browser, several tabs, two people: what a tab that was left open sends never reaches the account of who logged in since.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { Browser } from './lib/browser.mjs';
import { described, operationOf } from './lib/contract.mjs';
import { ROOT } from './lib/portal.mjs';
import { expect, newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { visitors } from './lib/visitors.mjs';

const browser = new Browser(portal);
before(() => browser.start());
after(() => browser.close());
const { patient } = visitors(browser, { steps, outbox });

const former = await steps.activate();
const now = await steps.activate();
await steps.publish(former, { title: 'Radiografia del torace' });
await steps.publish(now, { title: 'Esami del sangue' });
const nameOf = (of) => `${of.first_name} ${of.last_name}`;

const ofAccount = described.filter(({ security }) => security.some(({ session }) => session));
const bodyFor = (method) =>
  ['get', 'head'].includes(method) ? {} : { text: '{}', headers: { 'Content-Type': 'application/json' } };

/** What a change could have changed. */
const stateOf = async (of) =>
  Promise.all(
    ['/profile', '/patients', '/consents', '/sessions', `/patients/${of.patient.id}/documents`].map(
      async (path) => expect(await of.client.get(path), 200).json,
    ),
  );

test('every operation of an account is refused to the screen of another one, and nothing is changed', async () => {
  const state = await stateOf(now);
  for (const { name, method, path } of ofAccount) {
    const { headers, ...body } = bodyFor(method);
    const address = path.replace('{id}', now.patient.id).replace(/\{[^}]+\}/g, randomUUID());
    const answer = await now.client.request(method.toUpperCase(), address, {
      ...body,
      headers: { ...headers, 'Dossier-Account': former.account.id },
    });
    assert.equal(answer.status, 409, name);
    if (method !== 'head') assert.equal(answer.problem, 'account-changed', name);
  }
  const [profile, ...others] = await stateOf(now);
  const seen = (sessions) => sessions.map(({ last_seen_at, ...session }) => session);
  assert.deepEqual([profile, ...others.slice(0, 2), others[3]], [state[0], ...state.slice(1, 3), state[4]]);
  assert.deepEqual(seen(others[2].sessions), seen(state[3].sessions));
});

test('to its own screen it is open, and to who does not say', async () => {
  expect(await now.client.get('/profile', { headers: { 'Dossier-Account': now.account.id } }), 200);
  expect(await now.client.get('/profile'), 200);
  expect(
    await now.client.patch('/profile', { language: 'it' }, { headers: { 'Dossier-Account': now.account.id } }),
    200,
  );
  for (const wrong of ['', 'x', now.account.id.toUpperCase(), `${now.account.id} `.repeat(2)]) {
    expect(await now.client.get('/profile', { headers: { 'Dossier-Account': wrong } }), 409, 'account-changed');
  }
  expect(await newClient().get('/profile', { headers: { 'Dossier-Account': now.account.id } }), 401, 'unauthenticated');
});

const scripts = readdirSync(join(ROOT, 'htdocs/js'), { recursive: true })
  .filter((name) => name.endsWith('.js'))
  .map((name) => [name, readFileSync(join(ROOT, 'htdocs/js', name), 'utf8')]);

test('every changing call of the pages goes through the one place that says whose screen it is', () => {
  for (const [name, text] of scripts) {
    if (name !== 'api.js')
      assert.doesNotMatch(text.replaceAll('fetch(`/i18n/', ''), /\bfetch\(|XMLHttpRequest|sendBeacon|\.submit\(/, name);
  }
  const api = scripts.find(([name]) => name === 'api.js')[1];
  assert.equal(api.match(/\bfetch\(/g).length, api.match(/headers: headersOf\(/g).length);
  const methods = { post: 'POST', put: 'PUT', patch: 'PATCH', remove: 'DELETE' };
  const calls = scripts.flatMap(([name, text]) =>
    [...text.matchAll(/\b(post|put|patch|remove)\(\s*(?:'([^']+)'|`([^`]+)`)/g)].map(([, verb, plain, template]) => [
      name,
      methods[verb],
      plain ?? template.replace(/\$\{[^}]+\}/g, randomUUID()),
    ]),
  );
  assert.ok(calls.length >= 15, `only ${calls.length} changing calls found`);
  for (const [name, method, path] of calls)
    assert.ok(path[0] !== '/' || operationOf(method, path), `${name}: ${method} ${path}`);
});

/** One window in which `former` has opened the preferences, and a second tab of it. */
async function twoTabs(name, { told }) {
  const one = await patient(name, { look: false }, former);
  const { screen } = one;
  if (!told) await screen.page.addInitScript(() => delete window.BroadcastChannel);
  await one.enter('/#/profilo/avvisi');
  await screen.shows(screen.t('profile.alerts.title'));
  const second = await screen.tab();
  await second.page.context().clearCookies({ name: '__Host-dossier' }); // as after eight hours: the first tab does not know yet
  const other = Object.assign(Object.create(Object.getPrototypeOf(one)), one, { screen: second, of: now });
  await other.enter();
  await second.shows(second.t('dossier.title', { name: nameOf(now) }));
  return { screen, second };
}

/** The screen of who is logged in now, with the words for it, and nothing of the former. */
async function givesWay(screen) {
  await screen.page.getByText(screen.t('shell.other_account', { name: nameOf(now) })).waitFor();
  await screen.shows(screen.t('dossier.title', { name: nameOf(now) }));
  await screen.page.getByRole('link', { name: 'Esami del sangue' }).waitFor();
  assert.equal(await screen.page.getByText(former.last_name).count(), 0, 'nothing of the former stays');
}

test('a tab left open that was not told saves nothing into the other account, and shows it', async () => {
  const { screen } = await twoTabs('tab-untold', { told: false });
  const { t } = screen;
  await screen.field(t('languages.en')).check();
  await screen.field(t('profile.alerts.sms')).uncheck();
  await screen.press(t('profile.alerts.submit'));
  await givesWay(screen);
  const { profile } = expect(await now.client.get('/profile'), 200).json;
  assert.deepEqual([profile.language, profile.alerts.sms], ['it', true]);
  await screen.look('replaced');
  await screen.close();
});

test('a tab left open that only reads does not mix two people', async () => {
  const { screen } = await twoTabs('tab-reading', { told: false });
  await screen.page.evaluate(() => {
    location.hash = '#/profilo';
  });
  await givesWay(screen);
  await screen.close();
});

test('a login is told to the other tabs', async () => {
  const { screen, second } = await twoTabs('tab-told', { told: true });
  await givesWay(screen);
  const third = await screen.tab();
  await second.logOut();
  await screen.shows(screen.t('home.title'));
  await third.goto('/#/accedi');
  await third.shows(third.t('login.title'));
  const again = await patient('tab-again', { look: false }, former);
  Object.assign(again, { screen });
  await again.enter();
  await third.shows(third.t('dossier.title', { name: nameOf(former) })); // the login page of the other tab goes on by itself
  await screen.close();
});

test('what one person typed is not there for the next', async () => {
  const one = await patient('tab-drafts', { look: false }, former);
  const { screen } = one;
  const { t } = screen;
  await one.enter('/#/profilo/cellulare');
  await screen.shows(t('contact.mobile.title'));
  await screen.field(t('profile.mobile')).fill('333 7654321');
  await screen.goto('/#/profilo/familiari/nuovo');
  await screen.shows(t('relative.title_add'));
  await screen.field(t('profile.first_name')).fill('Ermenegilda');
  await screen.logOut();
  await screen.shows(t('home.title'));
  Object.assign(one, { of: now });
  await screen.goto('/#/accedi');
  await screen.shows(t('login.title'));
  assert.equal(await screen.field(t('login.login')).inputValue(), '');
  await one.logIn();
  await one.showsDossier();
  for (const [address, title, label] of [
    ['#/profilo/cellulare', 'contact.mobile.title', 'profile.mobile'],
    ['#/profilo/familiari/nuovo', 'relative.title_add', 'profile.first_name'],
  ]) {
    await screen.goto(`/${address}`);
    await screen.shows(t(title));
    assert.equal(await screen.field(t(label)).inputValue(), '', address);
  }
  await screen.close();
});
