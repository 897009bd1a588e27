// Starts the peer beside a portal, on its database and with its certificate, and holds that both answer the same.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../e2e/lib/portal.mjs';
import { ask, requests } from './programs.mjs';

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
    this.child = fork(PEER, { env, detached: true }); // a session of its own, as httpd: processors.mjs
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

  /** Node compiles what is run often, and goes on doing so for tens of thousands of requests. */
  async warm(subject, folder) {
    let best = 0;
    for (let tries = 0, rate = 1; tries < 10 && rate > best * 1.02; tries++) {
      best = Math.max(best, rate);
      ({ rate } = await requests(this.list(subject), { folder, seconds: 3, connections: 16 }));
    }
  }

  /** Its connections to the database. */
  connected({ portal }) {
    return portal.rows("SELECT pid FROM pg_stat_activity WHERE application_name = 'peer' ORDER BY pid").flat();
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
