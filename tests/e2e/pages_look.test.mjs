// What is measured on the screens: contrast of focus rings and waiting buttons, one colour for a facility, nothing that moves
// by itself, what comes on paper, addresses that cannot be read, and what a browser does not fetch again.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Browser, DESKTOP, PHONE } from './lib/browser.mjs';
import { expect, newClient, outbox, portal, steps, test } from './lib/suite.mjs';
import { visitors } from './lib/visitors.mjs';

const browser = new Browser(portal);
before(() => browser.start());
after(() => browser.close());
const { patient, insider } = visitors(browser, { steps, outbox });
const SUZZARA = `https://citta-di-suzzara.localhost:${portal.port}/`;

/** In the page: window.colours, {rgba, contrast, ground}: colours as they are drawn, whatever their notation. */
function colours() {
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', {
    willReadFrequently: true,
  });
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [red, green, blue] = rgba(colour).map((part) =>
      part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  /** What an element stands on. */
  const ground = (element) => {
    const { backgroundColor } = getComputedStyle(element);
    return rgba(backgroundColor)[3] === 255 || !element.parentElement ? backgroundColor : ground(element.parentElement);
  };
  window.colours = { rgba, contrast, ground };
}

/** In the page: every element that the Tab key reaches, with its ring where that cannot be seen. */
function faintRings() {
  const { contrast, ground } = window.colours;
  const reached = [...document.querySelectorAll('a[href], button, input, select, summary')].filter(
    (element) => element.checkVisibility() && !element.disabled,
  );
  const faint = [];
  for (const element of reached) {
    document.activeElement?.blur();
    element.focus({ focusVisible: true, preventScroll: true });
    const owner = getComputedStyle(element).outlineStyle === 'none' ? (element.closest('.card') ?? element) : element;
    const { outlineStyle, outlineColor, outlineWidth } = getComputedStyle(owner);
    const around = owner.id === 'skip' ? ground(document.querySelector('.header')) : ground(owner.parentElement);
    const seen = outlineStyle === 'solid' && parseFloat(outlineWidth) >= 2 && contrast(outlineColor, around) >= 3;
    if (!seen)
      faint.push(`${outlineStyle} ${outlineWidth} ${outlineColor} on ${around}: ${element.outerHTML.slice(0, 90)}`);
  }
  return { faint, count: reached.length };
}

async function ringsAreSeen(screen, where) {
  const { page } = screen;
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    const { faint, count } = await page.evaluate(faintRings);
    assert.ok(count > 3, `${where}: only ${count} elements`);
    assert.deepEqual(faint, [], `${where}, ${scheme}`);
  }
}

test('the ring of what has the focus is seen on every ground', async () => {
  const of = await steps.activate();
  for (const title of ['Emocromo', 'Visita', 'Ecografia', 'Esami del sangue']) await steps.publish(of, { title });
  const one = await patient('rings', { size: DESKTOP, look: false }, of);
  const { screen } = one;
  const { t, page } = screen;
  await page.addInitScript(colours);
  await screen.goto(SUZZARA); // the colour of the facility, and at the end the footer
  await ringsAreSeen(screen, 'home');
  await screen.goto();
  await page.context().setOffline(true);
  await page.getByText(t('shell.offline')).waitFor();
  await ringsAreSeen(screen, 'offline');
  await page.context().setOffline(false);
  await one.enter();
  await one.showsDossier();
  await ringsAreSeen(screen, 'dossier');
  await one.openDocument('Esami del sangue');
  await ringsAreSeen(screen, 'document');
  for (const [address, title] of [
    ['/profilo', 'profile.title'],
    ['/profilo/familiari/nuovo', 'relative.title_add'],
    ['/cancellazione', 'leaving.title'],
    ['/privacy', 'privacy.title'],
  ]) {
    await screen.goto(`/#${address}`);
    await screen.shows(t(title));
    await ringsAreSeen(screen, address);
  }
  await page.setViewportSize(PHONE);
  await screen.menu();
  await ringsAreSeen(screen, 'menu');
  await page.evaluate(() => document.getElementById('idle').showModal());
  await page.evaluate(() => [...document.body.children].forEach((child) => child.id === 'idle' || child.remove()));
  assert.deepEqual((await page.evaluate(faintRings)).faint, [], 'dialog');
  await screen.close();
});

