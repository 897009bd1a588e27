// A document changes while it is read, or its file is lost: no reader sees wrong bytes or a false alarm.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { Client } from '../e2e/lib/http.mjs';
import { Outbox } from '../e2e/lib/outbox.mjs';
import { makePdf } from '../e2e/lib/pdf.mjs';
import { metadataOf } from '../e2e/lib/people.mjs';
import { Portal, literal, until } from '../e2e/lib/portal.mjs';
import { Steps } from '../e2e/lib/steps.mjs';
import { unpack } from '../e2e/lib/zip.mjs';

const SECONDS = Number(process.env.SECONDS ?? 4);
const READERS = 6;

const portal = await Portal.start();
process.on('exit', () => portal.stop());
const newClient = (options) => new Client(portal, options);
const desk = newClient({ key: portal.keys.desk });
const steps = new Steps({ portal, outbox: new Outbox(portal), desk, newClient });

test('readers while a document is replaced and withdrawn', async () => {
  const of = await steps.activate();
  const { id, external_id, bytes } = await steps.publish(of);
  const known = new Set([bytes.toString('latin1')]);
  const answers = {};
  let running = true;

  const reader = async (client) => {
    while (running) {
      const { status, body } = await client.get(`/documents/${id}/content`, { unchecked: true });
      answers[status] = (answers[status] ?? 0) + 1;
      if (status === 200) assert.ok(known.has(body.toString('latin1')), 'the bytes of one version, whole');
    }
  };
  const readers = Array.from({ length: READERS }, () => reader(of.client.moved({})));
  const end = Date.now() + SECONDS * 1000;
  try {
    for (let round = 0; Date.now() < end; round += 1) {
      const republish = round % 10 === 9;
      if (republish) {
        // for the second time it says which state it knows
        const path = `/integration/documents/${external_id}`;
        const { etag } = (await desk.get(path)).headers;
        assert.equal((await desk.delete(path, { headers: { 'If-Match': etag } })).status, 200);
      }
      const next = makePdf();
      known.add(next.toString('latin1'));
      assert.equal((await desk.publish(external_id, metadataOf(of, { republish }), next)).status, 200);
    }
  } finally {
    running = false;
    await Promise.all(readers);
  }
  // 503: replaced five times between looking and sending, to be asked again; 410: withdrawn
  const others = Object.keys(answers).filter((status) => !['200', '410', '503'].includes(status));
  assert.deepEqual(others, [], JSON.stringify(answers));
  assert.ok(answers[200] > 0);
  assert.doesNotMatch(portal.log().read(), /DOS020[4-7]/, 'no false alarm of a damaged document');
});

/**
 * Stops who opens the document: `opened`, by a plain GET whose file is gone already, before that is told to the row; `looking`, between the row's answer and the file, or `reading`, with the file open, before the row is
 * told that its bytes go out, to a reader or with an export. `happens` comes in between, for certain.
 */
