// What leaves by SMS and mail: the files of the spool folder.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { remember } from './canaries.mjs';
import { until } from './portal.mjs';

export class Outbox {
  constructor(portal) {
    this.VAR = portal.VAR;
    this.folder = join(portal.VAR, 'outbox');
    this.files = new Map();
    this.taken = new Set();
  }

  /** Every message so far, oldest first; `filter` may name to, template, channel. */
  messages(filter = {}) {
    for (const name of readdirSync(this.folder)) {
      if (name.startsWith('.') || !name.endsWith('.json') || this.files.has(name)) continue;
      this.files.set(name, JSON.parse(readFileSync(join(this.folder, name), 'utf8')));
    }
    return [...this.files.keys()]
      .sort()
      .map((name) => this.files.get(name))
      .filter((message) => Object.entries(filter).every(([key, value]) => message[key] === value));
  }

  /** The next message that fits and was not taken before. */
  async next(filter, seconds = 20) {
    const message = await until(
      () => this.messages(filter).find((candidate) => !this.taken.has(candidate.id)),
      `a message ${JSON.stringify(filter)}`,
      seconds,
    );
    this.taken.add(message.id);
    return message;
  }

  /** The six digits of the next verification code to this number or e-mail. */
  async code(to) {
    const kind = to.includes('@')
      ? { channel: 'mail', template: 'email_code' }
      : { channel: 'sms', template: 'verification_code' };
    const message = await this.next({ to, ...kind });
    const [, code] = /\b(\d{6})\b/.exec(message.text);
    remember(this.VAR, code);
    return code;
  }
}