test('a button that waits can be read, whatever the mouse and the focus do', async () => {
  const one = await patient('waiting', { size: DESKTOP, look: false });
  const { screen } = one;
  const { t, page } = screen;
  await page.addInitScript(colours);
  const release = [];
  await page.route('**/api/v1/session', (route) =>
    route.request().method() === 'POST'
      ? new Promise((done) => release.push(done)).then(() => route.abort())
      : route.continue(),
  );
  await screen.goto('/#/accedi');
  await one.logIn();
  const button = page.getByRole('button', { name: t('login.submit'), exact: true });
  await page.waitForFunction(() => document.querySelector('[type="submit"]').getAttribute('aria-disabled') === 'true');
  await button.hover();
  await button.focus();
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const kind of ['btn-primary', 'btn-danger', 'btn-outline-primary', 'btn-light']) {
      for (const off of ['aria-disabled', 'disabled']) {
        const contrast = await page.evaluate(
          ([name, attribute]) => {
            const element = document.querySelector('[type="submit"]');
            element.className = `btn ${name}`;
            element.disabled = attribute === 'disabled';
            const contrastNow = window.colours.contrast(
              getComputedStyle(element).color,
              window.colours.ground(element),
            );
            element.disabled = false;
            return contrastNow;
          },
          [kind, off],
        );
        assert.ok(contrast >= 4.5, `${kind}, ${off}, ${scheme}: ${contrast}`);
      }
    }
  }
  release.forEach((done) => done());
  await screen.alert().waitFor();
  await screen.close();
});

test('a list to choose from has its arrow, on the side where reading ends', async () => {
  const of = await steps.activate();
  for (const type of ['laboratory', 'radiology', 'outpatient', 'pathology']) await steps.publish(of, { type });
  for (const language of ['it', 'ar']) {
    const one = await patient(`select-${language}`, { language, size: DESKTOP, look: false }, of);
    await one.enter();
    await one.showsDossier();
    const [image, position] = await one.screen.page
      .locator('select')
      .first()
      .evaluate((select) => [getComputedStyle(select).backgroundImage, getComputedStyle(select).backgroundPositionX]);
    assert.match(image, /gradient/);
    assert.equal(/^(right|calc\(100%)/.test(position), language === 'it', position);
    await one.screen.look('dossier-search');
    await one.screen.close();
  }
});

test('a facility has one colour, on all that is coloured', async () => {
  const of = await steps.activate();
  await steps.publish(of);
  for (const scheme of ['light', 'dark']) {
    const one = await patient(`colour-${scheme}`, { scheme, look: false, baseURL: SUZZARA }, of);
    const { screen } = one;
    const { page } = screen;
    await page.addInitScript(colours);
    await one.enter();
    await one.showsDossier();
    for (const address of ['#/fascicolo', '#/profilo', '#/profilo/avvisi', '#/registrati']) {
      await screen.goto(`/${address}`);
      const blue = await page.evaluate(() => {
        const found = [];
        for (const element of document.querySelectorAll('body *')) {
          if (!element.checkVisibility()) continue;
          const style = getComputedStyle(element);
          for (const name of ['color', 'backgroundColor', 'borderTopColor']) {
            const [red, green, bluePart, alpha] = window.colours.rgba(style[name]);
            const strong = bluePart - Math.max(red, green) > 60; // greys have a touch of it
            if (alpha && strong) found.push(`${name} ${style[name]}: ${element.outerHTML.slice(0, 80)}`);
          }
        }
        return found;
      });
      assert.deepEqual(blue, [], `${address}, ${scheme}`);
    }
    await screen.goto('/#/fascicolo');
    await one.showsDossier();
    await screen.look('dossier');
    await screen.close();
  }
});

/** In the page, from its first moment: how much of it moved without anybody touching it. */
function watchShifts() {
  window.shifted = 0;
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      window.shifted += value;
      window.shifts.push(
        `${value.toFixed(3)} ${sources.map(({ node }) => node?.outerHTML?.slice(0, 60) ?? node?.nodeName).join(' | ')}`,
      );
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

// ms until a request of this kind leaves: a slow line, and the letters last
const SLOW = { document: 100, stylesheet: 200, script: 300, fetch: 700, image: 900, font: 1500 };

for (const [name, size] of [
  ['phone', PHONE],
  ['desktop', DESKTOP],
]) {
  test(`nothing moves by itself while a slow line brings the screens: ${name}`, async () => {
    const of = await steps.activate();
    const report = await steps.publish(of);
    const one = await patient(`shift-${name}`, { size, look: false }, of);
    const { screen } = one;
    const { page } = screen;
    await page.addInitScript(watchShifts);
    await one.enter();
    await one.showsDossier();
    const cookies = await page.context().cookies();
    const [paths, inside] = [
      ['/', '/#/accedi', '/#/registrati'],
      [`/#/fascicolo/${of.patient.id}`, `/#/referto/${report.id}`, '/#/profilo'],
    ];
    for (const path of [...inside, ...paths]) {
      if (path === paths[0]) await page.context().clearCookies();
      const fresh = await page.context().newPage();
      await fresh.addInitScript(watchShifts);
      await fresh.route('**', async (route) => {
        await sleep(SLOW[route.request().resourceType()] ?? 100);
        await route.continue();
      });
      await fresh.goto(path);
      await fresh.locator('main h1').waitFor();
      await fresh.waitForLoadState('networkidle');
      const { shifted, shifts } = await fresh.evaluate(() => ({ shifted: window.shifted, shifts: window.shifts }));
      assert.ok(shifted <= 0.1, `${path} at ${size.width} px: ${shifted}\n${shifts.join('\n')}`);
      await fresh.close();
    }
    assert.ok(cookies.length > 0);
    await screen.close();
  });
}

test('a screen stands at its beginning at once, also where nobody asked for less motion', async () => {
  const of = await steps.activate();
  for (let count = 0; count < 8; count++) await steps.publish(of);
  const one = await patient('scroll', { look: false, reducedMotion: 'no-preference' }, of);
  const { screen } = one;
  const { page } = screen;
  await one.enter();
  await one.showsDossier();
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior), 'auto');
  const top = await page.evaluate(async () => {
    window.scrollTo(0, document.body.scrollHeight);
    const before = window.scrollY;
    const shown = new Promise((done) =>
      new MutationObserver(() => document.querySelector('h1')?.textContent === 'Esami del sangue' && done()).observe(
        document.getElementById('main'),
        { childList: true },
      ),
    );
    document.querySelector('.card-title a').click();
    await shown;
    return { before, after: window.scrollY };
  });
  assert.ok(top.before > 0);
  assert.equal(top.after, 0, 'in the very moment the screen is there');
  await screen.close();
});

