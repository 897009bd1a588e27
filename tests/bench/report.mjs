// What was measured, as a table for people and as JSON for whoever compares.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { keyOf } from './rounds.mjs';

const UNITS = ['rate', 'mib', 'median', 'p99', 'cut'];

/** {median, min, max}, or nothing of nothing. */
function spread(values) {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (!known.length) return undefined;
  const middle = known.length / 2;
  const median = known.length % 2 ? known[Math.floor(middle)] : (known[middle - 1] + known[middle]) / 2;
  return { median, min: known[0], max: known.at(-1) };
}

const first = (command, ...args) => {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return `${stdout ?? ''}${stderr ?? ''}`.split('\n')[0].trim();
};

/** The figures differ by machine; the ratios hardly do. */
export function machine(portal) {
  return {
    processor: cpus()[0].model,
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    file_system: first('findmnt', '-n', '-o', 'FSTYPE', '-T', portal.VAR),
    system: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1],
    kernel: first('uname', '-r'),
    httpd: first('/usr/sbin/apache2', '-v').replace(/^.*Apache\//, 'Apache/'),
    postgresql: portal.sql('SHOW server_version'),
    node: process.version,
    wrk: first('wrk', '-v').replace(/ \[.*$/, ''),
  };
}

/** One portal's ratio of a round's figures to those of the same round. */
function ratioOf({ of, by, ratio }, subject, figures) {
  const mine = (id) => figures.get(`${id} ${subject.name}`) ?? figures.get(id);
  return spread(mine(of).map((figure, round) => ratio(figure, by && mine(by)[round])));
}

/** @param {object[]} ratios as contest.mjs has them */
export function summarize({ subjects, measures, figures, ratios, settings }) {
  return {
    at: new Date().toISOString(),
    ...settings,
    machine: machine(subjects[0].portal),
    portals: Object.fromEntries(
      subjects.map(({ name, tree }) => [name, first('git', '-C', tree, 'log', '-1', '--format=%h %s')]),
    ),
    measures: measures.map((measure) => {
      const all = figures.get(keyOf(measure));
      const units = UNITS.map((unit) => [unit, spread(all.map((one) => one[unit]))]).filter(([, found]) => found);
      return { id: measure.id, what: measure.what, portal: measure.subject?.name, ...Object.fromEntries(units) };
    }),
    ratios: ratios.map(({ what, must, goal, lower, ...ratio }) => {
      const portals = ratio.of.startsWith('peer') ? subjects.slice(0, 1) : subjects;
      const found = portals.map((subject) => [subject.name, ratioOf(ratio, subject, figures)]);
      return { what, must, goal, lower, portals: Object.fromEntries(found) };
    }),
  };
}

// ---- for people: Markdown, so that it goes into README.md as it is

const digits = (value) => (value >= 100 ? 0 : value >= 10 ? 1 : 2);
const number = (value) => (value === undefined ? '' : value.toFixed(digits(value)));
const range = (found) => (found ? `${number(found.median)} (${number(found.min)}..${number(found.max)})` : '');
const both = (found) => (found ? `${found.median.toFixed(2)} (${found.min.toFixed(2)}..${found.max.toFixed(2)})` : '');

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`);
  return [lines[0], `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.slice(1)].join('\n');
}

const SHARED = ', and what works in many processes got more of the rest than it should (tests/bench/processors.mjs)';

function reached({ must, goal, lower }, found) {
  if (must === undefined) return '';
  const meets = (wanted) => (lower ? found.median <= wanted : found.median >= wanted);
  if (meets(goal)) return 'goal';
  return meets(must) ? 'must' : 'not yet';
}

export function show({ machine: on, portals, measures, ratios, rounds, seconds, took, alike, others }) {
  const names = Object.keys(portals).reverse(); // before, now
  const now = names.at(-1);
  const figures = measures.map(({ what, portal, rate, mib, median, p99, cut }) => [
    portal && names.length > 1 ? `${what}, ${portal}` : what,
    range(rate),
    mib?.median > 50 ? number(mib.median) : '',
    number(median?.median),
    number(p99?.median),
    cut?.median ? String(cut.median) : '',
  ]);
  const held = ratios.map((ratio) => [
    ratio.what,
    ...names.map((name) => both(ratio.portals[name])),
    ratio.must?.toString() ?? '',
    ratio.goal?.toString() ?? '',
    rounds > 1 ? reached(ratio, ratio.portals[now]) : '',
  ]);
  return [
    table([['measured', 'a second (min..max)', 'MiB/s', 'median ms', 'p99 ms', 'cut'], ...figures]),
    table([['ratio', ...names, 'must', 'goal', 'reached'], ...held]),
    names.map((name) => `${name}: ${portals[name]}`).join('\n'),
    `${on.cores} cores of ${on.processor}, ${on.memory_gib} GiB, ${on.file_system}; ${on.system}, Linux ${on.kernel}; ${on.httpd}, PostgreSQL ${on.postgresql}, Node ${on.node}, ${on.wrk}`,
    rounds > 1
      ? `${rounds} rounds of ${seconds} s for each, in turn; ${took} s in all; others kept ${both(spread(others))} processors busy${alike ? '' : SHARED}`
      : 'One short round of cold programs: it shows that everything works, and its figures mean nothing.',
  ].join('\n\n');
}
