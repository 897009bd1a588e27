// What the processes of a portal take, by the system's own books: memory, time of the processors, and calls of the system.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TICK = 10_000; // µs; USER_HZ is 100 on Linux

function childrenOf(parent) {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').map(Number);
}

/** A process may end at any moment, and then takes nothing any more. */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export class Processes {
  constructor(portal) {
    this.portal = portal;
  }

  /** {httpd: those that answer, postgres: the backends of httpd}: ids. */
  ids() {
    const postmaster = Number(read(join(this.portal.VAR, 'pg', 'postmaster.pid')).split('\n')[0]);
    return {
      httpd: childrenOf(this.portal.parent()),
      postgres: childrenOf(postmaster).filter((id) => read(`/proc/${id}/cmdline`).includes('dossier_app')),
    };
  }

  sum(figure) {
    const total = (ids) => ids.reduce((sum, id) => sum + figure(id), 0);
    const { httpd, postgres } = this.ids();
    return { httpd: total(httpd), postgres: total(postgres), backends: postgres.length };
  }

  /** Memory in kB; what processes share counts once (Pss). */
  memory() {
    return this.sum((id) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${id}/smaps_rollup`))?.[1] ?? 0));
  }

  /** Time of the processors in µs since they began. */
  time() {
    return this.sum((id) => {
      const fields = read(`/proc/${id}/stat`).replace(/.*\) /, '').split(' ');
      return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK;
    });
  }

  /** The most memory of httpd while the work lasts, in kB. */
  async peak(work) {
    let most = 0;
    let over = false;
    const result = work().finally(() => (over = true));
    while (!over) {
      most = Math.max(most, this.memory().httpd);
      await sleep(100);
    }
    await result;
    return most;
  }

  /** Calls of the system that httpd makes meanwhile, by their name; null where strace is missing or not allowed. */
  async calls(work) {
    const ids = this.ids().httpd.flatMap((id) => ['-p', String(id)]);
    const strace = spawn('strace', ['-f', '-c', ...ids], { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(strace, 'close').catch(() => null);
    let said = '';
    strace.stderr.on('data', (piece) => (said += piece));
    for (let tries = 0; !said.includes('attached') && tries < 50; tries++) await sleep(100);
    await sleep(500); // the other processes
    const result = await work();
    strace.kill('SIGINT');
    await ended;
    const counts = {};
    for (const [, count, name] of said.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+([a-z_0-9]+)$/gm)) {
      if (name !== 'total') counts[name] = Number(count);
    }
    return { result, counts: Object.keys(counts).length ? counts : null };
  }
}