/** What a printer would get, by what is seen of the page's own elements. */
async function onPaper(screen) {
  await screen.page.emulateMedia({ media: 'print' });
  const controls = await screen.page.evaluate(() =>
    [...document.querySelectorAll('button, .btn, nav, input[type="search"], select, summary, .header, .skip')]
      .filter((element) => element.checkVisibility())
      .map((element) => element.outerHTML.slice(0, 90)),
  );
  assert.deepEqual(controls, [], await screen.page.title());
  const text = await screen.page.locator('main').innerText();
  await screen.page.emulateMedia({ media: 'screen' });
  return text;
}

test('on paper comes the content of a screen, and nothing to press', async () => {
  const of = await steps.activate();
  for (const title of ['Esami del sangue', 'Visita', 'Ecografia', 'Radiografia']) await steps.publish(of, { title });
  const one = await patient('paper', { size: DESKTOP, look: false }, of);
  const { screen } = one;
  const { t, page } = screen;
  await screen.goto('/#/privacy');
  await screen.shows(t('privacy.title'));
  assert.ok((await onPaper(screen)).includes(t('privacy.cookies.text')), 'all of the text');
  await screen.goto('/#/registrati');
  await screen.shows(t('registration.title'));
  await onPaper(screen);
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  assert.match(await onPaper(screen), /piazza Venezia 11/, 'what stands behind a line that opens, too');
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  assert.doesNotMatch(await onPaper(screen), /piazza Venezia 11/);
  await one.enter();
  await one.showsDossier();
  const list = await onPaper(screen);
  for (const title of ['Esami del sangue', 'Radiografia']) assert.ok(list.includes(title), list);
  for (const address of [
    '/profilo',
    '/attivita',
    '/consensi',
    '/profilo/accessi',
    '/profilo/avvisi',
    '/cancellazione',
    '/esporta',
  ]) {
    await screen.goto(`/#${address}`);
    await onPaper(screen);
  }
  await screen.close();
});

