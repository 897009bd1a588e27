// Wiping and deleting while documents are being read: a download ends cleanly or is completed, and nothing is readable after.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { expect, newClient, portal, steps, test, until } from './lib/suite.mjs';
import { makePdf } from './lib/pdf.mjs';

const MIB = 2 ** 20;
const BIG = 32 * MIB; // far beyond what the sockets between the two ends hold
const READERS = 12;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const ways = {
  wiped: {
    go: (of) => of.client.delete(`/patients/${of.patient.id}/documents`, { json: { password: of.password } }),
    after: [410, 'document-deleted'],
    meanwhile: [200, 410],
  },
  deleted: {
    go: (of) => of.client.delete('/account', { json: { password: of.password } }),
    after: [401, 'unauthenticated'],
    meanwhile: [200, 401, 404],
  },
};

/** The key is destroyed, the file is gone, and neither the document nor a part of it is given out. */
async function assertUnreadable(reader, document, object, [status, problem]) {
  assert.equal(
    portal.sql(`SELECT count(*) FROM dossier_data.document WHERE object_id = '${object}' AND wrapped_key IS NOT NULL`),
    '0',
  );
  assert.ok(!portal.objects().some((path) => path.includes(object)), 'the file is still there');
  const path = `/documents/${document.id}/content`;
  for (const headers of [{}, { Range: 'bytes=0-99' }, { 'If-None-Match': `"${document.answer.sha256}"` }]) {
    expect(await reader.get(path, { headers }), status, problem);
  }
  reader.close();
}

/** Begins a download and stops taking bytes; {done, resume}. */
function halted(client, path) {
  const hash = createHash('sha256');
  let begun;
  let resume;
  const first = new Promise((done) => (begun = done));
  const gate = new Promise((done) => (resume = done));
  const done = client
    .get(path, {
      onData: async (chunk) => {
        hash.update(chunk);
        begun();
        await gate;
      },
    })
    .then(
      () => hash.digest('hex'),
      (error) => `cut: ${error.message}`,
    );
  return { first, done, resume };
}

for (const [what, { go, after, meanwhile }] of Object.entries(ways)) {
  test(`${what} while a download is half-way: it ends, whole or cut, and is the last`, async (t) => {
    const of = await steps.activate();
    const bytes = makePdf('Lungo', BIG);
    const document = await steps.publish(of, { bytes });
    const object = portal.documentColumn(document.id, 'object_id');
    const reader = of.client.moved({});
    const download = halted(reader, `/documents/${document.id}/content`);
    await download.first;
    expect(await go({ ...of, client: of.client.moved({}) }), 204); // a connection that was idle may be closed by now
    // with the cookie of before
    await assertUnreadable(reader.moved({}), document, object, after);
    download.resume();
    const ended = await download.done;
    t.diagnostic(ended === sha256(bytes) ? 'it was completed' : ended);
    assert.ok(ended === sha256(bytes) || ended.startsWith('cut: '), ended);
    await assertUnreadable(reader.moved({}), document, object, after);
    reader.close();
  });

  test(`${what} among ${READERS} readers: each gets the whole or a refusal`, async (t) => {
    const of = await steps.activate();
    const bytes = makePdf('Conteso', 2 * MIB);
    const document = await steps.publish(of, { bytes });
    const object = portal.documentColumn(document.id, 'object_id');
    const readers = Array.from({ length: READERS }, () => of.client.moved({}));
    const answers = [];
    const reading = readers.map(async (client) => {
      // each reads until it is refused; on fresh connections, since a busy httpd closes idle ones
      for (;;) {
        const answer = await client.get(`/documents/${document.id}/content`, { headers: { Connection: 'close' } });
        answers.push(answer);
        if (answer.status !== 200) return;
      }
    });
    await until(() => answers.length >= 4, 'the first readers');
    expect(await go({ ...of, client: of.client.moved({}) }), 204);
    await Promise.all(reading);
    for (const answer of answers) {
      assert.ok(meanwhile.includes(answer.status), `${answer.status} ${answer.problem}`);
      if (answer.status === 200) assert.equal(sha256(answer.body), sha256(bytes));
    }
    const count = (status) => answers.filter((answer) => answer.status === status).length;
    t.diagnostic(meanwhile.map((status) => `${status}: ${count(status)}`).join(', '));
    await assertUnreadable(of.client.moved({}), document, object, after);
    readers.forEach((client) => client.close());
  });
}

test('deleted twice at once: one deletes, the other finds nobody', async () => {
  const of = await steps.activate();
  const answers = await Promise.all(
    [of.client, of.client.moved({})].map((client) => ways.deleted.go({ ...of, client })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [204, 401]);
  expect(await newClient().post('/session', { login: of.mobile, password: of.password }), 401, 'login-failed');
});
