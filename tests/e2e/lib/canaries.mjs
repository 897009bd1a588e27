// Every name, number, code, token and password that tests make up is remembered, and no log may ever hold one.
import { appendFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const file = (VAR) => join(VAR, 'e2e-canaries');

/** `VAR` of the portal that the secrets are sent to. Six digits are looked for as a word, the rest anywhere. */
export function remember(VAR, ...texts) {
  const lines = texts.filter((text) => text && text.length >= 6).map((text) => `${JSON.stringify(text)}\n`);
  appendFileSync(file(VAR), lines.join(''));
}

export function remembered(VAR) {
  if (!existsSync(file(VAR))) return [];
  return [
    ...new Set(
      readFileSync(file(VAR), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    ),
  ];
}

/** A log without what is only a number by chance: times, process ids, ports, sizes, durations. */
export function meaningful(name, text) {
  if (name.startsWith('access')) return text.replace(/^.*?"(.*?)".*$/gm, '$1');
  return text
    .replace(/^\[[^\]]*\] (\[[^\]]*\] )?\[pid \d+(:tid \d+)?\]/gm, '')
    .replace(/\[client [^\]]*\]/g, '')
    .replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \w+ \[\d+\]/gm, '');
}

/** [where, what] for each secret found in a log or in the audit. */
export function sweep(portal, secrets = remembered(portal.VAR)) {
  const places = readdirSync(join(portal.VAR, 'log')).map((name) => [
    name,
    meaningful(name, readFileSync(join(portal.VAR, 'log', name), 'utf8')),
  ]);
  const audit = portal.rows(
    `SELECT concat_ws(' ', actor_kind, actor_id, action, outcome, account_id, patient_id, object_id, facility_id, address, detail) FROM dossier_data.audit`,
  );
  places.push(['audit', audit.flat().join('\n')]);
  const found = [];
  for (const [where, text] of places) {
    const words = new Set(text.match(/(?<![\w.:-])\d{6}(?![\w.:-])/g));
    for (const secret of secrets) {
      if (/^\d{6}$/.test(secret) ? words.has(secret) : text.includes(secret)) found.push([where, secret]);
    }
  }
  return found;
}
