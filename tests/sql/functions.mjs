// Holds the functions of the database against the web server: their names and outcomes against store/functions.def and
// the catalogue of problems, the keys they read of their argument against those that are set where they are called.
//   node functions.mjs ROOT FUNCTIONS     a line for each thing that does not fit; functions.sh writes FUNCTIONS
// An outcome is a word that comes into outcome(…) or answer(…, …), into an argument called p_refusal or p_outcome, or into
// a refusal: as it stands, by a variable, or because a function returns it.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [root, functionsFile] = process.argv.slice(2);
const module = join(root, 'mod_mantova_dossier');
const read = (...path) => readFileSync(join(...path), 'utf8');
const complain = (line) => console.log(line);
const matches = (text, pattern) => [...text.matchAll(pattern)];
const union = (sets) => new Set(sets.flatMap((set) => [...set]));
const missing = (from, to) => [...from].filter((word) => !to.has(word)).sort();

// ---- SQL

const functions = JSON.parse(readFileSync(functionsFile, 'utf8')).map((f) => ({
  ...f,
  source: f.source.replaceAll(/--.*/g, ''),
}));
const named = new Map(functions.map((f) => [`${f.schema}.${f.name}`, f]));

/** The tokens of an expression: words in quotes, names, and signs. */
const tokens = (text) => matches(text, /'(?:[^']|'')*'|[\w.]+|\S/g).map(([token]) => token);

/** Where what opens at `start`, a bracket or a CASE, is closed. */
function closing(list, start) {
  const [open, close] = /^case$/i.test(list[start]) ? ['case', 'end'] : ['(', ')'];
  let depth = 0;
  for (let i = start; i < list.length; i++) {
    const token = list[i].toLowerCase();
    if (token === open) depth++;
    if (token === close && --depth === 0) return i;
  }
  return list.length;
}

/** The parts of a list between the tokens that `separates` accepts, at its own level. */
function parts(list, separates) {
  const found = [[]];
  for (let i = 0; i < list.length; i++) {
    if (separates(list[i])) found.push([]);
    if (list[i] === '(' || /^case$/i.test(list[i])) {
      const last = closing(list, i);
      found.at(-1).push(...list.slice(i, last + 1));
      i = last;
    } else found.at(-1).push(list[i]);
  }
  return found;
}
const split = (list) => parts(list, (t) => t === ',').map((part, i) => (i ? part.slice(1) : part));

/** What an expression may come to, words, names of variables and functions; not what it only compares with. */
function values(list) {
  const [first] = list;
  const whole = (from) => closing(list, from) === list.length - 1;
  if (list.length === 1) return /^'\w+'$/.test(first) ? [{ word: first.slice(1, -1) }] : [{ variable: first }];
  if (/^case$/i.test(first) && whole(0))
    return parts(list.slice(1, -1), (t) => /^(when|then|else)$/i.test(t))
      .filter(([branch]) => /^(then|else)$/i.test(branch ?? ''))
      .flatMap((part) => values(part.slice(1)));
  if (first === '(' && whole(0)) return values(list.slice(1, -1));
  if (/^(coalesce|min)$/i.test(first) && whole(1)) return split(list.slice(2, -1)).flatMap(values);
  if (/^nullif$/i.test(first) && whole(1)) {
    const [value, [never]] = split(list.slice(2, -1));
    return values(value).map((one) => ({ ...one, never: never.slice(1, -1) }));
  }
  if (/^select$/i.test(first)) return values(parts(list.slice(1), (t) => /^(from|where|into)$/i.test(t))[0]);
  if (list[1] === '(' && whole(1)) return [{ called: first.split('.').at(-1) }];
  return [];
}

/** The arguments of each call of `name`, as lists of tokens. */
const calls = (list, name) =>
  list.flatMap((token, i) =>
    list[i + 1] === '(' && token.split('.').at(-1) === name ? [split(list.slice(i + 2, closing(list, i + 1)))] : [],
  );

// results called so are refusals wherever they are looked at; "again" is a repetition, which succeeds
const REFUSALS = ['refusal', 'v_refusal', 'taken'];
const NO_REFUSAL = new Set(['ok', 'created', 'again']);
const carriers = functions
  .filter((f) => !/^audit_/.test(f.name))
  .flatMap((f) => f.arguments.map((name, place) => ({ f: f.name, name, place })))
  .filter(({ name }) => /^p_(refusal|outcome)$/.test(name));

