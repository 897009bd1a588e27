// Every screen, in every language, light and dark, on a phone, a desktop and in 320 px: accessible, wide enough, in words, and
// kept as a picture. And what the pages weigh, how they install, and what their headers forbid.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Browser, DESKTOP, NARROW, PHONE } from './lib/browser.mjs';
import { newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { visitors } from './lib/visitors.mjs';

const browser = new Browser(portal);
before(() => browser.start());
after(() => browser.close());
const { patient, insider } = visitors(browser, { steps, outbox });

/** [name, address, key of the title] of each screen that needs no login. */
const OPEN = [
  ['home', '/', 'home.title'],
  ['login', '/accedi', 'login.title'],
  ['password-reset', '/password', 'password.reset.title'],
  ['privacy', '/privacy', 'privacy.title'],
  ['registration', '/registrati', 'registration.title'],
  ['slip', '/attiva/K7QF2MXP94TD8', 'slip.title'],
];

/** And of each behind the login. */
const INNER = ({ patient: { id }, report, first_name, last_name }) => [
  ['dossier', `/fascicolo/${id}`, (t) => t('dossier.title', { name: `${first_name} ${last_name}` })],
  ['document', `/referto/${report}`, () => 'Esame istologico'],
  ['hiding', `/fascicolo/${id}/nascosti`, 'hiding.title'],
  ['pickup', `/fascicolo/${id}/visite`, 'pickup.title'],
  ['profile', '/profilo', 'profile.title'],
  ['session', '/profilo/accessi', 'session.title'],
  ['profile-alerts', '/profilo/avvisi', 'profile.alerts.title'],
  ['contact-mobile', '/profilo/cellulare', 'contact.mobile.title'],
  ['contact-email', '/profilo/email', 'contact.email.title'],
  ['contact-confirmation', '/profilo/email/conferma', 'contact.confirm.title'],
  ['contact-removal', '/profilo/email/togli', 'contact.remove.title'],
  ['relative-add', '/profilo/familiari/nuovo', 'relative.title_add'],
  ['password-change', '/profilo/password', 'password.change.title'],
  ['activity', '/attivita', 'activity.title'],
  ['export', '/esporta', 'export.title'],
  ['consent', '/consensi', 'consent.title'],
  ['leaving', '/cancellazione', 'leaving.title'],
  ['leaving-service', `/cancellazione/${id}/servizio`, 'leaving.disable.title'],
  ['leaving-documents', `/cancellazione/${id}/referti`, 'leaving.documents.title'],
  ['leaving-account', '/cancellazione/account', 'leaving.account.title'],
  ['missing', '/niente', 'failure.missing.title'],
];

async function to(screen, [, address, title]) {
  await screen.goto(`/#${address}`);
  await screen.shows(typeof title === 'function' ? title(screen.t) : screen.t(title));
}

async function visit(screen, entry, dark) {
  const [name] = entry;
  await to(screen, entry);
  await screen.look(name);
  if (!dark) return;
  await screen.page.emulateMedia({ colorScheme: 'dark' });
  await screen.look(`${name}-dark`);
  await screen.page.emulateMedia({ colorScheme: 'light' });
}

let shown; // whose dossier all languages look at
async function somebody() {
  if (shown) return shown;
  shown = await steps.activate();
  for (const title of ['Esami del sangue', 'Visita cardiologica', 'Lettera di dimissione', 'Esame istologico'])
    shown.report = (await steps.publish(shown, { title })).id;
  return shown;
}

for (const [language, size, dark] of [
  ['it', PHONE, true],
  ['en', DESKTOP, false],
  ['de', NARROW, false],
  ['ar', PHONE, false],
]) {
  test(`every screen in ${language}${dark ? ', dark too' : ''}`, async () => {
    const of = await somebody();
    const one = await patient(`screen-${language}`, { language, size, look: false }, of);
    const { screen } = one;
    await screen.goto('/#/privacy');
    for (const entry of OPEN) await visit(screen, entry, dark);
    await screen.page.evaluate(() => sessionStorage.clear());
    await screen.page.goto('about:blank'); // the code of a slip waits in the page too
    await one.enter();
    await one.showsDossier();
    for (const entry of INNER(of)) await visit(screen, entry, dark);
    await screen.close();
  });
}

/** What comes over the wire, in bytes, headers included. */
async function scale(page) {
  const devtools = await page.context().newCDPSession(page);
  let bytes = 0;
  await devtools.send('Network.enable');
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  return () => {
    const weighed = bytes;
    bytes = 0;
    return weighed;
  };
}

test('the login page weighs less than 150 kB on the wire, each later one less than 20 kB', async () => {
  const of = await somebody();
  const one = await patient('weight', { look: false }, of);
  const { screen } = one;
  const { page } = screen;
  const weigh = await scale(page);
  await screen.goto('/#/accedi');
  await page.waitForLoadState('networkidle');
  const first = weigh();
  await one.logIn();
  await one.showsDossier();
  await page.waitForLoadState('networkidle');
  const later = { login: weigh() };
  for (const entry of INNER(of)) {
    await to(screen, entry);
    await page.waitForLoadState('networkidle');
    later[entry[0]] = weigh();
  }
  const [heaviest] = Object.entries(later).sort(([, a], [, b]) => b - a);
  console.log(
    `  the login page: ${Math.round(first / 1000)} kB; the heaviest later page: ${heaviest[0]}, ${Math.round(heaviest[1] / 100) / 10} kB`,
  );
  assert.ok(first > 30_000 && first < 150_000, `${first} bytes`);
  assert.ok(heaviest[1] < 20_000, `${heaviest}`);
  await screen.close();
});

test('a screen that was never fetched comes when the line is back', async () => {
  const one = await insider('line');
  const { screen } = one;
  await screen.page.context().setOffline(true);
  await screen.page.evaluate(() => {
    location.hash = '#/privacy';
  });
  await screen.shows(screen.t('failure.title'));
  await screen.page.context().setOffline(false);
  await screen.shows(screen.t('privacy.title'));
  await screen.close();
});

test('the portal can be put on the home screen', async () => {
  const screen = await browser.open('install');
  await screen.goto();
  const devtools = await screen.page.context().newCDPSession(screen.page);
  const { errors, data } = await devtools.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const manifest = JSON.parse(data);
  assert.equal(manifest.display, 'standalone');
  const client = newClient();
  for (const { src, type } of manifest.icons)
    assert.equal(
      (await client.request('GET', src, { absolute: true, unchecked: true })).headers['content-type'].split(';')[0],
      type,
      src,
    );
  await screen.close();
});

test('headers of the pages: nothing from elsewhere, no script but our own, no text that becomes a script', async () => {
  const client = newClient();
  for (const path of [
    '/',
    '/js/app.js',
    '/css/bootstrap-italia.css',
    '/i18n/it.json',
    '/manifest.webmanifest',
    '/niente',
  ]) {
    const { headers } = await client.request('GET', path, { absolute: true, unchecked: true });
    const policy = headers['content-security-policy'];
    for (const part of ["default-src 'none'", "frame-ancestors 'none'"])
      assert.ok(policy.includes(part), `${path}: ${part}`);
    assert.doesNotMatch(policy, /unsafe|data:|https?:|\*/, path);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['referrer-policy'], 'no-referrer', path);
    assert.match(headers['strict-transport-security'], /max-age=31536000/, path);
  }
  const { headers } = await client.request('GET', '/', { absolute: true, unchecked: true });
  assert.match(
    headers['content-security-policy'],
    /script-src 'self'; style-src 'self';.*require-trusted-types-for 'script'; trusted-types 'none'/,
  );
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  assert.match(headers['permissions-policy'], /camera=\(\)/);
});

test('what comes from Bootstrap Italia stays within bounds and leads nowhere', async () => {
  const client = newClient();
  const { text } = await client.request('GET', '/css/bootstrap-italia.css', { absolute: true, unchecked: true });
  assert.match(text, /@layer bootstrap-italia/);
  assert.doesNotMatch(text.replace(/\/\*[\s\S]*?\*\//g, ''), /data:|@import|https?:|!important/);
  assert.ok(text.length > 5000 && text.length < 40_000, `${text.length} bytes`);
  const fonts = text.match(/url\("[^"]+"\)/g);
  assert.deepEqual(fonts, ['url("/fonts/titillium-web-400.woff2")', 'url("/fonts/titillium-web-700.woff2")']);
});