test('the page of a report prints what it is, and "print" prints the report that is shown', async () => {
  const of = await steps.activate();
  const report = await steps.publish(of, { author: 'Dr. Anna Verdi' });
  const one = await patient('paper-report', { size: DESKTOP, look: false }, of);
  const { screen } = one;
  const { t, page } = screen;
  await one.enter(`/#/referto/${report.id}`);
  await screen.shows('Esami del sangue');
  const sheet = await onPaper(screen);
  for (const part of ['Esami del sangue', 'Ospedale San Pellegrino', 'Dr. Anna Verdi', t('document.print')])
    assert.ok(sheet.includes(part), sheet);
  assert.ok(!sheet.includes(t('hiding.hide_title')), sheet);
  assert.equal(await page.getByText(t('document.print')).isVisible(), false, 'on paper only');
  const printed = await page.evaluate(async () => {
    const frame = document.querySelector('.preview-pdf');
    const calls = [];
    Object.defineProperty(frame, 'contentWindow', { value: { print: () => calls.push('frame') } });
    const event = new KeyboardEvent('keydown', { key: 'p', ctrlKey: true, cancelable: true });
    window.dispatchEvent(event);
    return { calls, page: !event.defaultPrevented };
  });
  assert.deepEqual(printed, { calls: ['frame'], page: false });
  await screen.close();
});

test('an address that cannot be read is a screen, not a wait for ever', async () => {
  const screen = await browser.open('malformed');
  for (const [address, title] of [
    ['/#/attiva/K7QF%', 'slip.title'],
    ['/#/niente%', 'failure.missing.title'],
    ['/#/%E0%A4%A', 'failure.missing.title'],
    ['/#/attiva/%', 'slip.title'],
  ]) {
    await screen.page.goto('about:blank');
    await screen.goto(address);
    await screen.shows(screen.t(title));
  }
  await screen.page.getByText(screen.t('slip.wrong.title')).waitFor();
  await screen.close();
  const one = await insider('malformed-in');
  await one.screen.goto('/#/referto/%');
  await one.screen.shows(one.screen.t('failure.not_here'));
  await one.screen.close();
});

test('a screen without an e-mail says so in a sentence, and offers to add one', async () => {
  const of = await steps.activate();
  expect(await of.client.delete('/profile/email', { json: { password: of.password } }), 200);
  const one = await insider('no-email', {}, of);
  const { screen } = one;
  await screen.goto('/#/profilo/email');
  await screen.shows(screen.t('contact.email.add'));
  await screen.page.getByText(screen.t('contact.email.lead')).waitFor();
  await screen.look('contact-email-none');
  await screen.close();
});

test('what did not change is not sent again, compressed or not', async () => {
  const client = newClient();
  const get = (path, headers) => client.request('GET', path, { absolute: true, unchecked: true, headers });
  for (const path of [
    '/',
    '/js/app.js',
    '/css/base.css',
    '/css/bootstrap-italia.css',
    '/i18n/it.json',
    '/img/logo.svg',
    '/img/icon-192.png',
    '/fonts/titillium-web-400.woff2',
    '/manifest.webmanifest',
    '/openapi.yaml',
  ]) {
    for (const encoding of ['gzip', 'identity']) {
      const first = await get(path, { 'Accept-Encoding': encoding });
      assert.equal(first.status, 200, path);
      const { etag } = first.headers;
      const again = await get(path, { 'Accept-Encoding': encoding, 'If-None-Match': etag });
      assert.equal(again.status, 304, `${path}, ${encoding}, ${etag}`);
      assert.equal(again.headers.etag, etag);
      assert.equal(again.headers['cache-control'], first.headers['cache-control'], path);
      assert.equal(
        first.headers['cache-control'],
        path.startsWith('/fonts/') ? 'public, max-age=2592000' : 'no-cache',
        path,
      );
      assert.equal((await get(path, { 'Accept-Encoding': encoding, 'If-None-Match': '"another"' })).status, 200, path);
    }
  }
  const { headers } = await get('/js/app.js', { 'Accept-Encoding': 'gzip' });
  assert.equal(headers['content-encoding'], 'gzip');
  assert.match(headers.vary, /Accept-Encoding/);
});
