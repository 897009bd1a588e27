// The dossier's pages beyond reading: the slip's QR code, searching, sharing, hiding, and what comes on paper only.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Browser, DESKTOP } from './lib/browser.mjs';
import { makeP7m } from './lib/pdf.mjs';
import { person } from './lib/people.mjs';
import { desk, expect, outbox, portal, steps, test } from './lib/suite.mjs';
import { visitors } from './lib/visitors.mjs';

const browser = new Browser(portal);
before(() => browser.start());
after(() => browser.close());
const { patient, insider } = visitors(browser, { steps, outbox });

test('the code of the slip is opened from its QR code, and waits through the registration', async () => {
  const one = await patient('slip', { look: false });
  const { screen, of } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await screen.goto(`/#/attiva/${of.activation_code.replaceAll('-', '')}`);
  await screen.shows(t('slip.title'));
  await page.getByText(of.activation_code).waitFor();
  assert.doesNotMatch(page.url(), new RegExp(of.activation_code.slice(0, 4)), 'the address no longer holds it');
  await screen.look('slip');
  await one.toProfile();
  await one.fillProfile();
  await one.fillPassword();
  await screen.shows(t('code.title'));
  await one.fillCode(await outbox.code(of.mobile));
  await screen.shows(t('activation.title'));
  await one.consent('activation.consent');
  await screen.shows(t('activation.title_code'));
  const code = screen.field(t('activation.code'));
  assert.equal(await code.inputValue(), of.activation_code);
  await code.fill('K7QF');
  await page.reload();
  await screen.shows(t('activation.title_code'));
  assert.equal(await code.inputValue(), 'K7QF', 'what was typed over it is kept');
  await screen.goto(`/#/attiva/${of.activation_code}`);
  await screen.press(one.name, 'link');
  await screen.shows(t('activation.title'));
  await screen.press(t('fields.next')); // the consent is there
  await screen.shows(t('activation.title_code'));
  assert.equal(await code.inputValue(), of.activation_code, 'until the slip is opened again');
  assert.equal(await screen.field(t('fields.codice_fiscale')).inputValue(), of.codice_fiscale);
  await screen.press(t('activation.submit'));
  await one.showsDossier();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0, 'a code that was used is forgotten');
  await screen.goto('/#/attiva/K7QF-2MXP');
  await page.getByText(t('slip.wrong.title')).waitFor();
  await page.getByText(t('slip.all_active')).waitFor();
  await screen.look('slip-wrong');
  await screen.close();
});