/** What stands before AS refusal: the expressions of a column that others ask for. */
function refusalColumns(f) {
  const list = tokens(f.source);
  return list.flatMap((token, end) => {
    if (token !== 'refusal' || !/^as$/i.test(list[end - 1])) return [];
    for (let start = end - 2; start >= 0; start--)
      if ((list[start] === '(' || /^case$/i.test(list[start])) && closing(list, start) === end - 2)
        return [list.slice(/^[\w.]+$/.test(list[start - 1]) && list[start] === '(' ? start - 1 : start, end - 1)];
    return [[list[end - 2]]];
  });
}

/** The expressions whose value becomes an outcome in a function. */
function sources(f) {
  const list = tokens(f.source);
  const found = carriers.flatMap(({ f: name, place }) => calls(list, name).map((call) => call[place] ?? []));
  for (const [word] of calls(list, 'answer')) found.push(word);
  for (const [, word] of matches(f.source, /('\w+') AS refusal\b/g)) found.push([word]);
  if (/\.refusal\b/.test(f.source)) for (const [g] of called(f)) found.push(...refusalColumns(g));
  return [...found, ...REFUSALS.map((variable) => [variable])];
}

/** What a function returns. */
const returned = (f) =>
  matches(f.source, /(?:\bRETURN\b|^\s*(?=SELECT\b))([^;]*)/g).map(([, expression]) => tokens(expression));

/** The expressions that a variable gets its value of. */
const assigned = (f, variable) =>
  [
    ...matches(f.source, new RegExp(`\\b${variable}\\b(?:\\s+\\w+)?\\s*:=([^;]*);`, 'g')),
    ...matches(f.source, new RegExp(`\\bSELECT((?:(?!\\bSELECT\\b)[^;])*?)INTO\\s+${variable}\\b`, 'g')),
  ].map(([, expression]) => tokens(expression));

/** The words that these expressions of a function may come to; those of functions that return some with them. */
function wordsOf(f, expressions, asked = new Set()) {
  const words = new Set();
  const seen = new Set();
  const waiting = expressions.flatMap(values);
  for (const { word, variable, called, never } of waiting) {
    if (word && !NO_REFUSAL.has(word)) words.add(word);
    if (variable && /^\w+$/.test(variable) && !seen.has(variable))
      waiting.push(...assigned(f, variable).flatMap(values));
    seen.add(variable);
    const g = named.get(`dossier_lib.${called}`);
    if (!g || asked.has(g)) continue;
    asked.add(g);
    for (const one of wordsOf(g, returned(g), asked)) if (one !== never) words.add(one);
  }
  return words;
}

