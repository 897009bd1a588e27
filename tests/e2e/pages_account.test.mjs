// The pages of the account: profile, contacts, password, devices, relatives, consents, activity, export, cancellation.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Browser, DESKTOP } from './lib/browser.mjs';
import { person } from './lib/people.mjs';
import { newClient, outbox, portal, steps, test, expect } from './lib/suite.mjs';
import { standIn } from './lib/stand_in.mjs';
import { downloaded, visitors } from './lib/visitors.mjs';

const browser = new Browser(portal);
before(() => browser.start());
after(() => browser.close());
const { patient, insider } = visitors(browser, { steps, outbox });

/** Types the password where it is asked again, and presses. */
async function confirm(one, key, password = one.of.password) {
  const { screen } = one;
  await screen.field(screen.t('fields.your_password')).fill(password);
  await screen.press(screen.t(key));
}

const said = (screen, text) => screen.page.locator('main [role="status"]').getByText(text).waitFor();

/** By the links of the page, from the profile. */
async function follow(screen, ...titles) {
  for (const title of titles) await screen.press(title, 'link');
}

async function toProfile(screen) {
  await standIn(screen.page);
  await screen.page.locator('#account').getByRole('link', { name: screen.t('profile.title') }).click();
  await screen.shows(screen.t('profile.title'));
}

test('a consent is taken back and given again, and with it the service', async () => {
  const one = await insider('consents');
  const { screen, of } = one;
  const { t } = screen;
  await toProfile(screen);
  await follow(screen, t('consents.title'));
  await screen.shows(t('consents.title'));
  await screen.press(t('consents.withdraw_one', { title: t('consents.of', { title: t('consents.notices.dossier'), name: one.name }) }), 'link');
  await screen.shows(t('consents.title_withdraw'));
  await confirm(one, 'consents.withdraw', 'non è questa la password');
  await screen.page.locator('#field-password[aria-invalid="true"]').waitFor();
  await screen.look('consent-withdrawal-wrong');
  await confirm(one, 'consents.withdraw');
  await screen.shows(t('consents.title'));
  await said(screen, t('consents.withdrawn_now'));
  await screen.look('consents-withdrawn');
  await screen.goto(`/#/fascicolo/${of.patient.id}`);
  await screen.page.getByText(t('dossier.disabled.title')).waitFor();
  await screen.look('dossier-disabled');
  await follow(screen, t('cancellation.enable.submit'));
  await screen.shows(t('cancellation.enable.title'));
  await confirm(one, 'cancellation.enable.submit');
  await screen.shows(t('consents.notices.dossier')); // first the consent
  await one.consent('consents.agree.dossier');
  await screen.shows(t('cancellation.enable.title'));
  await confirm(one, 'cancellation.enable.submit');
  await one.showsDossier();
  await said(screen, t('cancellation.enable.done', { name: one.name }));
  await screen.close();
});

test('a notice that changed is asked for at the login, before anything else', async () => {
  const of = await steps.activate();
  const { consents } = expect(await of.client.get('/consents'), 200).json;
  const { id } = consents.find(({ notice }) => notice === 'portal');
  expect(await of.client.post(`/consents/${id}/withdrawal`, { password: of.password }), 200);
  const one = await patient('due', { look: false }, of);
  const { screen } = one;
  const { t } = screen;
  await one.enter();
  await screen.shows(t('consents.due.title'));
  await screen.look('consent-due');
  await standIn(screen.page);
  await screen.goto('/#/profilo');
  await screen.shows(t('consents.due.title'));
  await one.consent('consents.agree.portal');
  await screen.shows(t('profile.title')); // on to where one wanted to go
  await screen.close();
});

test('the service is switched off and on', async () => {
  const one = await insider('service');
  const { screen, of } = one;
  const { t } = screen;
  await toProfile(screen);
  await follow(screen, t('cancellation.title'), t('cancellation.disable.submit'));
  await screen.shows(t('cancellation.disable.title'));
  await confirm(one, 'cancellation.disable.submit');
  await screen.shows(t('cancellation.title'));
  await said(screen, t('cancellation.disable.done', { name: one.name }));
  await screen.look('cancellation-disabled');
  await follow(screen, t('cancellation.enable.submit'));
  await confirm(one, 'cancellation.enable.submit');
  await one.showsDossier();
  assert.equal(expect(await of.client.get('/patients'), 200).json.patients[0].dossier, 'active');
  await screen.close();
});
