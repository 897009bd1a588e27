// The cookies of all the hospital's sites come along with every request: many are taken, and beyond that a person is
// shown the way out.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { after, before } from 'node:test';
import { Browser } from './lib/browser.mjs';
import { expect, newClient, portal, steps, test } from './lib/suite.mjs';

const LIMIT = 16_384; // LimitRequestFieldSize of conf/portal.conf, the field's name included
const browser = new Browser(portal);
before(() => browser.start());
after(() => browser.close());

/** `count` cookies of other sites, `size` bytes together. */
const foreign = (count, size) =>
  Array.from({ length: count }, (_, i) => `c${String(i).padStart(3, '0')}=`.padEnd(Math.floor(size / count) - 2, 'x'));
const of = await steps.register();
const own = `__Host-dossier=${of.client.token}`;
/** httpd keeps the fields that stand two and more before the one that is too long. */
const overHttp1 = (path, cookies, headers = {}) =>
  newClient().get(path, {
    absolute: true,
    unchecked: true,
    headers: { ...headers, 'Accept-Encoding': 'identity', Cookie: cookies.join('; ') },
  });

/** Each cookie is a field of its own, as browsers send them. */
function overHttp2(path, cookies, headers = {}) {
  const session = http2.connect(`https://localhost:${portal.port}`, {
    ca: portal.ca,
    maxSendHeaderBlockLength: 1 << 20,
    lookup: (name, options, done) => done(null, options?.all ? [{ address: '127.0.0.1', family: 4 }] : '127.0.0.1', 4),
  });
  const answered = new Promise((done, fail) => {
    const stream = session.request({ ':path': path, cookie: cookies, ...headers });
    const answer = { text: '' };
    stream.on('response', ({ ':status': status, ...of }) => Object.assign(answer, { status, headers: of }));
    stream.setEncoding('utf8').on('data', (chunk) => (answer.text += chunk));
    stream.on('end', () => done(answer));
    stream.on('error', fail);
  });
  return answered.finally(() => session.close());
}

for (const [protocol, get] of [
  ['HTTP/1.1', overHttp1],
  ['HTTP/2', overHttp2],
]) {
  test(`16 kB of other sites' cookies, and 180 of them, shut nobody out over ${protocol}`, async () => {
    for (const [count, size] of [
      [1, 5_000],
      [4, 16_000],
      [180, 16_000],
    ]) {
      const cookies = [...foreign(count, size), own];
      assert.equal((await get('/', cookies, { Accept: 'text/html' })).status, 200, `${count} cookies`);
      const session = await get('/api/v1/session', cookies);
      assert.equal(session.status, 200, `${count} cookies: ${session.text}`);
      assert.equal(JSON.parse(session.text).account.id, of.account.id);
    }
  });

  test(`more are told over ${protocol}: to a script as a problem, to a person as a page that leads on`, async () => {
    const cookies = foreign(5, LIMIT + 200);
    const problem = await get('/api/v1/session', [...cookies, own]);
    assert.equal(problem.status, 431);
    assert.match(problem.headers['content-type'], /^application\/problem\+json/);
    assert.equal(JSON.parse(problem.text).type, 'urn:mantova-dossier:problem:headers-too-large');
    for (const [language, said, way] of [
      ['it', /Troppi cookie/, 'Cancelli i cookie'],
      ['en', /Too many cookies/, 'Delete the cookies'],
    ]) {
      const page = await get('/', cookies, { Accept: 'text/html,*/*;q=0.8', 'Accept-Language': language });
      assert.equal(page.status, 431);
      assert.match(page.headers['content-type'], /^text\/html; charset=utf-8/);
      assert.match(page.headers['content-security-policy'], /default-src 'none'/);
      assert.equal(page.headers['clear-site-data'], undefined, 'nothing is forgotten unasked');
      assert.match(page.text, said);
      assert.ok(page.text.includes(`<a href="/forget-cookies">${way}</a>`), page.text);
    }
    const forgotten = await get('/forget-cookies', cookies, { Accept: 'text/html' });
    assert.equal(forgotten.status, 200);
    assert.equal(forgotten.headers['clear-site-data'], '"cookies"');
    const other = await get('/forget-cookies', [own], { Accept: 'text/html' });
    assert.equal(other.status, 404, 'who can be read needs it not');
    assert.equal(other.headers['clear-site-data'], undefined);
  });
}

test('too many fields are told like too large ones', async () => {
  const answer = await newClient().get('/session', {
    anywhere: true,
    headers: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`X-${i}`, 'x'])),
  });
  expect(answer, 431, 'headers-too-large');
});

test('where what the browser wants comes behind the cookies, the address tells it', async () => {
  const headers = { Cookie: foreign(1, LIMIT + 200).join(), Accept: '*/*' };
  assert.match((await newClient().get('/', { absolute: true, unchecked: true, headers })).text, /^<!DOCTYPE html>/);
  expect(await newClient().get('/session', { anywhere: true, headers }), 431, 'headers-too-large');
});

test('an address that leads nowhere is a page for a person', async () => {
  const page = await overHttp1('/referti', [], { Accept: 'text/html', 'Accept-Language': 'it' });
  assert.equal(page.status, 404);
  assert.match(page.headers['content-type'], /^text\/html/);
  assert.match(page.text, /Non trovato.*<a href="\/">Apra il portale<\/a>.*<p>Sportello: \+39 0376 555 0101, /s);
});

test('a browser with too many cookies gets back in with two touches', async () => {
  const screen = await browser.open('cookies');
  const { page } = screen;
  const context = page.context();
  await context.addCookies(
    Array.from({ length: 6 }, (_, i) => ({
      name: `site${i}`,
      value: 'x'.repeat(3500),
      domain: 'localhost',
      path: '/',
      secure: true,
    })),
  );
  await page.goto('/');
  await page.getByRole('heading', { name: 'Troppi cookie' }).waitFor();
  await page.getByRole('link', { name: 'Cancelli i cookie' }).click();
  await page.getByRole('link', { name: 'Apra il portale' }).click();
  await page
    .locator('#main h1, main h1')
    .filter({ hasNotText: /cookie/ })
    .waitFor();
  assert.deepEqual(
    (await context.cookies()).filter(({ name }) => name.startsWith('site')),
    [],
  );
  await screen.close();
});
