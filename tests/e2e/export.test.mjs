// All data as one ZIP, written while it leaves: read back by a program that others wrote.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { desk, expect, literal, newClient, portal, steps, test } from './lib/suite.mjs';
import { makeP7m, makePdf } from './lib/pdf.mjs';
import { datesOf, unpack } from './lib/zip.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const vaultFile = (id) => {
  const [[object]] = portal.rows(`SELECT object_id FROM dossier_data.document WHERE id = ${literal(id)}`);
  return spawnSync('find', [portal.VAR, '-path', '*vault*', '-name', `${object}*`], { encoding: 'utf8' }).stdout.trim();
};

test('the documents, the activity and all personal data are in it', async () => {
  const of = await steps.activate();
  const report = await steps.publish(of, { title: 'Esami: città – già' });
  const other = await steps.publish(of, { title: 'CON', bytes: makePdf('x', 200_000) });
  const signed = await steps.publish(of, { title: 'CON', bytes: makeP7m() });
  const answer = expect(await of.client.get('/export'), 200);
  assert.match(answer.headers['content-disposition'], /^attachment; filename="Mantova Dossier\.zip"/);
  const files = unpack(answer.body);
  const data = JSON.parse(files['data.json']);
  assert.deepEqual(
    data.documents.map(({ id }) => id),
    [report.id, other.id, signed.id],
  );
  assert.deepEqual(
    data.documents.map(({ file }) => file),
    ['documents/001 Esami_ città – già.pdf', 'documents/002 _CON.pdf', 'documents/003 _CON.pdf.p7m'],
  );
  for (const [i, { bytes }] of [report, other, signed].entries())
    assert.equal(sha256(files[data.documents[i].file]), sha256(bytes));
  assert.deepEqual(
    Object.keys(files).sort(),
    [...data.documents.map(({ file }) => file), 'activity.json', 'data.json'].sort(),
  );

  const { account } = data;
  assert.deepEqual([account.mobile, account.email, account.codice_fiscale], [of.mobile, of.email, of.codice_fiscale]);
  assert.equal(data.patients[0].codice_fiscale, of.codice_fiscale);
  assert.deepEqual(data.consents.map(({ notice }) => notice).sort(), ['dossier', 'portal']);
  assert.equal(data.acceptances[0].mobile, of.mobile);
  assert.ok(data.messages.some(({ template }) => template === 'verification_code'));
  assert.equal(data.sessions[0].address, of.client.address);
  assert.ok(!answer.body.includes(of.password) && !answer.body.includes(of.client.token), 'no secret is');
  const lines = JSON.parse(files['activity.json']).map(({ action }) => action);
  assert.deepEqual(
    lines.filter((action) => /^d.*_(exported|read)$/.test(action)),
    ['document_exported', 'document_exported', 'document_exported', 'data_exported'],
  );

  const { documents } = (await of.client.get(`/patients/${of.patient.id}/documents`)).json;
  assert.deepEqual(
    documents.map((one) => one.new),
    [true, true, true],
    'taking them along is no reading',
  );
  assert.equal(expect(await desk.get(`/integration/documents/${report.external_id}`), 200).json.read_at, null);
});

test('it can be read as a stream, each document with its date', async () => {
  const of = await steps.activate();
  const first = await steps.publish(of, { issued_at: '2026-10-01T08:15:20Z' });
  const second = await steps.publish(of, { issued_at: '2026-02-03T23:30:00Z', bytes: makePdf('x', 300_000) });
  const { body } = expect(await of.client.get('/export'), 200);
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  for (const [pattern, { bytes }] of [
    ['documents/001*', first],
    ['documents/002*', second],
  ]) {
    const { status, stdout, stderr } = spawnSync('bsdtar', ['-xOf', '-', pattern], {
      input: body,
      env,
      maxBuffer: 2 ** 24,
    });
    assert.equal(status, 0, String(stderr));
    assert.equal(sha256(stdout), sha256(bytes));
  }
  const { documents } = JSON.parse(spawnSync('bsdtar', ['-xOf', '-', 'data.json'], { input: body, env }).stdout);
  const dates = datesOf(body);
  assert.deepEqual(
    documents.map(({ file }) => dates[file]),
    ['2026-10-01 10:15:20', '2026-02-04 00:30:00'],
    'by an Italian clock',
  );
  assert.notEqual(dates['data.json'].slice(0, 4), '1980');
});

test('an account without documents, and more lines than a page', async () => {
  const of = await steps.register();
  portal.sql(
    `INSERT INTO dossier_data.audit (actor_kind, actor_id, action, outcome, account_id) SELECT 'account', ${literal(of.account.id)}, 'test', 'ok', ${literal(of.account.id)} FROM generate_series(1, 250)`,
  );
  const files = unpack(expect(await of.client.get('/export'), 200).body);
  assert.deepEqual(JSON.parse(files['data.json']).documents, []);
  assert.equal(JSON.parse(files['activity.json']).filter(({ action }) => action === 'test').length, 250);
  expect(await newClient().get('/export'), 401, 'unauthenticated');
});

test('what a dossier does not show is not in it', async () => {
  const of = await steps.activate();
  const [kept, expired, withdrawn, strangers] = [
    await steps.publish(of),
    await steps.publish(of),
    await steps.publish(of),
    await steps.publish(await steps.activate()),
  ];
  portal.sql(`UPDATE dossier_data.document SET expires_at = now() WHERE id = ${literal(expired.id)}`);
  expect(await desk.delete(`/integration/documents/${withdrawn.external_id}`), 200);
  const data = () => of.client.get('/export').then(({ body }) => JSON.parse(unpack(body)['data.json']));
  assert.deepEqual(
    (await data()).documents.map(({ id }) => id),
    [kept.id],
  );
  assert.ok(!JSON.stringify(await data()).includes(strangers.id));
  expect(await of.client.put(`/patients/${of.patient.id}/service`, { enabled: false, password: of.password }), 200);
  const disabled = await data();
  assert.deepEqual([disabled.documents, disabled.acceptances], [[], []]);
});

for (const [what, harm] of [
  ['cut short', (file) => truncateSync(file, 5_000)],
  [
    'changed',
    (file) => {
      const bytes = readFileSync(file);
      bytes[bytes.length - 40] ^= 1;
      writeFileSync(file, bytes);
    },
  ],
  ['gone', (file) => rmSync(file)],
]) {
  test(`a document that is ${what} cuts the connection`, async (t) => {
    t.expectLog(/DOS0280: document/);
    const of = await steps.activate();
    await steps.publish(of);
    const harmed = await steps.publish(of, { bytes: makePdf('x', 300_000) });
    harm(vaultFile(harmed.id));
    await assert.rejects(
      of.client.get('/export'),
      /cut|aborted|socket hang up|ECONNRESET/,
      'half an archive looked whole',
    );
    expect(await desk.delete(`/integration/documents/${harmed.external_id}`), 200); // the portal looks for the files of what is published
  });
}

test('memory stays flat with a large document', async () => {
  const of = await steps.activate();
  const size = 32 * 2 ** 20;
  await steps.publish(of, { bytes: makePdf('x', size) });
  const memory = () =>
    Math.max(
      ...portal.processes().map((id) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1])),
    );
  const before = memory();
  let received = 0;
  expect(
    await of.client.get('/export', {
      onData: (chunk) => {
        received += chunk.length;
      },
    }),
    200,
  );
  assert.ok(received > size);
  assert.ok(memory() - before < 12 * 1024, `${memory() - before} KiB more`);
});
