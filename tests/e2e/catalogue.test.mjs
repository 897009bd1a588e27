// The catalogue of problems and messages, and openapi.yaml in one piece: what is wrong with a row or a file stops the
// build and names it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkMessages, checkProblems, readMessages, readProblems } from '../../tools/catalogue/read.mjs';
import { bundle, problemSchemas } from '../../tools/pages/openapi.mjs';

const forPatients = {
  outcome: 'code_wrong',
  status: 422,
  level: 'info',
  for: 'patients',
  it: ['Codice errato', 'Controlli.'],
  en: ['Wrong code', 'Check it.'],
  de: ['Falscher Code', 'Prüfen Sie ihn.'],
  ar: ['رمز خاطئ', 'تحققوا منه.'],
};
const without = (row, name) => Object.fromEntries(Object.entries(row).filter(([key]) => key !== name));
const forSystems = { ...without(without(forPatients, 'de'), 'ar'), outcome: 'slip_no_code', for: 'systems' };
const message = { code: 'range', for: 'systems', it: 'Fuori dai limiti.', en: 'Out of range.' };

test('the catalogue is whole', () => {
  assert.ok(readProblems().length > 70);
  assert.ok(readMessages().length > 50);
  checkProblems([forPatients, forSystems]);
  checkMessages([message]);
});

for (const [what, row, complaint] of [
  ['a missing language', without(forPatients, 'ar'), 'code_wrong: "ar" is undefined, not [title, what to do]'],
  ['a title alone', { ...forPatients, en: ['Wrong code'] }, 'code_wrong: "en" is ["Wrong code"]'],
  ['a text over two lines', { ...forPatients, it: ['Codice', 'Uno.\nDue.'] }, 'code_wrong: "it" is'],
  ['words that nobody reads', { ...forSystems, de: forPatients.de }, 'slip_no_code: there is no use for "de"'],
  ['a level', { ...forPatients, level: 'loud' }, 'code_wrong: "level" is "loud", not info, warn, error, alert'],
  ['a status', { ...forPatients, status: 200 }, 'code_wrong: "status" is 200'],
  ['nobody who reads it', without(forPatients, 'for'), 'code_wrong: "for" is undefined, not systems or patients'],
  ['a misspelt member', { ...forPatients, meening: 'Wrong.' }, 'code_wrong: there is no use for "meening"'],
  ['no outcome', without(forPatients, 'outcome'), 'row 1: "outcome" is undefined'],
]) {
  test(`a problem is refused for ${what}`, () => {
    assert.throws(() => checkProblems([row]), { message: new RegExp(`^problems.json:\\n {2}${escaped(complaint)}`) });
  });
}

test('a row that is there twice is refused', () => {
  assert.throws(() => checkProblems([forPatients, forSystems, forPatients]), /code_wrong: is there twice/);
  assert.throws(() => checkMessages([message, message]), /range: is there twice/);
});

test('a message is refused without its sentence', () => {
  assert.throws(() => checkMessages([without(message, 'en')]), /messages\.json:\n {2}range: "en" is undefined/);
});

test('a problem with a meaning is described, its faults by the messages that are theirs', () => {
  const fault = { description: 'What is wrong.', type: 'string' };
  const described = { ...forSystems, meaning: 'It has no code.', members: { fault }, required: ['fault'] };
  assert.deepEqual(problemSchemas([forPatients, described], [message, { ...message, fault_of: 'slip_no_code' }]), {
    SlipNoCodeProblem: {
      description: 'It has no code.',
      allOf: [{ $ref: '#/components/schemas/Problem' }],
      type: 'object',
      properties: {
        type: { const: 'urn:mantova-dossier:problem:slip-no-code' },
        status: { const: 422 },
        fault: { ...fault, enum: ['range'] },
      },
      required: ['fault'],
    },
  });
  assert.throws(
    () => problemSchemas([described], [{ ...message, fault_of: 'slip_lost' }]),
    /messages\.json: range: slip_lost is no problem with a fault/,
  );
});

/** The text of the description in a folder that holds these files. */
function bundled(t, files) {
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'paths'));
  mkdirSync(join(folder, 'components/schemas'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return bundle(folder);
}

test('openapi.yaml is put together of its files, with their comments', (t) => {
  const text = bundled(t, {
    'openapi.yaml': 'openapi: 3.1.0\n',
    'paths/notices.yaml': '/notices:\n  # anybody\n  get: {}\n',
    'components/headers.yaml': 'ETag: {}\n',
    'components/schemas/profile.yaml': 'Profile: {}\n',
  });
  assert.match(text, /^openapi: 3\.1\.0\npaths:\n {2}\/notices:\n {4}# anybody\n {4}get: \{\}\ncomponents:\n/);
  assert.match(text, /^ {2}headers:\n {4}ETag: \{\}\n {2}schemas:\n {4}Profile: \{\}\n {4}\w+Problem:\n/m);
});

test('what two files describe, or a file that is no YAML, is refused', (t) => {
  const files = { 'openapi.yaml': 'openapi: 3.1.0\n', 'paths/notices.yaml': '/notices: {}\n' };
  assert.throws(
    () => bundled(t, { ...files, 'paths/password.yaml': '/notices: {}\n' }),
    /paths\/password\.yaml: paths \/notices is described already/,
  );
  assert.throws(
    () => bundled(t, { ...files, 'components/schemas/profile.yaml': 'InternalProblem: {}\n' }),
    /problems\.json: components schemas InternalProblem is described already/,
  );
  assert.throws(() => bundled(t, { ...files, 'paths/password.yaml': '/a: {}\n/a: {}\n' }), /password\.yaml: Map keys/);
});

function escaped(text) {
  return text.replace(/[[\]().]/g, '\\$&');
}
