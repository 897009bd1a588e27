// The catalogue of problems and messages: what is wrong with a row stops the build and names the row.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMessages, checkProblems, readMessages, readProblems } from '../../tools/catalogue/read.mjs';

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

function escaped(text) {
  return text.replace(/[[\]().]/g, '\\$&');
}