/** What a function calls. A word that a CASE of the called one chooses by (dry_run) leads to that branch alone. */
function called(f, chosen) {
  const source = chosen
    ? f.source.replaceAll(/\bWHEN '(\w+)' THEN [^;]*;/g, (all, word) => (word === chosen ? all : ''))
    : f.source;
  return matches(source, /\b((?:dossier(?:_\w+)?\.)?)(\w+)\s*\(\s*(?:'(\w+)')?/g)
    .map(([, schema, name, word]) => [named.get(`${schema || 'dossier_lib.'}${name}`), name === 'dry_run' && word])
    .filter(([g]) => g);
}

/** A function and all that it leads to. */
function reach(f, chosen, seen = new Set()) {
  if (seen.has(f)) return seen;
  seen.add(f);
  for (const [g, word] of called(f, chosen)) reach(g, word, seen);
  return seen;
}

const outcomesOf = new Map(functions.map((f) => [f, wordsOf(f, sources(f))]));
/** The keys that a function reads of any object, and of its argument `p` or what it has put aside of that. */
const keysRead = (f) => new Set(matches(f.source, /(?:->>?|\?)\s*'(\w+)'/g).map(([, key]) => key));
/** The keys of its argument itself that a function reads, and those that it gives `p` to. */
function keysOnTop(f, chosen, seen = new Set()) {
  const list = tokens(f.source);
  const keys = new Set(matches(f.source, /\bp ->>? '(\w+)'/g).map(([, key]) => key));
  seen.add(f);
  for (const [g, word] of called(f, chosen))
    if (
      !seen.has(g) &&
      g.arguments.includes('p') &&
      calls(list, g.name)
        .flat()
        .some((one) => one.join('') === 'p')
    )
      for (const key of keysOnTop(g, word, seen)) keys.add(key);
  return keys;
}
function keysNeeded(f) {
  const own = ['p', ...matches(f.source, /\b(v_\w+) jsonb := p -> '\w+'(?: -> '\w+')*;/g).map(([, name]) => name)];
  const chain = new RegExp(`\\b(?:${own.join('|')})((?:\\s*->>?\\s*'\\w+')+)`, 'g');
  return new Set(matches(f.source, chain).flatMap(([, keys]) => matches(keys, /'(\w+)'/g).map(([, key]) => key)));
}

// ---- C

const table = new Map(
  matches(
    read(module, 'store/functions.def').replaceAll(/\/\*[\s\S]*?\*\//g, ''),
    /^F\((\w+),\s*\w+,\s*((?:"[^"]*"\s*)+)\)/gm,
  ).map(([, name, words]) => [name, new Set(words.replaceAll('"', ' ').split(/\s+/).filter(Boolean))]),
);
const problems = new Set(JSON.parse(read(module, 'http/problems.json')).map(({ outcome }) => outcome));
const files = readdirSync(module, { recursive: true })
  .filter((name) => name.endsWith('.c'))
  .map((name) => ({ name, text: read(module, name) }));
/** The files whose headers are included, here or in a header. */
function seen(text, found = []) {
  for (const [, name] of matches(text, /^#include "([\w/]+)\.h"/gm))
    if (!found.includes(`${name}.c`)) seen(read(module, `${name}.h`), found.push(`${name}.c`) && found);
  return found;
}
for (const file of files) {
  file.calls = new Set(matches(file.text, /\bdossier_fn\.(\w+)/g).map(([, name]) => name));
  file.sets = new Set(
    [
      ...matches(file.text, /\b(?:dossier_json_set\w*|add)\(\s*(?:\w+->)?arguments,\s*"(\w+)"/g),
      ...matches(file.text, /\bdossier_portal_arguments\(&?\w+, x, "(\w+)"\)/g),
    ].map(([, key]) => key),
  );
  file.sees = new Set(seen(file.text));
  file.words = new Set(matches(file.text, /"(\w+)"/g).map(([, word]) => word));
}

// ---- one against the other

const api = functions.filter((f) => f.schema === 'dossier');
for (const name of missing(new Set(table.keys()), new Set(api.map((f) => f.name))))
  complain(`store/functions.def has ${name}, which schema dossier does not`);
for (const name of missing(new Set(api.map((f) => f.name)), new Set(table.keys())))
  complain(`dossier.${name} is in no row of store/functions.def`);
const everywhere = union(files.map((file) => file.calls));
for (const name of missing(new Set(table.keys()), everywhere)) complain(`nobody calls dossier_fn.${name}`);

for (const f of api.filter(({ name }) => table.has(name))) {
  const given = union([...reach(f)].map((g) => outcomesOf.get(g)));
  for (const word of missing(given, table.get(f.name)))
    complain(`dossier.${f.name} may give ${word}: store/functions.def does not say so`);
  for (const word of missing(table.get(f.name), given))
    complain(`dossier.${f.name} never gives ${word}, as store/functions.def says`);
  const known = union([problems, ...files.filter((file) => file.calls.has(f.name)).map((file) => file.words)]);
  for (const word of missing(given, known))
    complain(`${word}, an outcome of dossier.${f.name}, is not in http/problems.json, nor known where it is called`);
}

// Who may write the arguments of a call: its file, those whose headers it sees, and what those of its own room see.
for (const file of files) {
  file.near = new Set([file]);
  for (const { name, sees } of file.near)
    if (dirname(name) === dirname(file.name))
      files.filter((other) => sees.has(other.name)).forEach((other) => file.near.add(other));
}
const readBy = (names) =>
  union([...names].map((name) => union([...reach(named.get(`dossier.${name}`))].map(keysRead))));
for (const file of files) {
  const names = union(files.filter((user) => user.near.has(file)).map((user) => user.calls));
  for (const key of missing(file.sets, readBy(new Set([...names].filter((name) => named.has(`dossier.${name}`))))))
    complain(`${file.name} sets ${key} among the arguments, which no function that it is for reads`);
}
for (const f of api) {
  const near = [...union(files.filter((file) => file.calls.has(f.name)).map((file) => file.near))];
  const needed = new Set([
    ...missing(keysOnTop(f), union(near.map((file) => file.sets))),
    ...missing(union([...reach(f)].map(keysNeeded)), union(near.map((file) => file.words))),
  ]);
  for (const key of [...needed].sort()) complain(`dossier.${f.name} reads ${key}, which is not set where it is called`);
}
