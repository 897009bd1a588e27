// Lets time pass for single rows, by moving their times into the past. Fails when there is no such row.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { literal } from './portal.mjs';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

export class Age {
  constructor(portal) {
    this.portal = portal;
  }

  update(table, changes, where) {
    const changed = this.portal.rows(`UPDATE dossier_data.${table} SET ${changes} WHERE ${where} RETURNING 1`);
    assert.ok(changed.length > 0, `no row of ${table} to change: ${where}`);
  }

  shift(table, columns, interval, where) {
    this.update(
      table,
      columns.map((column) => `${column} = ${column} - interval ${literal(interval)}`).join(', '),
      where,
    );
  }

  throttle(scope, subject, interval) {
    this.throttles(scope, `subject = ${literal(subject)}`, interval);
  }

  throttles(scope, where, interval) {
    const by = `interval ${literal(interval)}`;
    const changes = `hits = ARRAY(SELECT hit - ${by} FROM unnest(hits) AS hit ORDER BY 1), tat = tat - ${by}, touched_at = touched_at - ${by}`;
    this.update('throttle', changes, `scope = ${literal(scope)} AND ${where}`);
  }

  /** The open verification code of a registration or of a change to an account. */
  code(flow, interval) {
    this.shift(
      'verification_code',
      ['created_at', 'expires_at'],
      interval,
      `flow_id = ${literal(flow)} AND voided_at IS NULL AND used_at IS NULL`,
    );
  }

  /** The codes asked for that go to a number or e-mail, whoever asked. */
  sends(contact, interval) {
    const to = literal(contact);
    this.throttles(
      'code_send',
      `subject IN (SELECT subject FROM dossier_data.registration WHERE mobile = ${to}
      UNION SELECT subject FROM dossier_data.account_change WHERE recipient = ${to})`,
      interval,
    );
  }

  /** The day's codes of a registration or change, and of who asks for the same, are used up. */
  useUp(flow) {
    const of = literal(flow);
    this.update(
      'throttle',
      'hits = array_fill(clock_timestamp(), ARRAY[6])',
      `scope = 'code_send' AND subject IN
      (SELECT subject FROM dossier_data.registration WHERE id = ${of} UNION SELECT subject FROM dossier_data.account_change WHERE id = ${of})`,
    );
  }

  /** The failed logins with a mobile from an address. */
  logins(mobile, address, interval) {
    this.throttle('login', sha256(`${sha256(`mobile:${mobile}`)}|${address}`), interval);
  }

  /** The wrong activations of an account. */
  activations(account, interval) {
    this.throttle('activation_wrong', account, interval);
  }

  /** The open activation code of an acceptance. */
  activationCode(acceptance, interval) {
    this.shift(
      'activation_code',
      ['created_at', 'expires_at'],
      interval,
      `used_at IS NULL AND revoked_at IS NULL AND acceptance_id = (SELECT id FROM dossier_data.acceptance WHERE external_id = ${literal(acceptance)})`,
    );
  }

  /** The alert that waits for further documents. */
  alerts(account, interval) {
    this.shift(
      'outbox',
      ['created_at', 'due_at', 'not_before'],
      interval,
      `account_id = ${literal(account)} AND gathering`,
    );
  }

  /** The last request of an account's sessions was so long ago. */
  idle(account, interval) {
    this.update('session', `last_seen_at = now() - interval ${literal(interval)}`, `account_id = ${literal(account)}`);
  }

  /** The sessions of an account began so much earlier. */
  whole(account, interval) {
    this.shift('session', ['created_at'], interval, `account_id = ${literal(account)}`);
  }

  document(id, interval) {
    this.shift('document', ['created_at', 'published_at', 'expires_at'], interval, `id = ${literal(id)}`);
  }

  /** A document and what is said before it vanishes. */
  lastCall(id, interval) {
    this.shift(
      'document',
      ['created_at', 'published_at', 'expires_at', 'last_call_at'],
      interval,
      `id = ${literal(id)}`,
    );
  }
}
