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

test('the reports are wiped, then the account is deleted', async () => {
  const of = await steps.activate();
  await steps.publish(of, { title: 'Esami del sangue' });
  const one = await insider('deletion', {}, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await toProfile(screen);
  await follow(screen, t('cancellation.title'), t('cancellation.wipe.submit'));
  await screen.shows(t('cancellation.wipe.title'));
  await confirm(one, 'cancellation.wipe.submit');
  await screen.shows(t('cancellation.title'));
  await said(screen, t('cancellation.wipe.done', { name: one.name }));
  assert.deepEqual(expect(await of.client.get(`/patients/${of.patient.id}/documents`), 200).json.documents, []);
  await follow(screen, t('cancellation.account.submit'));
  await screen.shows(t('cancellation.account.title'));
  await confirm(one, 'cancellation.account.submit', 'non è questa la password');
  await page.locator('#field-password[aria-invalid="true"]').waitFor();
  await screen.look('account-deletion-wrong');
  await confirm(one, 'cancellation.account.submit');
  await screen.shows(t('home.title'));
  await said(screen, t('cancellation.account.done'));
  await screen.goto('/#/accedi');
  await one.logIn();
  await screen.alert().waitFor();
  await screen.close();
});

test('what happened is told, and everything is taken along', async () => {
  const of = await steps.activate();
  await steps.publish(of, { title: 'Esami del sangue' });
  const one = await insider('activity', { size: DESKTOP }, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await one.openDocument('Esami del sangue');
  await toProfile(screen);
  await follow(screen, t('activity.title'));
  await screen.shows(t('activity.title'));
  for (const action of ['login', 'dossier_activated', 'document_published']) await page.getByText(t(`activity.actions.${action}`), { exact: true }).first().waitFor();
  assert.equal(await page.getByText(t('activity.actions.other'), { exact: true }).count(), 0, 'every action has its words');
  await screen.look('activity-full');
  await toProfile(screen);
  await follow(screen, t('export.title'));
  await screen.shows(t('export.title'));
  const { name, bytes } = await downloaded(screen, () => screen.press(t('export.submit'), 'link'));
  assert.match(name, /\.zip$/);
  assert.equal(bytes.subarray(0, 2).toString(), 'PK');
  await screen.look('export-begun');
  await screen.close();
});

const minor = (of) => person({ birth_date: `${new Date().getFullYear() - 6}-03-05`, mobile: of.mobile });

/** Fills in who the relative is. */
async function fillRelative(screen, of, role) {
  const { t, page } = { t: screen.t, page: screen.page };
  const [year, month, day] = of.birth_date.split('-');
  for (const [label, text] of [
    ['profile.first_name', of.first_name],
    ['profile.last_name', of.last_name],
    ['fields.day', day],
    ['fields.month', month],
    ['fields.year', year],
    ['profile.birth_place', of.birth_place],
    ['fields.codice_fiscale', of.codice_fiscale],
  ]) {
    await screen.field(t(label)).fill(text);
  }
  await page.locator(`input[name="role"][value="${role}"]`).check();
  await screen.press(t('relatives.add'));
}

test('a relative: not known at the desk, known, activated, switched to, taken away', async () => {
  const one = await insider('relative');
  const { screen, of } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const child = minor(of);
  const name = `${child.first_name} ${child.last_name}`;
  await toProfile(screen);
  await follow(screen, t('relatives.add'));
  await screen.shows(t('relatives.title_add'));
  await fillRelative(screen, child, 'delegate');
  await page.getByText(t('fields.errors.delegate_of_minor')).first().waitFor();
  await screen.look('relative-role');
  await fillRelative(screen, child, 'parent');
  await page.getByText(t('relatives.other_way.title')).waitFor();
  await screen.look('relative-not-at-desk');
  await steps.accept(child);
  await screen.press(t('relatives.add'));
  await screen.shows(t('activation.title'));
  await screen.look('relative-activation');
  await one.consent('activation.consent');
  await screen.shows(t('activation.title_code'));
  await screen.field(t('fields.codice_fiscale')).fill(child.codice_fiscale);
  await screen.field(t('activation.code')).fill(child.activation_code);
  await screen.press(t('activation.submit'));
  await screen.shows(t('dossier.title', { name }));
  await screen.look('dossier-people');
  await page.getByRole('navigation', { name: t('dossier.people') }).getByText(one.name).click();
  await one.showsDossier();
  await toProfile(screen);
  await screen.look('profile-relatives');
  await follow(screen, t('relatives.title_remove', { name }));
  await screen.shows(t('relatives.title_remove', { name }));
  await screen.look('relative-removal');
  await screen.press(t('relatives.remove'));
  await screen.shows(t('profile.title'));
  await said(screen, t('relatives.removed', { name }));
  assert.equal(await page.locator('.part').getByText(name).count(), 0);
  await screen.close();
});
