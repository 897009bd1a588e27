// The processors: that all programs of the bench get theirs alike, and how much others take meanwhile.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CPU = '/sys/fs/cgroup/cpu'; // of cgroups, version 1
const WEIGHT = 10240; // ten times a session's, so that others slow it down little

const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/**
 * Outside of cgroups Linux shares the processors out by session (sched_autogroup), and each backend of PostgreSQL is a
 * session of its own: where others work too, what is done in many backends gets many shares, and what is done in two
 * processes of Node gets one. In a cgroup all threads are equal. True unless it is needed and this user may not make one.
 */
export function shareAlike() {
  if (read('/proc/sys/kernel/sched_autogroup_enabled').trim() !== '1') return true;
  if (!/^\d+:cpu:\/$/m.test(read('/proc/self/cgroup'))) return true;
  const group = join(CPU, `dossier-bench-${process.pid}`);
  try {
    mkdirSync(group);
    writeFileSync(join(group, 'cpu.shares'), String(WEIGHT));
    writeFileSync(join(group, 'cgroup.procs'), String(process.pid)); // and whatever it starts from now on
  } catch {
    return false;
  }
  process.on('exit', () => leave(group));
  return true;
}

function leave(group) {
  for (const id of read(join(group, 'cgroup.procs')).split('\n').filter(Boolean)) {
    try {
      writeFileSync(join(CPU, 'cgroup.procs'), id); // those that were killed are on their way out
    } catch {
      // gone
    }
  }
  try {
    rmdirSync(group);
  } catch {
    // empty directories of cgroups cost nothing
  }
}

/** How many processors are at work just now. For when the bench itself does nothing. */
export async function busy() {
  const before = worked();
  const began = performance.now();
  await sleep(500);
  return ((worked() - before) * 10) / (performance.now() - began); // USER_HZ is 100 on Linux
}

function worked() {
  const [, user, nice, system, , , interrupt, soft, steal] = read('/proc/stat').split('\n')[0].split(/ +/).map(Number);
  return user + nice + system + interrupt + soft + steal;
}
