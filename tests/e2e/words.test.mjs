// The pages' dictionaries: every language has every key that the code asks for, and no other.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readProblems } from '../../tools/catalogue/read.mjs';
import { loadDescription } from './lib/description.mjs';

const HTDOCS = fileURLToPath(new URL('../../htdocs/', import.meta.url));
const SERVED = fileURLToPath(new URL('../../build/htdocs/', import.meta.url)); // with the words of the catalogue
const FORMS = new Set(['zero', 'one', 'two', 'few', 'many', 'other']);
const languages = readdirSync(join(HTDOCS, 'i18n')).map((name) => name.replace('.json', ''));
const sources = readdirSync(join(HTDOCS, 'js'), { recursive: true })
  .filter((name) => name.endsWith('.js'))
  .map((name) => [name, readFileSync(join(HTDOCS, 'js', name), 'utf8')]);
const page = readFileSync(join(HTDOCS, 'index.html'), 'utf8');

const isText = (node) =>
  typeof node === 'string' || Array.isArray(node) || (node.other && Object.keys(node).every((key) => FORMS.has(key)));

/** {key: texts} */
function flatten(node, path = []) {
  if (isText(node)) return { [path.join('.')]: typeof node === 'string' ? [node] : Object.values(node) };
  return Object.assign({}, ...Object.entries(node).map(([key, child]) => flatten(child, [...path, key])));
}

// what the portal itself says in Italian and English; the other languages say it in the pages
const PORTAL = /^portal\./;
const dictionaries = Object.fromEntries(
  languages.map((language) => [
    language,
    flatten(JSON.parse(readFileSync(join(SERVED, 'i18n', `${language}.json`), 'utf8'))),
  ]),
);
const placeholders = (texts) => [...new Set(texts.flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

/** Every quoted text that looks like a key, and every template of one as a pattern. */
function asked() {
  const exact = new Set(page.match(/(?<=data-(text|label)=")[^"]+/g));
  const patterns = [];
  for (const [, text] of sources) {
    for (const [, key] of text.matchAll(/'([a-z_]+(?:\.[a-z0-9_-]+)*)'/g)) exact.add(key);
    for (const [, key] of text.matchAll(/`([a-z_]+\.[a-z_.]*\$\{[^`]*)`/g))
      patterns.push(new RegExp(`^${key.replace(/\./g, '\\.').replace(/\$\{[^}]*\}/g, '[a-z0-9_-]+')}$`));
  }
  return { exact, patterns };
}

/** What is surely a key: the argument of t and tList. */
function required() {
  const keys = new Set(page.match(/(?<=data-(text|label)=")[^"]+/g));
  for (const [, text] of sources) {
    for (const [, key] of text.matchAll(/\bt(?:List)?\(\s*'([^']+)'/g)) keys.add(key);
    for (const [, first, second] of text.matchAll(/\bt\([^()]*\? '([^']+)' : '([^']+)'/g))
      [first, second].forEach((key) => keys.add(key));
  }
  return [...keys];
}

test('there are four languages, one of them from right to left', () => {
  assert.deepEqual([...languages].sort(), ['ar', 'de', 'en', 'it']);
});

for (const language of languages) {
  test(`${language} has every key that the pages ask for`, () => {
    const keys = required();
    assert.ok(keys.length > 80, `only ${keys.length} keys found in the code`);
    assert.deepEqual(
      keys.filter((key) => !dictionaries[language][key]),
      [],
    );
  });

  test(`${language} has the keys and placeholders of Italian, and no empty text`, () => {
    const own = Object.entries(dictionaries[language]).filter(([key]) => !PORTAL.test(key));
    assert.deepEqual(
      own.map(([key]) => key),
      Object.keys(dictionaries.it),
    );
    for (const [key, texts] of own) {
      assert.deepEqual(placeholders(texts), placeholders(dictionaries.it[key]), key);
      assert.ok(
        texts.every((text) => text.trim()),
        `${key} is empty`,
      );
    }
  });
}

test('what the portal says is said in the languages it does not speak', () => {
  const said = (language) => Object.keys(dictionaries[language]).filter((key) => PORTAL.test(key));
  assert.deepEqual(said('it'), []);
  assert.deepEqual(said('en'), []);
  assert.deepEqual(said('ar'), said('de'));
  const patients = problemsOfPatients();
  assert.ok(patients.length > 20, `only ${patients.length} problems found`);
  for (const name of patients) assert.ok(dictionaries.de[`portal.problems.${name}.title`], name);
});

/** Names of the problems, without those that only a hospital's system, or nobody, meets. */
const problemsOfPatients = () =>
  readProblems()
    .filter((row) => row.for === 'patients')
    .map(({ outcome }) => outcome.replaceAll('_', '-'));

test('no key is there for nothing', () => {
  const { exact, patterns } = asked();
  const unused = Object.keys(dictionaries.it).filter(
    (key) => !exact.has(key) && !patterns.some((pattern) => pattern.test(key)),
  );
  assert.deepEqual(unused, []);
});

test('every kind of answer has its words', () => {
  const types = loadDescription().components.schemas.DocumentType.enum;
  assert.ok(types.includes('laboratory'));
  for (const type of types) assert.ok(dictionaries.it[`types.${type}`], type);
});

test('no text stands in the code', () => {
  const sentence = /'[^'`\n]*[A-ZÀ-Ü][a-zà-ù]+ [a-zà-ù]{2,}[^'`\n]*'/g;
  for (const [name, text] of sources)
    assert.deepEqual(text.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '').match(sentence), null, name);
});

