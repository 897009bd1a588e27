// What auto_explain has told of the calls of lib/plans.sql, on standard input: each function of the arguments after the
// first must have been called, and no statement may read through a table that grows (the first argument: their names).
import { readFileSync } from 'node:fs';

const [growing, ...functions] = process.argv.slice(2);
const grows = new Set(growing.split(' '));
// a request is answered from so many rows at most, and throws away no more; more than any call of plans.sql touches
const MOST = 1000;
// what counts all that can be read, by an index of just that
const counts = new Set(['key_needed']);

const found = new Set();
const plans = new Map(functions.map((f) => [f, 0]));
let name = null;

function look(node, query) {
  const rows = (member) => (node[member] ?? 0) * (node['Actual Loops'] ?? 1);
  const relation = node['Relation Name'] ?? node['Index Name'] ?? '';
  const say = (what) => found.add(`${name}: ${what} of ${relation} in "${query.replace(/\s+/g, ' ').slice(0, 160)}"`);
  if (node['Node Type'] === 'Seq Scan' && grows.has(relation)) say('a sequential scan');
  if (node['Node Type'].includes('Scan') && !counts.has(name)) {
    if (rows('Actual Rows') > MOST) say(`${rows('Actual Rows')} rows`);
    const away = rows('Rows Removed by Filter') + rows('Rows Removed by Index Recheck');
    if (away > MOST) say(`${away} rows thrown away`);
  }
  for (const child of node.Plans ?? []) look(child, query);
}

const notices = readFileSync(0, 'utf8').split(/^.*NOTICE: {2}/m);
for (const notice of notices) {
  const call = /^CALL (\w+)/.exec(notice);
  if (call) name = call[1];
  else if (notice.startsWith('END')) name = null;
  if (!name || !/^duration: /.test(notice)) continue;
  const text = notice.slice(notice.indexOf('{'), notice.search(/^\}/m) + 1);
  const { 'Query Text': query, Plan: plan } = JSON.parse(text);
  plans.set(name, plans.get(name) + 1);
  look(plan, query);
}
// one is the call's own
for (const [f, count] of plans) if (count < 2) found.add(`${f}: nothing is told of what it does`);
for (const line of [...found].sort()) console.log(line);
process.exitCode = found.size ? 1 : 0;
