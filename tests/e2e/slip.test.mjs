// The pick-up slip, read back as a person and as a telephone's camera read it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { remember } from './lib/canaries.mjs';
import { desk, expect, fieldErrors, literal, newClient, otherDesk, portal, steps, test } from './lib/suite.mjs';
import { acceptanceBody, externalId, person } from './lib/people.mjs';

const path = (id) => `/integration/acceptances/${id}/slip`;
const slipOf = async (of) => expect(await desk.get(path(of.acceptance)), 200);

function tool(input, command, ...options) {
  const result = spawnSync(command, options, { input, maxBuffer: 1 << 26 });
  assert.equal(result.status, 0, `${command}: ${result.error ?? result.stderr}`);
  return result.stdout;
}

/** The words of the page, blanks and line ends as one blank. */
const words = (pdf) => tool(pdf, 'pdftotext', '-', '-').toString('utf8').replace(/\s+/g, ' ');
const facts = (pdf) => tool(pdf, 'pdfinfo', '-').toString('utf8');

/** What the QR code says. */
const scanned = (pdf) =>
  tool(tool(pdf, 'pdftoppm', '-r', '150', '-png'), 'zbarimg', '-q', '--raw', 'png:-')
    .toString('utf8')
    .trim();

const sealed = (of) =>
  portal.sql(
    `SELECT count(sealed) FROM dossier_data.activation_code c JOIN dossier_data.acceptance a ON a.id = c.acceptance_id WHERE a.external_id = ${literal(of.acceptance)}`,
  );

async function newCode(of) {
  const answer = expect(await desk.post(`/integration/acceptances/${of.acceptance}/activation-codes`, {}), 201);
  of.activation_code = answer.json.activation_code;
  remember(portal.VAR, of.activation_code, of.activation_code.replaceAll('-', ''));
}

test('one tagged page with all that the patient needs, and nothing that opens the dossier alone', async () => {
  const of = await steps.accept();
  const answer = await slipOf(of);
  assert.match(answer.headers['content-disposition'], /^inline; filename="Modulo per il ritiro referti\.pdf"/);
  const text = words(answer.body);
  for (const wanted of [
    'Ospedale San Pellegrino',
    'Modulo per il ritiro referti',
    `${of.first_name} ${of.last_name}`,
    `+39*******${of.mobile.slice(-3)}`,
    of.activation_code,
    `https://localhost:${portal.port}`,
    'Si registri',
    'Attivi il fascicolo',
    'per 60 giorni',
  ]) {
    assert.ok(text.includes(wanted), `"${wanted}" is not in: ${text}`);
  }
  assert.ok(!text.includes(of.codice_fiscale) && !text.includes(of.mobile), 'whoever finds a slip learns neither');
  assert.match(facts(answer.body), /^Tagged: +yes$/m);
  assert.match(facts(answer.body), /^Pages: +1$/m);
  assert.match(facts(answer.body), /^Page size: .*A4/m);
});

test('says until when the code is good, as the clock stands in Rome', async () => {
  const of = await steps.accept();
  portal.sql(
    `UPDATE dossier_data.activation_code SET expires_at = '2199-07-24 12:05:00Z' WHERE acceptance_id = (SELECT id FROM dossier_data.acceptance WHERE external_id = ${literal(of.acceptance)})`,
  );
  assert.ok(words((await slipOf(of)).body).includes('fino alle ore 14:05 del 24 luglio 2199.'));
});

test('the QR code opens the page of activation with the code behind the #', async () => {
  const of = await steps.accept();
  const link = new URL(scanned((await slipOf(of)).body));
  assert.equal(link.origin + link.pathname + link.search, `https://localhost:${portal.port}/`);
  assert.equal(link.hash, `#/attiva/${of.activation_code.replaceAll('-', '')}`);
});

test('the link leads to the site of the facility, whichever site was asked', async () => {
  const of = await steps.accept(person(), { desk: otherDesk, facility: 'citta-di-suzzara' });
  const { body } = expect(await otherDesk.get(path(of.acceptance)), 200);
  assert.ok(words(body).includes('Ospedale Città di Suzzara'));
  assert.equal(new URL(scanned(body)).host, `citta-di-suzzara.localhost:${portal.port}`);
});

const names = {
  'accents and apostrophes': ['Nicolò Mattéo', 'D’Angelò Çelik'],
  'what would be markup': ['<b>Anna</b> &amp;', '"><svg onload=x> &'],
  'a hundred letters each, in one word': ['Wàl'.repeat(33), 'Mòr'.repeat(33)],
  'a hundred letters each, in many words': ['Maria '.repeat(16).trim(), 'de la Torre '.repeat(8).trim()],
};