test('every module can be read', () => {
  for (const [name, text] of sources) {
    const { status, stderr } = spawnSync(process.execPath, ['--check', '--input-type=module'], {
      input: text,
      encoding: 'utf8',
    });
    assert.equal(status, 0, `${name}: ${stderr}`);
  }
});

/** The modules that a module imports at once, and theirs. */
function closure(name, found = new Set()) {
  const [, text] = sources.find(([other]) => other === name);
  for (const [, path] of text.matchAll(/^import [^;]*? from '([^']+)'/gm)) {
    const next = join(dirname(name), path);
    if (!found.has(next)) closure(next, found.add(next));
  }
  return found;
}

test('index.html preloads what the entry page needs, and nothing else', () => {
  const preloaded = page.match(/(?<=modulepreload" href="\/js\/)[^"]+/g).sort();
  assert.deepEqual(preloaded, [...closure('app.js')].sort());
});

test('a screen that sends somebody to the desk says how it is reached', () => {
  const sends =
    /\b(si rivolga|chieda|chiederne|ne chieda|vada|faccia(lo)?( \p{L}+)?|corregger\p{L}*)\b[^.]*\bsportello\b|\bsportello\b[^.]*\bfaccia\b/iu;
  const keys = Object.entries(dictionaries.it)
    .filter(([, texts]) => texts.some((text) => sends.test(text)))
    .map(([key]) => key);
  assert.ok(keys.length >= 9, `only ${keys.length} texts found: ${keys}`);
  for (const key of keys) {
    // what index.html says is drawn by shell.js; a key that no script spells out is put together of its beginning
    const exact = sources.filter(
      ([name, text]) => text.includes(`'${key}'`) || (name === 'shell.js' && page.includes(`data-text="${key}"`)),
    );
    const places = exact.length
      ? exact
      : sources.filter(([, text]) => text.includes(`\`${key.replace(/\.[^.]+$/, '.')}\${`));
    assert.ok(places.length, `${key} is said nowhere`);
    for (const [name, text] of places) assert.match(text, /deskPart\(\)/, `${name} says ${key}`);
  }
});

test('a number or an address within Arabic words stands on its own: its plus sign and its dots stay where they are', () => {
  const loose = Object.entries(dictionaries.ar).filter(([, texts]) =>
    texts.some((text) => /(?<!\u2066)\{(to|value)\}|\{(to|value)\}(?!\u2069)/.test(text)),
  );
  assert.deepEqual(
    loose.map(([key]) => key),
    [],
  );
});
