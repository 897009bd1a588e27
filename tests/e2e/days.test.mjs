// How long a document can be read, and what is said before it vanishes. The watchdog comes once a minute, and soon after a start.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './lib/http.mjs';
import { Outbox } from './lib/outbox.mjs';
import { Portal } from './lib/portal.mjs';
import { Steps } from './lib/steps.mjs';
import { literal, outbox, portal, steps, test, until } from './lib/suite.mjs';

const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');

test("sixty days by default, and one line at start about the Garante's forty-five", async () => {
  const of = await steps.accept();
  const { answer } = await steps.publish(of);
  assert.equal(Date.parse(answer.expires_at) - Date.parse(answer.published_at), 60 * 86_400_000);
  const log = portal.log().read();
  const starts = log.match(/resuming normal operations/g).length;
  const noted = log.match(/:notice\] .*DOS0590: DossierRetentionDays is 60: .* of at most 45 days/g) ?? [];
  assert.equal(noted.length, starts, 'once for each start');
});

test('forty-five days, where the sysadmin says so, and nothing of it in the log', async (t) => {
  const settings = join(tmpdir(), `dossier-45-${process.pid}.conf`);
  writeFileSync(settings, 'DossierRetentionDays 45\nDossierSpool "${VAR}/outbox"\n');
  const other = await Portal.start({ GATEWAYS: settings });
  t.after(() => {
    other.stop();
    rmSync(settings);
  });
  const newClient = (options) => new Client(other, options);
  const theirs = new Steps({
    portal: other,
    outbox: new Outbox(other),
    desk: newClient({ key: other.keys.desk }),
    newClient,
  });
  const { answer } = await theirs.publish(await theirs.accept());
  assert.equal(Date.parse(answer.expires_at) - Date.parse(answer.published_at), 45 * 86_400_000);
  assert.doesNotMatch(other.log().read(), /DOS0590/);
});

test('the watchdog: last calls seven days and one day before, and the end of a hold', async () => {
  const called = (days) =>
    steps.activate().then(async (of) => {
      of.document = await steps.publish(of);
      portal.age.lastCall(of.document.id, `${days} days`);
      return of;
    });
  const [seven, one, early, silent] = [await called(53), await called(59), await called(52), await called(52)];
  portal.rows(`UPDATE dossier_data.account SET alert_last_call = false WHERE id = ${literal(silent.account.id)}`);
  portal.age.lastCall(silent.document.id, '2 days');
  const read = await steps.activate();
  read.document = await steps.publish(read);
  await read.client.get(`/documents/${read.document.id}/content`);
  portal.age.lastCall(read.document.id, '54 days');
  const held = await steps.activate();
  held.document = await steps.publish(held, { hold_until: inDays(5) });
  portal.age.document(held.document.id, '5 days 1 minute');

  await portal.graceful(); // the watchdog's first round is soon
  const last = (of, channel, to) => outbox.next({ to, channel, template: 'last_call' }, 120);
  for (const of of [seven, one]) {
    const [sms, mail] = [await last(of, 'sms', of.mobile), await last(of, 'mail', of.email)];
    for (const { text } of [sms, mail]) {
      assert.match(text, /sta per scadere/);
      for (const word of [of.first_name, of.last_name, 'sangue', 'Verdi', 'Pellegrino'])
        assert.ok(!text.includes(word), text);
    }
  }
  await until(
    () => portal.documentColumn(held.document.id, 'announce') === 'f',
    'the end of the hold to be announced',
    120,
  );
  portal.age.alerts(held.account.id, '6 minutes');
  await outbox.next({ to: held.mobile, template: 'new_documents' });
  await until(
    () => portal.documentColumn(read.document.id, 'last_call_at > now()') === 't',
    'the round to be over',
    120,
  );
  const calls = [early, silent, read, held].map((of) =>
    Number(
      portal.sql(
        `SELECT count(*) FROM dossier_data.outbox WHERE template = 'last_call' AND account_id = ${literal(of.account.id)}`,
      ),
    ),
  );
  assert.deepEqual(calls, [0, 0, 0, 0], 'too early, not wanted, read, just published');
});