for (const [what, [first_name, last_name]] of Object.entries(names)) {
  test(`draws the name as it is: ${what}`, async () => {
    const of = person();
    const body = acceptanceBody(of);
    Object.assign(body.patient, { first_name, last_name });
    const id = externalId();
    const { activation_code } = expect(await desk.put(`/integration/acceptances/${id}`, body), 201).json;
    remember(portal.VAR, activation_code);
    const pdf = (await slipOf({ acceptance: id })).body;
    const bare = (text) => text.replace(/\s/g, ''); // a long word is broken without a hyphen
    assert.ok(bare(words(pdf)).includes(bare(`${first_name}${last_name}`)), words(pdf));
    assert.match(facts(pdf), /^Pages: +1$/m);
    assert.ok(scanned(pdf).endsWith(activation_code.replaceAll('-', '')));
  });
}

test('is printed again as long as the code is good, and each printing is noted', async () => {
  const of = await steps.accept();
  const before = portal.sql('SELECT max(id) FROM dossier_data.audit');
  for (let time = 0; time < 2; time++) assert.ok(words((await slipOf(of)).body).includes(of.activation_code));
  const noted = portal.rows(
    `SELECT actor_kind, outcome, facility_id, address FROM dossier_data.audit WHERE id > ${before} AND action = 'slip_printed'`,
  );
  assert.deepEqual(noted, Array(2).fill(['integrator', 'ok', 'san-pellegrino', desk.address]));
});

test('what it says opens the dossier; then there is no code to print, until the desk makes one', async () => {
  const of = await steps.register();
  of.activation_code = /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]/.exec(words((await slipOf(of)).body))[0];
  await steps.activate(of);
  const refused = expect(await desk.get(path(of.acceptance)), 409, 'slip-no-code');
  assert.match(refused.json.detail, /activation-codes/, 'it says what to do');
  assert.equal(sealed(of), '0', 'a used code is known to nobody');
  await newCode(of);
  assert.ok(words((await slipOf(of)).body).includes(of.activation_code));
});

test('a replaced code is on no slip any more', async () => {
  const of = await steps.accept();
  const old = of.activation_code;
  await newCode(of);
  const text = words((await slipOf(of)).body);
  assert.ok(text.includes(of.activation_code) && !text.includes(old));
  assert.equal(sealed(of), '1', 'the old one is wiped');
});

test('an expired code is not printed', async () => {
  const of = await steps.accept();
  portal.age.activationCode(of.acceptance, '60 days 1 second');
  expect(await desk.get(path(of.acceptance)), 409, 'slip-no-code');
});

test('a corrected mobile and name are on the next slip', async () => {
  const of = await steps.accept();
  const other = { ...of, mobile: person().mobile, first_name: 'Annamaria' };
  expect(await desk.put(`/integration/acceptances/${of.acceptance}`, acceptanceBody(other)), 200);
  const text = words((await slipOf(of)).body);
  assert.ok(text.includes(`+39*******${other.mobile.slice(-3)}`) && text.includes('Annamaria'));
});

test('a stranger, another system and a wrong identifier get nothing', async () => {
  const of = await steps.accept();
  expect(await newClient().get(path(of.acceptance)), 401, 'key-refused');
  expect(await otherDesk.get(path(of.acceptance)), 404, 'not-found');
  expect(await desk.get(path(externalId())), 404, 'not-found');
  assert.deepEqual(fieldErrors(expect(await desk.get(path('a%20b')), 422, 'invalid-fields')), [
    'external_id identifier',
  ]);
});

test('a code whose key is not there can be printed when it is, and the log says so', async (t) => {
  t.expectLog(/DOS0340: /);
  t.allowLog(/DOS0010: .* 503 unavailable/); // one a minute
  const of = await steps.accept();
  portal.sql(
    `UPDATE dossier_data.activation_code SET sealed = regexp_replace(sealed, '^[^:]*', 'gone') WHERE acceptance_id = (SELECT id FROM dossier_data.acceptance WHERE external_id = ${literal(of.acceptance)})`,
  );
  expect(await desk.get(path(of.acceptance)), 503, 'unavailable');
});

test('sealed for one acceptance, it opens in no other', async (t) => {
  t.expectLog(/DOS0340: /);
  const [one, other] = [await steps.accept(), await steps.accept()];
  const row = (of) =>
    `acceptance_id = (SELECT id FROM dossier_data.acceptance WHERE external_id = ${literal(of.acceptance)})`;
  portal.sql(
    `UPDATE dossier_data.activation_code SET sealed = (SELECT sealed FROM dossier_data.activation_code WHERE ${row(other)}) WHERE ${row(one)}`,
  );
  expect(await desk.get(path(one.acceptance)), 409, 'slip-no-code');
});

test('many desks print at once, also after a graceful restart', async () => {
  await portal.graceful();
  const people = [];
  for (let count = 0; count < 4; count++) people.push(await steps.accept());
  const slips = await Promise.all(people.flatMap((of) => [slipOf(of), slipOf(of), slipOf(of)]));
  slips.forEach((slip, index) => assert.ok(words(slip.body).includes(people[Math.floor(index / 3)].activation_code)));
});