async function inBetween(id, place, call, happens) {
  const psql = spawn(
    portal.postgresProgram('psql'),
    ['-X', '-q', '-h', portal.socket, '-U', 'dossier_admin', '-d', 'dossier'],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  const called = place === 'opened' ? 'document_unread' : 'document_open';
  const stops = `IF p ->> 'document_id' = ${literal(id)} AND (p ? 'failure' OR (p @> '{"read": true}' OR p @> '{"exported": true}') = ${place === 'reading'}) THEN
      PERFORM pg_advisory_xact_lock_shared(77); END IF;`;
  portal.rows(`ALTER FUNCTION dossier.${called}(jsonb) RENAME TO called_before;
    CREATE FUNCTION dossier.${called}(p jsonb) RETURNS dossier_data.answer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE v dossier_data.answer;
    BEGIN
      ${place === 'looking' ? '' : stops}
      v := dossier.called_before(p);
      ${place === 'looking' ? stops : ''}
      RETURN v;
    END $$;
    GRANT EXECUTE ON FUNCTION dossier.${called}(jsonb) TO dossier_app`);
  const locks = (granted) =>
    portal.sql(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND granted = ${granted}`);
  try {
    psql.stdin.write('SELECT pg_advisory_lock(77);\n');
    await until(() => locks(true) === '1', 'the lock');
    const answer = call();
    await until(() => locks(false) === '1', 'the reader to stand between row and file');
    const happened = await happens();
    psql.stdin.end();
    return { happened, answer: await answer };
  } finally {
    psql.stdin.end();
    portal.rows(
      `DROP FUNCTION dossier.${called}(jsonb); ALTER FUNCTION dossier.called_before(jsonb) RENAME TO ${called}`,
    );
  }
}

/** What may happen to a document while somebody opens it, and what the reader gets then. */
function events(of, { id, external_id }) {
  const next = makePdf();
  return {
    replaced: { go: () => desk.publish(external_id, metadataOf(of), next), status: 200, bytes: next },
    withdrawn: {
      go: () => desk.delete(`/integration/documents/${external_id}`),
      status: 410,
      problem: 'document-withdrawn',
    },
    wiped: {
      go: () => of.client.moved({}).delete(`/patients/${of.patient.id}/documents`, { json: { password: of.password } }),
      status: 410,
      problem: 'document-deleted',
    },
    hidden: {
      go: () => of.client.moved({}).put(`/documents/${id}/visibility`, { hidden: true }),
      status: 404,
      problem: 'not-found',
    },
  };
}

for (const place of ['opened', 'looking', 'reading']) {
  for (const what of ['replaced', 'withdrawn', 'wiped', 'hidden']) {
    test(`${what} just while somebody opens it, at ${place}`, async () => {
      const seen = portal.log().size();
      const of = await steps.activate();
      const document = await steps.publish(of);
      const { id } = document;
      const event = events(of, document)[what];
      if (place === 'opened') rmSync(portal.objectFile(id));
      const { happened, answer } = await inBetween(
        id,
        place,
        () =>
          of.client.get(`/documents/${id}/content`, { headers: place === 'opened' ? {} : { 'If-None-Match': '"x"' } }),
        event.go,
      );
      assert.ok(happened.status < 300, happened.text);
      assert.deepEqual([answer.status, answer.problem], [event.status, event.problem]);
      if (event.bytes) assert.ok(answer.body.equals(event.bytes), 'the new version, whole');
      const versions = portal.rows(
        `SELECT version FROM dossier_data.document_reading WHERE document_id = ${literal(id)}`,
      );
      assert.deepEqual(versions, event.bytes ? [['2']] : [], 'what was read is what was sent');
      assert.doesNotMatch(portal.log().read(seen), /DOS02(0[4-7]|80)/);
    });

    if (place === 'opened') continue;
    test(`${what} just while an export opens it, at ${place}`, async () => {
      const seen = portal.log().size();
      const of = await steps.activate();
      const document = await steps.publish(of);
      const event = events(of, document)[what];
      const { answer } = await inBetween(document.id, place, () => of.client.get('/export'), event.go);
      assert.equal(answer.status, 200);
      const files = unpack(answer.body);
      const [{ file, version }] = JSON.parse(files['data.json']).documents;
      assert.equal(file !== null, what === 'replaced');
      if (event.bytes) assert.ok(files[file].equals(event.bytes), 'the new version, whole');
      assert.equal(version, event.bytes ? 2 : 1);
      assert.doesNotMatch(portal.log().read(seen), /DOS02(0[4-7]|80)/);
    });
  }
}

test('a document whose file is lost is there again when its facility sends it again', async () => {
  const of = await steps.activate();
  const { id, external_id, metadata, bytes } = await steps.publish(of);
  const objects = portal.objects().length;
  rmSync(portal.objectFile(id));
  assert.equal((await of.client.get(`/documents/${id}/content`)).problem, 'document-damaged');

  const again = await desk.publish(external_id, metadata, bytes);
  assert.equal(again.status, 200);
  assert.deepEqual([again.json.changed, again.json.version], ['unchanged', 1]);
  assert.ok((await of.client.get(`/documents/${id}/content`)).body.equals(bytes));
  assert.equal(portal.objects().length, objects, 'one file');
});

test('sixteen times the same bytes at once', async () => {
  const of = await steps.activate();
  const { id, external_id, metadata, bytes } = await steps.publish(of);
  const objects = portal.objects().length;
  const answers = await Promise.all(Array.from({ length: 16 }, () => desk.publish(external_id, metadata, bytes)));
  assert.ok(answers.every(({ json }) => json.changed === 'unchanged'));
  assert.ok((await of.client.get(`/documents/${id}/content`)).body.equals(bytes));
  assert.equal(portal.objects().length, objects + 1, 'one file, and the newest of those it replaced');
});
