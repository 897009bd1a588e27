// The pages of the account: profile, contacts, password, devices, relatives, consents, activity, export, leaving.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Browser, DESKTOP } from './lib/browser.mjs';
import { Patient } from './lib/patient.mjs';
import { makePdf } from './lib/pdf.mjs';
import { metadataOf, person } from './lib/people.mjs';
import { desk, newClient, outbox, portal, steps, test, expect } from './lib/suite.mjs';
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

const sixOther = (code) => String((Number(code) + 1) % 1e6).padStart(6, '0');

/** By the links of the page, from the profile. */
async function follow(screen, ...titles) {
  for (const title of titles) await screen.press(title, 'link');
}

async function toProfile(screen) {
  await (await screen.menu()).getByRole('link', { name: screen.t('profile.title') }).click();
  await screen.shows(screen.t('profile.title'));
}

test('a consent is taken back and given again, and with it the service', async () => {
  const one = await insider('consent');
  const { screen, of } = one;
  const { t } = screen;
  await toProfile(screen);
  await follow(screen, t('consent.title'));
  await screen.shows(t('consent.title'));
  await screen.page
    .locator('.card', { hasText: one.name })
    .getByRole('link', { name: t('consent.read') })
    .click();
  await screen.shows(t('consent.notices.dossier'));
  await screen.page.getByText(t('notice.version', { version: '2026-01', date: '1 gennaio 2026' })).waitFor();
  await screen.look('notice-again');
  await screen.press(t('consent.back'), 'link');
  await screen.shows(t('consent.title'));
  await screen.press(
    t('consent.withdraw_one', { title: t('consent.of', { title: t('consent.notices.dossier'), name: one.name }) }),
    'link',
  );
  await screen.shows(t('consent.title_withdraw'));
  await confirm(one, 'consent.withdraw', 'non è questa la password');
  await screen.page.locator('#field-password[aria-invalid="true"]').waitFor();
  await screen.look('consent-withdrawal-wrong');
  await confirm(one, 'consent.withdraw');
  await screen.shows(t('consent.title'));
  await screen.said(t('consent.withdrawn_now'));
  await screen.look('consent-withdrawn');
  await screen.goto(`/#/fascicolo/${of.patient.id}`);
  await screen.page.getByText(t('dossier.disabled.title')).waitFor();
  await screen.look('dossier-disabled');
  await follow(screen, t('leaving.enable.submit'));
  await screen.shows(t('leaving.enable.title'));
  await confirm(one, 'leaving.enable.submit');
  await screen.shows(t('consent.notices.dossier')); // first the consent
  await one.consent('consent.agree.dossier');
  await screen.shows(t('leaving.enable.title'));
  await confirm(one, 'leaving.enable.submit');
  await one.showsDossier();
  await screen.said(t('leaving.enable.done', { name: one.name }));
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
  await screen.shows(t('consent.due.title'));
  await screen.look('consent-due');
  await screen.goto('/#/profilo');
  await screen.shows(t('consent.due.title'));
  await one.consent('consent.agree.portal');
  await screen.shows(t('profile.title')); // on to where one wanted to go
  await screen.close();
});

test('the service is switched off and on', async () => {
  const one = await insider('leaving-service');
  const { screen, of } = one;
  const { t } = screen;
  await toProfile(screen);
  await follow(screen, t('leaving.title'), t('leaving.disable.submit'));
  await screen.shows(t('leaving.disable.title'));
  await confirm(one, 'leaving.disable.submit');
  await screen.shows(t('leaving.title'));
  await screen.said(t('leaving.disable.done', { name: one.name }));
  await screen.look('leaving-disabled');
  await follow(screen, t('leaving.enable.submit'));
  await confirm(one, 'leaving.enable.submit');
  await one.showsDossier();
  assert.equal(expect(await of.client.get('/patients'), 200).json.patients[0].dossier, 'active');
  await screen.close();
});

