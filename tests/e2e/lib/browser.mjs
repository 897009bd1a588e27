// Debian's Chromium on the portal's pages, as a person in front of a screen: what is looked at is held to be
// accessible, wide enough for its window, in words, and is kept as a picture.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { operationOf } from './contract.mjs';
import { ROOT } from './portal.mjs';

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1280, height: 900 };
export const NARROW = { width: 320, height: 640 };

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const TARGET = 44; // CSS pixels; the pages aim at 48
const PATIENCE = 60_000; // ms; two cores may have much else to do
// the browser's own line for an answer that is a refusal: the tests check what the page says of it
const REFUSAL =
  /^Failed to load resource: (the server responded with a status of (401|404|409|410|422|429|503)|net::ERR_INTERNET_DISCONNECTED|net::ERR_FAILED)/;

const LOCALES = { it: 'it-IT', en: 'en-GB', de: 'de-DE', ar: 'ar-EG' };
const dictionary = (language) => JSON.parse(readFileSync(join(ROOT, 'build/htdocs/i18n', `${language}.json`), 'utf8'));

/** The text of a key, as the pages have it. */
export function words(language) {
  const root = dictionary(language);
  return (key, values = {}) => {
    const text = key.split('.').reduce((node, part) => node?.[part], root);
    assert.equal(typeof text, 'string', `${language} has no text ${key}`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  };
}

/** Elements that a finger should hit and that are smaller than that; links within sentences are exempt. */
function smallTargets(least) {
  return [
    ...document.querySelectorAll(
      'button, input:not(.tick), select, summary, a.btn, .back a, .after a, .links a, .way, .person, .card, .tick-row',
    ),
  ]
    .filter((element) => element.checkVisibility() && !element.closest('.skip'))
    .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
    .filter(([, box]) => box.height && (box.height < least || box.width < least) && box.height < 200)
    .map(([html, { width, height }]) => `${Math.round(width)}x${Math.round(height)} ${html}`);
}

/** A request for an account that does not say whose screen it came from. Who it is may be asked without. */
function unsigned(request) {
  const { pathname } = new URL(request.url());
  if (request.resourceType() !== 'fetch' || !pathname.startsWith('/api/v1')) return [];
  const operation = operationOf(request.method(), pathname.slice('/api/v1'.length));
  const due = operation?.security.some(({ session }) => session) && operation.operationId !== 'getSession';
  return due && !request.headers()['dossier-account']
    ? [`${request.method()} ${pathname} does not say whose screen it came from`]
    : [];
}

export class Browser {
  /** text: how large the person has set letters; 1 as they come */
  constructor(portal, { text = 1 } = {}) {
    this.portal = portal;
    this.arguments = [...ARGUMENTS, `--blink-settings=defaultFontSize=${16 * text}`];
    this.folder = process.env.E2E_SCREENSHOTS || join(ROOT, 'var/screenshots');
  }

  async start() {
    mkdirSync(this.folder, { recursive: true });
    this.chromium = await chromium.launch({ executablePath: '/usr/bin/chromium', args: this.arguments });
  }

  close() {
    return this.chromium?.close();
  }

  /** A window of its own, with nothing remembered. `name` begins the names of its pictures. */
  async open(name, { size = PHONE, language = 'it', scheme = 'light', ...options } = {}) {
    const context = await this.chromium.newContext({
      viewport: size,
      locale: LOCALES[language],
      colorScheme: scheme,
      ignoreHTTPSErrors: true, // the certificate of `start` is its own
      reducedMotion: 'reduce',
      baseURL: `https://localhost:${this.portal.port}`,
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    return new Screen(this, await context.newPage(), name, language);
  }
}

/** One tab. */
export class Screen {
  constructor(browser, page, name, language) {
    Object.assign(this, { browser, page, name, language, t: words(language), complaints: [] });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('request', (request) => this.complaints.push(...unsigned(request)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !REFUSAL.test(message.text())) this.complaints.push(message.text());
    });
  }

  /** Another tab of the same person. */
  async tab() {
    return new Screen(this.browser, await this.page.context().newPage(), this.name, this.language);
  }

  /** Goes there and waits for its screen: an address of the same page shows the one before until its own is made. */
  async goto(path = '/') {
    const { page } = this;
    if (!page.url().endsWith(path)) {
      // else it is there already, and no other is made
      await page.evaluate(() => document.querySelector('main h1')?.toggleAttribute('data-left', true));
    }
    await page.goto(path);
    await page.locator('main h1:not([data-left])').waitFor();
  }

  close() {
    return this.page.context().close();
  }

  speak(language) {
    Object.assign(this, { language, t: words(language) });
  }

  heading(text) {
    return this.page.getByRole('heading', { level: 1, name: text, exact: true });
  }

  /** Waits for the screen of this title, and that the focus is at its beginning. */
  async shows(text) {
    await this.heading(text).waitFor();
    assert.match(await this.page.title(), new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} – `));
  }

  /** The screen as it stands is held against the rules and kept as a picture. */
  async look(name) {
    const { page } = this;
    const where = `${this.name}-${name}`;
    assert.deepEqual(this.complaints, [], `${where}: the console`);
    const [content, window] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    assert.ok(content <= window, `${where}: ${content} px wide in a window of ${window}`);
    assert.deepEqual(await page.evaluate(smallTargets, TARGET), [], `${where}: small targets`);
    assert.deepEqual(await this.violations(), [], `${where}: axe`);
    await page.bringToFront(); // a tab behind another is not painted, and its picture may never come
    // a whole page is a window made as large: that is more than the viewer of a PDF bears in the middle of its work
    const fullPage = !(await page.locator('iframe').count());
    await page.screenshot({ path: join(this.browser.folder, `${where}.png`), fullPage });
  }

  /**
   * What axe-core finds, in this page alone: within a frame there is the browser's own viewer, which neither is ours nor
   * always answers, and a page of axe's own for each look would take the focus and most of the time.
   */
  async violations() {
    const { page } = this;
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
    return page.evaluate(async (rules) => {
      const { violations } = await window.axe.run(document, {
        runOnly: rules,
        resultTypes: ['violations'],
        iframes: false,
      });
      return violations.map(
        ({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.map((node) => node.html).join('\n    ')}`,
      );
    }, RULES);
  }

  // ---- what a person does

  field(label) {
    return this.page.getByLabel(label, { exact: true });
  }

  async press(name, role = 'button') {
    await this.page.locator('main').getByRole(role, { name, exact: true }).click();
  }

  /** What a phone's header keeps behind its button, open. */
  async menu() {
    const button = this.page.locator('#menu-button');
    if ((await button.isVisible()) && (await button.getAttribute('aria-expanded')) === 'false') await button.click();
    return this.page.locator('#menu');
  }

  async logOut() {
    await (await this.menu()).locator('#log-out').click();
  }

  /** The account's people, to be seen and chosen from. */
  async people() {
    const people = this.page.getByRole('navigation', { name: this.t('dossier.people') });
    await people.waitFor();
    const line = people.locator('details:not([open]) > summary');
    if (await line.count()) await line.click();
    return people;
  }

  /** What the screen before has left to say: seen here, and read aloud. */
  async said(text) {
    await this.page.locator('#told[role="status"]').getByText(text, { exact: true }).waitFor();
  }

  alert() {
    return this.page.locator('main [role="alert"]:not(:empty)');
  }

  /** Tab until this element has the focus. */
  async tabTo(locator) {
    for (let presses = 0; presses < 60; presses++) {
      if (await locator.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    assert.fail(`60 times Tab did not reach ${locator}`);
  }
}
