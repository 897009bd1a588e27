// Kannel with its own fake SMS centre: bearerbox, smsbox and fakesmsc, on ports of their own.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, until } from '../e2e/lib/portal.mjs';

const PASSWORD = 'kannel-password-1';

const answers = (port) =>
  new Promise((done) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.end(() => done(true)));
    socket.on('error', () => done(false));
  });

export class Kannel {
  /** `ca`: the authority of the portal's certificate, for receipts. */
  static async start(folder, { ca }) {
    const kannel = Object.assign(new Kannel(), { password: PASSWORD, received: [], foreign: [], children: [] });
    const [admin, boxes, centre, port] = [await freePort(), await freePort(), await freePort(), await freePort()];
    kannel.port = port;
    const file = join(folder, 'kannel.conf');
    writeFileSync(
      file,
      `
group = core
admin-port = ${admin}
admin-password = unused
smsbox-port = ${boxes}
box-allow-ip = 127.0.0.1
ssl-trusted-ca-file = ${ca}

group = smsc
smsc = fake
smsc-id = fake
port = ${centre}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = ${boxes}
sendsms-port = ${port}

group = sendsms-user
username = portal
password = ${PASSWORD}
concatenation = true
max-messages = 6
`,
    );
    kannel.spawn('/usr/sbin/bearerbox', file);
    await until(async () => (await answers(boxes)) && answers(centre), 'bearerbox');
    kannel.spawn('/usr/sbin/smsbox', file);
    const fake = kannel.spawn(
      '/usr/lib/kannel/test/fakesmsc',
      '-H',
      '127.0.0.1',
      '-r',
      String(centre),
      '-m',
      '0',
      '1 2 text x',
    );
    createInterface({ input: fake.stderr }).on('line', (line) => kannel.read(line));
    await until(() => answers(port), 'smsbox');
    return kannel;
  }

  spawn(program, ...options) {
    const child = spawn(program, options, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.resume();
    this.children.push(child);
    return child;
  }

  /** One SMS in the 7-bit alphabet, its further lines after it. One in parts, or in UCS-2, is none that was wanted. */
  read(line) {
    const [, message] = /Got message \d+: <(.*)>$/.exec(line) ?? [];
    const [, from, to, kind, text] = /^(\S+) (\S+) (text|ucs-2|udh) (.*)$/.exec(message ?? '') ?? [];
    if (kind === 'text') this.received.push({ from, to, text });
    else if (kind) this.foreign.push(message);
    else if (message !== undefined) this.received.at(-1).text += `\n${message}`;
  }

  async await(fits, seconds = 20) {
    return until(() => this.received.find(fits), 'an SMS at the fake SMS centre', seconds);
  }

  stop() {
    for (const child of this.children) child.kill('SIGKILL');
  }
}