test('one report among many is found by its words and by its kind', async () => {
  const of = await steps.activate();
  await steps.publish(of, { title: 'Emocromo', author: 'Dr. Anna Verdi' });
  await steps.publish(of, { title: 'Radiografia del torace', type: 'radiology', author: 'Dr. Ugo Nèri' });
  for (let count = 0; count < 30; count++)
    await steps.publish(of, { title: 'Visita di controllo', type: 'outpatient', author: null });
  const one = await insider('search', { size: DESKTOP }, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const cards = () => page.locator('.card:visible');
  const finds = (count) =>
    page.waitForFunction(
      (wanted) => [...document.querySelectorAll('.card')].filter((card) => card.checkVisibility()).length === wanted,
      count,
    );
  const words = page.getByRole('searchbox');
  await finds(30);
  await words.fill('torace neri'); // on the second page, without its accent
  await finds(1);
  assert.match(await cards().innerText(), /Radiografia del torace/);
  await screen.look('dossier-search');
  await words.fill('');
  await finds(30);
  await page.getByLabel(t('search.type'), { exact: true }).selectOption('outpatient');
  await finds(30);
  await words.fill('emocromo');
  await finds(0);
  await screen.close();
});

test('a phone hands the report to its own share sheet, and keeps no copy', async () => {
  const of = await steps.activate();
  const report = await steps.publish(of, { title: 'Esami / del sangue' });
  const one = await patient('share', { look: false }, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await page.addInitScript(() => {
    navigator.canShare = ({ files }) => files.length === 1;
    navigator.share = async ({ files: [file] }) => {
      window.shared = { name: file.name, type: file.type, size: file.size };
    };
  });
  await one.enter(`/#/referto/${report.id}`);
  await screen.shows('Esami / del sangue');
  await screen.press(t('document.share'));
  await page.waitForFunction(() => window.shared);
  assert.deepEqual(await page.evaluate(() => window.shared), {
    name: 'Esami _ del sangue.pdf',
    type: 'application/pdf',
    size: report.bytes.length,
  });
  await screen.look('document-share');
  assert.deepEqual(await page.evaluate(() => caches.keys()), []);
  await screen.close();
});

test('what a browser does not hand on is not offered, and a slow line costs a second tap', async () => {
  const of = await steps.activate();
  const report = await steps.publish(of, { title: 'Esami del sangue' });
  const signed = await steps.publish(of, { title: 'Lettera di dimissione', bytes: makeP7m() });
  const one = await patient('share-some', { look: false }, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  await page.addInitScript(() => {
    window.asked = [];
    window.taps = 0;
    navigator.canShare = ({ files: [{ name, type }] }) =>
      window.asked.push(`${name} ${type}`) && type === 'application/pdf';
    navigator.share = async () => {
      if (++window.taps === 1) throw new DOMException('no longer the tap', 'NotAllowedError');
    };
  });
  await one.enter(`/#/referto/${signed.id}`);
  await screen.shows('Lettera di dimissione');
  assert.equal(await page.getByText(t('document.share')).count(), 0);
  assert.deepEqual(await page.evaluate(() => window.asked), ['referto.pdf.p7m application/pkcs7-mime']);
  await screen.goto(`/#/referto/${report.id}`);
  await screen.shows('Esami del sangue');
  const fetched = page.waitForRequest(/content/);
  await screen.press(t('document.share'));
  await fetched;
  await page.getByText(t('document.share_again', { button: t('document.share') })).waitFor();
  await screen.look('document-share-again');
  const again = [];
  page.on('request', (request) => again.push(request.url()));
  await screen.press(t('document.share'));
  await page.waitForFunction(() => window.taps === 2);
  assert.deepEqual(
    again.filter((url) => url.includes('content')),
    [],
    'not fetched twice',
  );
  await screen.close();
});

for (const shows of [true, false]) {
  test(`a browser that ${shows ? 'shows' : 'only saves'} PDFs`, async () => {
    const of = await steps.activate();
    const report = await steps.publish(of, { title: 'Esami del sangue' });
    const one = await patient(`viewer-${shows}`, { look: false }, of);
    const { screen } = one;
    await screen.page.addInitScript(
      (value) => Object.defineProperty(Navigator.prototype, 'pdfViewerEnabled', { get: () => value }),
      shows,
    );
    await one.enter(`/#/referto/${report.id}`);
    await screen.shows('Esami del sangue');
    assert.equal(await screen.page.getByText(screen.t('document.no_viewer')).count(), shows ? 0 : 1);
    await screen.look(`document-viewer-${shows}`);
    await screen.close();
  });
}

test('whose dossier is shown: the code of a relative leads to adding one', async () => {
  const one = await insider('relative-slip');
  const { screen } = one;
  const other = await steps.accept(person());
  await screen.goto(`/#/attiva/${other.activation_code}`);
  await screen.page.getByText(screen.t('slip.all_active')).waitFor();
  await screen.press(screen.t('relative.add'), 'link');
  await screen.shows(screen.t('relative.title_add'));
  await screen.close();
});

test('a report that was withdrawn while its page is open is promised no longer', async () => {
  const of = await steps.activate();
  const reports = [
    ['Esami del sangue', '#document-inline'],
    ['Visita di controllo', '#document-hide'],
  ];
  for (const report of reports) report.push(await steps.publish(of, { title: report[0] }));
  const one = await insider('withdrawn-open', {}, of);
  const { screen } = one;
  const { page } = screen;
  const left = () =>
    page
      .locator('#document-inline, #document-attachment, #document-share, #document-hide, .card-days, .preview-pdf')
      .count();
  for (const [title, button, report] of reports) {
    await screen.goto(`/#/referto/${report.id}`);
    await screen.shows(title);
    assert.ok((await left()) >= 4);
    expect(await desk.delete(`/integration/documents/${report.external_id}`), 200);
    await page.locator(button).click();
    await screen.alert().waitFor();
    assert.equal(await left(), 0);
    await screen.look('document-withdrawn-open');
  }
  await screen.close();
});

test('a report is put out of sight, and brought back with the password', async () => {
  const of = await steps.activate();
  await steps.publish(of, { title: 'Esami del sangue' });
  const one = await insider('hiding', {}, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const listed = () => page.locator('.card').getByText('Esami del sangue').count();
  await one.openDocument('Esami del sangue');
  await screen.press(t('hiding.hide'));
  await one.showsDossier();
  await page.getByText(t('hiding.hid', { title: 'Esami del sangue' })).waitFor();
  assert.equal(await listed(), 0);
  await screen.look('dossier-hiding');
  await screen.press(t('hiding.title'), 'link');
  await screen.shows(t('hiding.title'));
  for (const [password, text] of [
    ['non è questa la password', null],
    [of.password, 'Esami del sangue'],
  ]) {
    await screen.field(t('fields.your_password')).fill(password);
    await screen.press(t('hiding.submit'));
    if (text) await page.getByRole('heading', { name: text }).waitFor();
    else await page.locator('#field-password[aria-invalid="true"]').waitFor();
  }
  await screen.look('hiding-shown');
  await screen.press(t('hiding.show'));
  await one.showsDossier();
  assert.equal(await listed(), 1);
  await screen.close();
});

test('the reports of a visit are wanted on paper only, and online after all', async () => {
  const of = await steps.activate();
  const one = await insider('pickup', {}, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const stored = () =>
    portal.sql(`SELECT online_pickup FROM dossier_data.acceptance WHERE external_id = '${of.acceptance}'`);
  await screen.press(t('pickup.title'), 'link');
  await screen.shows(t('pickup.title'));
  const box = page.getByRole('checkbox');
  await box.uncheck();
  await page.getByText(t('pickup.what')).waitFor();
  assert.equal(stored(), 't', 'nothing has happened yet');
  await screen.look('pickup-ask');
  await screen.press(t('pickup.keep'));
  assert.ok(await box.isChecked());
  await box.uncheck();
  await screen.press(t('pickup.confirm'));
  await page.getByText(t('pickup.off')).waitFor();
  assert.equal(stored(), 'f');
  await screen.look('pickup-off');
  await box.check();
  await page.getByText(t('pickup.on')).waitFor();
  assert.equal(stored(), 't');
  await screen.close();
});

test('an empty dossier promises only what will come', async () => {
  const of = await steps.activate(await steps.register(person({ email: null })));
  const one = await insider('empty', {}, of);
  const { screen } = one;
  const { t, page } = { t: screen.t, page: screen.page };
  const texts = ['sms', 'mail', 'sms_and_mail', 'no_alerts', 'at_desk', 'some_at_desk'];
  /** Which of the texts stand there, once the first does. */
  const shown = async (...wanted) => {
    await page.reload();
    await page.getByText(t(`dossier.empty.${wanted[0]}`), { exact: true }).waitFor();
    const there = await page.locator('.empty p').allInnerTexts();
    assert.deepEqual(texts.filter((key) => there.includes(t(`dossier.empty.${key}`))).sort(), wanted.toSorted());
  };
  const alerts = (sms, mail) => of.client.patch('/profile', { alerts: { sms, mail } });
  const online = async (acceptance, online_pickup) => {
    const id = portal.sql(`SELECT id FROM dossier_data.acceptance WHERE external_id = '${acceptance}'`);
    expect(await of.client.put(`/patients/${of.patient.id}/acceptances/${id}`, { online_pickup }), 200);
  };

  await shown('sms');
  expect(await alerts(false, true), 200); // and there is no address
  await shown('no_alerts');
  await screen.look('dossier-empty-no-alerts');
  portal.sql(
    `UPDATE dossier_data.account SET email = 'p-${of.acceptance.toLowerCase()}@example.org' WHERE id = '${of.account.id}'`,
  );
  await shown('mail');
  expect(await alerts(true, true), 200);
  await shown('sms_and_mail');

  const first = of.acceptance;
  const { acceptance: second } = await steps.accept({ ...of });
  await online(first, false);
  await shown('some_at_desk', 'sms_and_mail');
  await online(second, false);
  await shown('at_desk');
  await screen.look('dossier-empty-at-desk');
  await online(first, true);
  await online(second, true);

  await steps.publish(of, { title: 'Esami del sangue' });
  const [{ id }] = (await of.client.get(`/patients/${of.patient.id}/documents`)).json.documents;
  expect(await of.client.put(`/documents/${id}/visibility`, { hidden: true }), 200);
  await shown('sms_and_mail');
  await page.getByRole('heading', { name: t('dossier.empty.title'), exact: true }).waitFor();
  await screen.close();
});
