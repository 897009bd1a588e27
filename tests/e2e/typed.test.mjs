// What people type and paste, in every spelling: the pages and the portal read it alike.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Browser } from './lib/browser.mjs';
import { person } from './lib/people.mjs';
import { ROOT } from './lib/portal.mjs';
import { expect, fieldErrors, newClient, outbox, portal, steps, test } from './lib/suite.mjs';

const table = JSON.parse(readFileSync(join(ROOT, 'tests/unit/typed.json'), 'utf8'));

// the pages' own modules, where Node takes them for what they are
const modules = mkdtempSync(join(tmpdir(), 'dossier-modules-'));
after(() => rmSync(modules, { recursive: true, force: true }));
cpSync(join(ROOT, 'htdocs/js'), modules, { recursive: true });
writeFileSync(join(modules, 'package.json'), '{"type": "module"}');
const load = (name) => import(pathToFileURL(join(modules, name)));
const { typedText, typedCode, typedSecret } = await load('typed.js');
const { mobileError, emailError } = await load('contact.js');
const { codiceFiscaleError, normalise } = await load('codice_fiscale.js');
const activation = await load('activation_code.js');
const { isDate } = await load('fields.js');
const { digits } = await load('screens/code_parts.js');

const unless = (wrong, clean) => (wrong ? null : clean);
/** What the pages make of it; for what only the portal spells, whether they let it through. */
const CLEAN = {
  text: typedText,
  code: typedCode,
  secret: typedSecret,
  codice_fiscale: (typed) => unless(codiceFiscaleError(typed), normalise(typed)),
  activation_code: (typed) => unless(activation.activationCodeError(typed), activation.normalise(typed)),
  verification_code: (typed) => unless(digits(typed).length !== 6, digits(typed)),
  date: (typed) => unless(!isDate(typedCode(typed)), typedCode(typed)),
  mobile: (typed, wanted) => unless(mobileError(typed), wanted),
  email: (typed, wanted) => unless(emailError(typed), wanted),
};

for (const kind of Object.keys(CLEAN)) {
  test(`the pages read every ${kind} as the portal does`, () => {
    const rows = table.filter((row) => row.kind === kind);
    assert.ok(rows.length);
    for (const { typed, clean } of rows) {
      for (const text of typed) assert.equal(CLEAN[kind](text, clean ?? 'let through'), clean, JSON.stringify(text));
    }
  });
}

const browser = new Browser(portal);
before(() => browser.start());
after(() => browser.close());

const apart = (text) => text.normalize('NFD');
const pasted = (text) => `\u202a${text}\u202c`;
const arabic = (text) => text.replace(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit)));
const wide = (text) => text.replace(/[!-~]/g, (character) => String.fromCodePoint(character.codePointAt(0) + 0xfee0));
/** Of "caffè perché così" with its accents apart. */
const STORED_APART =
  '$argon2id$v=19$m=47104,t=2,p=1$7zqumTbiagZXuFNJcSQiLQ$AHIgYloSUpKYCY/jLthDRmshAyXDNBcaCoo+YxdIUnw';

test('a registration, pasted and typed in every way, is that of the desk', async () => {
  const of = await steps.accept(
    person({ first_name: 'Nicolò', last_name: 'D’Amàto', email: `${Date.now()}.nicolo@example.org` }),
  );
  const client = newClient();
  const password = 'perché no, dottò? è così';
  const answer = expect(
    await client.post(
      '/registrations',
      {
        consent: { notice: 'portal', version: pasted(await steps.noticeVersion('portal')) },
        password: apart(password),
        profile: {
          codice_fiscale: wide(of.codice_fiscale),
          first_name: apart(of.first_name),
          last_name: `\ufeff${of.last_name}\u00a0`,
          birth_date: arabic(of.birth_date),
          birth_place: apart('Forlì'),
          mobile: pasted(of.mobile.slice(1)),
          email: wide(of.email),
          language: 'it',
        },
      },
      { unchecked: true },
    ),
    202,
  ); // a date in Arabic digits is more than the description asks for
  const code = await outbox.code(of.mobile);
  expect(
    await client.post(`/registrations/${JSON.parse(answer.text).id}/verification`, { code: pasted(arabic(code)) }),
    201,
  );
  const profile = expect(await client.get('/profile'), 200).json.profile;
  for (const [field, wanted] of Object.entries({
    first_name: 'Nicolò',
    last_name: 'D’Amàto',
    birth_place: 'Forlì',
    mobile: of.mobile,
    email: of.email.toLowerCase(),
    codice_fiscale: of.codice_fiscale,
    birth_date: of.birth_date,
  })) {
    assert.equal(profile[field], wanted, field);
  }
  const national = of.mobile.slice(3);
  for (const login of [
    of.mobile,
    `0039${national}`,
    `39${national}`,
    national,
    pasted(`+39 ${national}`),
    arabic(national),
    wide(of.mobile),
    wide(of.email),
    `\u200b${of.email}`,
  ]) {
    for (const spelling of [password.normalize('NFC'), apart(password)]) {
      expect(await newClient().post('/session', { login, password: spelling }), 200);
    }
  }
  expect(
    await newClient().post('/session', {
      login: of.mobile,
      password: password.normalize('NFKD').replace(/\p{M}/gu, ''),
    }),
    401,
    'login-failed',
  );
  const patient = expect(await client.get('/patients'), 200).json.patients[0];
  expect(
    await client.post(`/patients/${patient.id}/activation`, {
      consent: { notice: 'dossier', version: await steps.noticeVersion('dossier') },
      codice_fiscale: pasted(of.codice_fiscale.toLowerCase()),
      activation_code: wide(of.activation_code),
    }),
    200,
  );
});

test('a password stored in another spelling still opens, and is stored anew', async () => {
  const of = await steps.register();
  const password = 'caffè perché così';
  portal.sql(`UPDATE dossier_data.account SET password_hash = '${STORED_APART}' WHERE mobile = '${of.mobile}'`);
  const stored = () => portal.sql(`SELECT password_hash FROM dossier_data.account WHERE mobile = '${of.mobile}'`);
  const before = stored();
  expect(await newClient().post('/session', { login: of.mobile, password }), 200);
  assert.notEqual(stored(), before);
  expect(await newClient().post('/session', { login: of.mobile, password: apart(password) }), 200);
});

test('what cannot be read is a field error still', async () => {
  const of = await steps.register();
  const answer = await of.client.post('/profile/mobile-changes', { mobile: 'trecento\u202a33', password: of.password });
  assert.deepEqual(fieldErrors(expect(answer, 422, 'invalid-fields')), ['mobile mobile']);
});

test('in the browser: a number pasted with its marks, in Arabic digits, and accents apart', async () => {
  const of = await steps.register(person({ password: 'dov’è la perla più bella' }));
  const screen = await browser.open('typed');
  await screen.goto('/#/accedi');
  await screen.field(screen.t('login.login')).fill(pasted(arabic(of.mobile.slice(3))));
  await screen.field(screen.t('fields.password')).fill(apart(of.password));
  await screen.press(screen.t('login.submit'));
  await screen.heading(screen.t('login.title')).waitFor({ state: 'detached' });
  assert.ok((await screen.page.context().cookies()).some(({ name }) => name === '__Host-dossier'));
  await screen.close();
});