test('the reports are wiped, then the account is deleted', async () => {
  const of = await steps.activate();
  await steps.publish(of, { title: 'Esami del sangue' });
  const one = await insider('leaving-account', {}, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await toProfile(screen);
  await follow(screen, t('leaving.title'), t('leaving.documents.submit'));
  await screen.shows(t('leaving.documents.title'));
  await confirm(one, 'leaving.documents.submit');
  await screen.shows(t('leaving.title'));
  await screen.said(t('leaving.documents.done', { name: one.name }));
  assert.deepEqual(expect(await of.client.get(`/patients/${of.patient.id}/documents`), 200).json.documents, []);
  await follow(screen, t('leaving.account.submit'));
  await screen.shows(t('leaving.account.title'));
  await confirm(one, 'leaving.account.submit', 'non è questa la password');
  await page.locator('#field-password[aria-invalid="true"]').waitFor();
  await screen.look('leaving-account-wrong');
  await confirm(one, 'leaving.account.submit');
  await screen.shows(t('home.title'));
  await screen.said(t('leaving.account.done'));
  await screen.goto('/#/accedi');
  await one.logIn();
  await screen.alert().waitFor();
  await screen.close();
});

test('that others read the reports too is said before they are wiped, and to them afterwards', async () => {
  const [of, other] = [await steps.activate(), await steps.activate()];
  const child = person({ birth_date: '2018-01-01', mobile: of.mobile });
  const ids = [];
  for (const parent of [of, other]) {
    const slip = await steps.accept({ ...child, mobile: parent.mobile });
    const { id } = await steps.addRelative(parent, slip, 'parent');
    expect(await parent.client.post(`/patients/${id}/activation`, await steps.activationBody(slip)), 200);
    ids.push(id);
  }
  await steps.publish(child, { title: 'Esami del sangue' });
  const one = await insider('leaving-shared', {}, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const others = page.getByText(t('leaving.documents.others.one'));
  await screen.goto('/#/cancellazione/account');
  await screen.shows(t('leaving.account.title'));
  await page.getByText(t('leaving.account.relatives')).waitFor();
  assert.equal(
    await page.getByText(t('leaving.account.others')).count(),
    0,
    "the holder's own are read by nobody else",
  );
  await screen.goto(`/#/cancellazione/${of.patient.id}/referti`);
  await screen.shows(t('leaving.documents.title'));
  await page.getByText(t('leaving.documents.what', { name: one.name })).waitFor();
  assert.equal(await others.count(), 0);
  await screen.goto(`/#/cancellazione/${ids[0]}/referti`);
  await others.waitFor();
  await screen.look('leaving-others-read');
  await confirm(one, 'leaving.documents.submit');
  await screen.shows(t('leaving.title'));
  await screen.close();
  const two = await insider('leaving-shared-other', {}, other);
  await two.screen.goto('/#/attivita');
  await two.screen.shows(t('activity.title'));
  await two.screen.page.getByText(t('activity.done.documents_wiped_by_another')).waitFor();
  await two.screen.look('activity-wiped-by-another');
  await two.screen.close();
});

test('what happened is told, and everything is taken along', async () => {
  const of = await steps.activate();
  await steps.publish(of, { title: 'Esami del sangue' });
  await steps.publish(of, { title: 'Visita di controllo' });
  const [{ id: hidden }] = (await of.client.get(`/patients/${of.patient.id}/documents`)).json.documents;
  expect(await of.client.put(`/documents/${hidden}/visibility`, { hidden: true }), 200);
  const { activation_code } = await steps.accept();
  expect(
    await of.client.post(`/patients/${of.patient.id}/activation`, await steps.activationBody(of, { activation_code })),
    422,
    'activation-wrong',
  );
  const stranger = newClient();
  expect(
    await stranger.post('/session', { login: of.mobile, password: 'non è questa la password' }),
    401,
    'login-failed',
  );
  const corrected = await steps.publish(of, { title: 'Emocromo' });
  expect(await desk.publish(corrected.external_id, metadataOf(of, { title: 'Emocromo' }), makePdf()), 200);
  const one = await insider('activity', { size: DESKTOP }, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await one.openDocument('Esami del sangue');
  await toProfile(screen);
  await follow(screen, t('activity.title'));
  await screen.shows(t('activity.title'));
  for (const action of ['login', 'dossier_activated', 'document_published'])
    await page
      .getByText(t(`activity.done.${action}`), { exact: true })
      .first()
      .waitFor();
  assert.equal(
    await page.getByText(t('activity.done.other'), { exact: true }).count(),
    0,
    'every action has its words',
  );
  const line = (key, text) =>
    page
      .locator('.event')
      .filter({ hasText: t(key) })
      .filter({ hasText: text });
  await line('activity.corrected', 'Emocromo').waitFor();
  assert.equal(await line('activity.done.document_published', 'Emocromo').count(), 1, 'the first version');
  for (const notice of ['portal', 'dossier'])
    await line('activity.done.consent_given', t(`consent.notices.${notice}`)).waitFor();
  await line('activity.refused.dossier_activated', t('activity.actors.you')).waitFor();
  await line('activity.refused.login', t('activity.from', { address: stranger.address })).waitFor();
  const where = (await page.locator('.event').allInnerTexts()).filter((text) => /\d+\.\d+\.\d+\.\d+/.test(text));
  assert.equal(where.length, 1, `an address only where it helps: ${where.join(' | ')}`);
  assert.equal(await page.getByText('Visita di controllo').count(), 0, 'what is hidden stays so');
  await screen.look('activity-full');
  await line('activity.done.document_read', 'Esami del sangue').getByRole('link', { name: 'Esami del sangue' }).click();
  await screen.shows('Esami del sangue');
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
  await screen.press(t('relative.add'));
}

test('a relative: not known at the desk, known, activated, switched to, taken away', async () => {
  const one = await insider('relative');
  const { screen, of } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const child = minor(of);
  const name = `${child.first_name} ${child.last_name}`;
  await toProfile(screen);
  await follow(screen, t('relative.add'));
  await screen.shows(t('relative.title_add'));
  await fillRelative(screen, child, 'delegate');
  await page.getByText(t('fields.errors.delegate_of_minor')).first().waitFor();
  await screen.look('relative-role');
  await fillRelative(screen, { ...child, birth_date: child.birth_date.replace('-05', '-06') }, 'parent');
  await page
    .locator('#field-birth_date-error')
    .getByText(t('fields.errors.birth_of_code_doubt', { date: `5/3/${child.birth_date.slice(2, 4)}` }))
    .waitFor();
  await fillRelative(screen, child, 'parent');
  await page.getByText(t('relative.other_way.title')).waitFor();
  assert.equal(await page.locator('.callout').count(), 1, 'told once');
  assert.equal(await page.locator('#relative-register').count(), 0, 'a minor does not register alone');
  await screen.look('relative-not-at-desk');
  await steps.accept(child);
  await screen.press(t('relative.add'));
  await screen.shows(t('activation.title'));
  await page.getByText(t('shell.acting', { name })).waitFor();
  await screen.look('relative-activation');
  await screen.goto(`/#/fascicolo/${of.patient.id}`);
  await one.showsDossier();
  assert.equal(await page.locator('.acting').count(), 0);
  await (await screen.people()).locator('.person', { hasText: name }).getByText(t('dossier.to_activate')).waitFor();
  await screen.look('dossier-to-activate');
  await page.locator('.person', { hasText: name }).click();
  await follow(screen, t('activation.title'));
  await screen.shows(t('activation.title'));
  await one.consent('activation.consent');
  await screen.shows(t('activation.title_code'));
  await screen.field(t('fields.codice_fiscale')).fill(child.codice_fiscale);
  await screen.field(t('activation.code')).fill(child.activation_code);
  await screen.press(t('activation.submit'));
  await screen.shows(t('dossier.title', { name }));
  await page.getByText(t('shell.acting', { name })).waitFor();
  await screen.look('dossier-people');
  for (const path of ['nascosti', 'visite']) {
    await screen.goto(
      `/#/fascicolo/${(await of.client.get('/patients')).json.patients.find(({ relation }) => relation === 'relative').id}/${path}`,
    );
    await page.getByText(t('shell.acting', { name })).waitFor();
  }
  const { id } = await steps.publish(child);
  await screen.goto(`/#/referto/${id}`);
  await page.getByText(t('shell.acting', { name })).waitFor();
  await screen.look('document-of-relative');
  await screen.press(t('document.back'), 'link');
  await screen.shows(t('dossier.title', { name }));
  await (await screen.people()).getByText(one.name).click();
  await one.showsDossier();
  await toProfile(screen);
  await page.getByText(`${t('relative.is.parent')} · `).waitFor();
  await screen.look('profile-relative');
  await follow(screen, t('relative.title_remove', { name }));
  await screen.shows(t('relative.title_remove', { name }));
  await screen.look('relative-removal');
  await screen.press(t('relative.remove'));
  await screen.shows(t('profile.title'));
  await screen.said(t('relative.removed', { name }));
  assert.equal(await page.locator('.part').getByText(name).count(), 0);
  await screen.close();
});

test('a new mobile number: the password, a wrong code, the right one', async () => {
  const one = await insider('contact-mobile');
  const { screen, of } = one;
  const { t } = screen;
  const { mobile } = person();
  await steps.accept({ ...of, mobile }); // codes leave only to numbers that the desk has
  await toProfile(screen);
  await follow(screen, t('profile.mobile'));
  await screen.shows(t('contact.mobile.title'));
  await screen.field(t('profile.mobile')).fill(mobile.replace('+39', ''));
  await confirm(one, 'contact.submit');
  await screen.shows(t('code.title'));
  await screen.look('contact-mobile-code');
  await screen.page.reload(); // the phone drops the page while the SMS is read
  await screen.shows(t('code.title'));
  const code = await outbox.code(mobile);
  await screen.field(t('contact.mobile.code')).fill(sixOther(code));
  await screen.press(t('code.submit'));
  await screen.alert().waitFor();
  await screen.field(t('contact.mobile.code')).fill(code);
  await screen.press(t('code.submit'));
  await screen.shows(t('profile.title'));
  await screen.said(t('contact.mobile.done'));
  await screen.page.getByText(mobile).waitFor();
  await screen.logOut();
  await screen.shows(t('home.title'));
  await screen.goto('/#/accedi');
  await one.logIn(mobile);
  await one.showsDossier();
  assert.notEqual(mobile, of.mobile);
  await screen.close();
});

test('an e-mail that was only written down is confirmed with a code', async () => {
  const one = await insider('contact-confirmed');
  const { screen, of } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await toProfile(screen);
  await page.getByText(t('contact.confirm.due')).waitFor();
  await screen.look('profile-email-to-confirm');
  await follow(screen, t('contact.confirm.title'));
  await screen.shows(t('contact.confirm.title'));
  await screen.look('contact-confirm');
  await confirm(one, 'contact.confirm.submit');
  await screen.shows(t('code.title'));
  const message = await outbox.next({ to: of.email, channel: 'mail', template: 'email_code' });
  await page.reload(); // the phone drops the page while the mail is read
  await screen.shows(t('code.title'));
  await screen.field(t('contact.email.code')).fill(/\b(\d{6})\b/.exec(message.text)[1]);
  await screen.press(t('code.submit'));
  await screen.shows(t('profile.title'));
  await screen.said(t('contact.confirm.done'));
  assert.equal(await page.getByText(t('contact.confirm.due')).count(), 0);
  await screen.goto('/#/profilo/email/conferma'); // there is nothing to confirm any more
  await screen.shows(t('profile.title'));
  await screen.close();
});

test('another e-mail address, and none', async () => {
  const one = await insider('contact-email');
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const { email } = person();
  await toProfile(screen);
  await follow(screen, t('profile.email'));
  await page.locator('#field-email').fill(email);
  await confirm(one, 'contact.submit');
  await screen.shows(t('code.title'));
  await screen.look('contact-email-code');
  const message = await outbox.next({ to: email, channel: 'mail' });
  const [, code] = /\b(\d{6})\b/.exec(message.text);
  await screen.field(t('contact.email.code')).fill(code);
  await screen.press(t('code.submit'));
  await screen.said(t('contact.email.done'));
  await page.getByText(email).waitFor();
  await follow(screen, t('profile.email'), t('contact.remove.submit'));
  await screen.shows(t('contact.remove.title'));
  await confirm(one, 'contact.remove.submit');
  await screen.shows(t('profile.title'));
  await page.getByText(t('contact.email.none')).waitFor();
  await screen.close();
});

test('a new password closes the other devices; one that is not known is closed by hand', async () => {
  const one = await insider('password');
  const { screen, of } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const other = newClient();
  const logIn = async (client) =>
    expect(await client.post('/session', { login: of.mobile, password: of.password }), 200);
  await logIn(other);
  await toProfile(screen);
  await follow(screen, t('session.title'));
  await screen.shows(t('session.title'));
  await screen.look('session-several');
  await page
    .getByRole('button', { name: t('session.close'), exact: true })
    .first()
    .click();
  await screen.said(t('session.closed'));
  await toProfile(screen);
  await follow(screen, t('password.change.title'));
  await screen.field(t('password.change.old')).fill('non è questa la password');
  await screen.field(t('password.label')).fill('cinque gatti sotto il letto');
  await screen.press(t('password.change.submit'));
  await screen.alert().waitFor();
  await screen.look('password-wrong');
  await screen.field(t('password.change.old')).fill(of.password);
  await screen.press(t('password.change.submit'));
  await screen.shows(t('profile.title'));
  await screen.said(t('password.change.done'));
  expect(await other.get('/patients'), 401);
  expect(await of.client.get('/patients'), 401);
  await screen.close();
});

test('alerts and the language of the messages', async () => {
  const one = await insider('profile-alerts');
  const { screen, of } = one;
  const { t } = screen;
  await toProfile(screen);
  await follow(screen, t('profile.alerts.title'));
  await screen.field(t('profile.alerts.sms')).uncheck();
  await screen.field(t('languages.en')).check();
  await screen.press(t('profile.alerts.submit'));
  await screen.said(t('profile.alerts.done'));
  const { profile } = expect(await of.client.get('/profile'), 200).json;
  assert.deepEqual([profile.language, profile.alerts.sms, profile.alerts.mail], ['en', false, true]);
  await screen.close();
});

test('a forgotten password', async () => {
  const of = await steps.activate();
  const one = await patient('reset', { look: false }, of);
  const { screen } = one;
  const { t } = screen;
  portal.age.sends(of.mobile, '61 seconds');
  await screen.goto('/#/accedi');
  await screen.press(t('password.reset.title'), 'link');
  await screen.shows(t('password.reset.title'));
  await screen.field(t('login.login')).fill(of.mobile);
  await screen.press(t('password.reset.submit'));
  await screen.shows(t('password.reset.title_code'));
  await screen.look('password-reset-code');
  await screen.field(t('password.reset.code')).fill(await outbox.code(of.mobile));
  await screen.field(t('password.label')).fill('cinque gatti sotto il letto');
  await screen.press(t('password.reset.submit_new'));
  await screen.shows(t('login.title'));
  await screen.said(t('password.reset.done'));
  await one.logIn(of.mobile, 'cinque gatti sotto il letto');
  await one.showsDossier();
  await screen.close();
});

test('a forgotten password whose codes strangers have used up: with the codice fiscale one comes in all the same', async () => {
  const of = await steps.activate();
  const one = await patient('password-reset-no-stranger', { look: false }, of);
  const { screen } = one;
  const { t } = screen;
  const { id } = expect(await newClient().post('/password-resets', { login: of.mobile }), 202).json;
  portal.age.useUp(id);
  await outbox.code(of.mobile);
  await screen.goto('/#/password');
  await screen.field(t('login.login')).fill(of.mobile);
  await screen.press(t('password.reset.submit'));
  await screen.press(t('no_stranger.way'), 'link');
  await screen.shows(t('no_stranger.password.title'));
  await screen.look('password-reset-no-stranger');
  assert.equal(await screen.field(t('login.login')).inputValue(), of.mobile, 'what was typed is still there');
  await screen.field(t('fields.codice_fiscale')).fill(of.codice_fiscale);
  await screen.press(t('password.reset.submit'));
  await screen.shows(t('password.reset.title_code'));
  await outbox.code(of.mobile);
  await screen.close();
});

test('a forgotten password of a number that the desk has noted for another person too: the code page leads to the codice fiscale', async () => {
  const of = await steps.activate();
  await steps.accept(person({ mobile: of.mobile }));
  const one = await patient('password-reset-shared', { look: false }, of);
  const { screen } = one;
  const { t } = screen;
  portal.age.sends(of.mobile, '61 seconds');
  await screen.goto('/#/password');
  await screen.field(t('login.login')).fill(of.mobile);
  await screen.press(t('password.reset.submit'));
  await screen.shows(t('password.reset.title_code'));
  await screen.press(t('password.reset.shared_way'), 'link');
  await screen.shows(t('no_stranger.password.title'));
  assert.equal(await screen.field(t('login.login')).inputValue(), of.mobile, 'what was typed is still there');
  await screen.field(t('fields.codice_fiscale')).fill(of.codice_fiscale);
  await screen.press(t('password.reset.submit'));
  await screen.shows(t('password.reset.title_code'));
  await screen.field(t('password.reset.code')).fill(await outbox.code(of.mobile));
  await screen.field(t('password.label')).fill('sei gatti dietro la porta');
  await screen.press(t('password.reset.submit_new'));
  await screen.shows(t('login.title'));
  await one.logIn(of.mobile, 'sei gatti dietro la porta');
  await one.showsDossier();
  await screen.close();
});

test('a relative with another mobile: told once, and led to an account of their own with what was typed', async () => {
  const one = await insider('relative-elsewhere');
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const relative = await steps.accept();
  await screen.goto('/#/profilo/familiari/nuovo');
  await screen.shows(t('relative.title_add'));
  await fillRelative(screen, relative, 'delegate');
  await page.getByText(t('relative.other_way.title')).waitFor();
  assert.equal(await page.locator('.callout').count(), 1, 'told once');
  await screen.look('relative-elsewhere');
  await screen.press(t('relative.other_way.register'));
  await screen.shows(t('registration.title'));
  assert.equal((await one.of.client.get('/session')).status, 200, 'only this browser has logged out');
  await new Patient({ screen, of: relative, steps, outbox, look: false }).consent();
  await screen.shows(t('profile.title'));
  assert.equal(await screen.field(t('profile.first_name')).inputValue(), relative.first_name);
  assert.equal(await screen.field(t('fields.codice_fiscale')).inputValue(), relative.codice_fiscale);
  assert.equal(await page.locator('#field-mobile').inputValue(), '');
  await screen.close();
});
