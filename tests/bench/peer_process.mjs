// Starts the peer beside a portal, on its database and with its certificate, and holds that both answer the same.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../e2e/lib/portal.mjs';
import { ask } from './programs.mjs';

const PEER = fileURLToPath(new URL('peer.mjs', import.meta.url));

export class PeerProcess {
  async start(subject) {
    this.port = await freePort();
    const { VAR, socket } = subject.portal;
    const settings = {
      port: this.port,
      socket,
      certificate: join(VAR, 'tls', 'cert.pem'),
      key: join(VAR, 'tls', 'key.pem'),
    };
    const env = { ...process.env, NODE_ENV: 'production', PEER: JSON.stringify(settings) };
    this.child = fork(PEER, { env });
    await new Promise((done, fail) => {
      this.child.once('message', done);
      this.child.once('exit', (status) => fail(new Error(`the peer ended: ${status}`)));
    });
  }

  stop() {
    this.child?.kill('SIGKILL'); // its workers end with it
  }

  list(subject) {
    return { ...subject.list(), port: this.port };
  }

  /** Every account's list by both: the same documents in the same order, with the same members. The portal's first. */
  async compare(subject) {
    const answers = [];
    for (const request of subject.list().requests) {
      const [portal, peer] = await Promise.all([ask(subject.port, request), ask(this.port, request)]);
      assert.equal(portal.status, 200, `the portal: ${portal.body}`);
      assert.equal(peer.status, 200, `the peer: ${peer.body}`);
      assert.deepEqual(JSON.parse(peer.body), JSON.parse(portal.body));
      assert.equal(JSON.parse(portal.body).documents.length, 11);
      answers.push(portal.body);
    }
    return answers[0];
  }
}
