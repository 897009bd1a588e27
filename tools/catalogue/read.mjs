// The catalogue: http/problems.json, every problem, and http/messages.json, the sentence behind each code of a field, a
// fault or a warning. Of it are made the rows in C (rows.mjs), the problems' schemas in openapi.yaml, and what the pages
// say in the languages that the portal does not speak. Needs nothing but node: the module is built with it.
import { readFileSync } from 'node:fs';

export const LEVELS = { info: 'APLOG_INFO', warn: 'APLOG_WARNING', error: 'APLOG_ERR', alert: 'APLOG_ALERT' };
export const PAGES_ONLY = ['de', 'ar'];
// who meets it: a hospital's system reads what the portal speaks, a patient also what only the pages do
const LANGUAGES = { systems: ['it', 'en'], patients: ['it', 'en', ...PAGES_ONLY] };

const isName = (value) => typeof value === 'string' && /^[a-z]+(_[a-z]+)*$/.test(value);
// in one line: a control character would end a string in C
const isText = (value) => typeof value === 'string' && /^\P{Cc}*\S\P{Cc}*$/u.test(value);
const isTitleAndDetail = (value) => Array.isArray(value) && value.length === 2 && value.every(isText);
const optional = (test) => (value) => value === undefined || test(value);

// of each member of a row: what it must be, and how that is said
const PROBLEM = {
  outcome: [isName, 'a name'],
  status: [(value) => Number.isInteger(value) && value >= 400 && value < 600, 'a number from 400 to 599'],
  level: [(value) => Object.hasOwn(LEVELS, value), Object.keys(LEVELS).join(', ')],
  meaning: [optional(isText), 'a sentence for openapi.yaml'], // without one it is not described there
  members: [optional((value) => value.constructor === Object), 'schemas by name'],
  required: [optional(Array.isArray), 'names of members'],
};
const MESSAGE = { code: [isName, 'a name'], fault_of: [optional(isName), 'the outcome of a problem'] };

/** Throws what is wrong with the rows, a line each that names the row. */
function check(file, rows, shape, [isSaid, said]) {
  const [key] = Object.keys(shape);
  const found = [];
  const names = new Set();
  for (const [index, row] of rows.entries()) {
    const languages = LANGUAGES[row.for] ?? [];
    const members = {
      ...shape,
      for: [(value) => Object.hasOwn(LANGUAGES, value), Object.keys(LANGUAGES).join(' or ')],
    };
    for (const language of languages) members[language] = [isSaid, said];
    const complain = (text) => found.push(`${row[key] ?? `row ${index + 1}`}: ${text}`);
    if (names.has(row[key])) complain('is there twice');
    names.add(row[key]);
    for (const [member, [test, wanted]] of Object.entries(members))
      if (!test(row[member])) complain(`"${member}" is ${JSON.stringify(row[member])}, not ${wanted}`);
    for (const member of Object.keys(row)) if (!(member in members)) complain(`there is no use for "${member}"`);
  }
  if (found.length) throw new Error(`${file}:\n  ${found.join('\n  ')}`);
  return rows;
}

export const checkProblems = (rows) => check('problems.json', rows, PROBLEM, [isTitleAndDetail, '[title, what to do]']);
export const checkMessages = (rows) => check('messages.json', rows, MESSAGE, [isText, 'a sentence']);

const read = (name) =>
  JSON.parse(readFileSync(new URL(`../../mod_mantova_dossier/http/${name}`, import.meta.url), 'utf8'));
export const readProblems = () => checkProblems(read('problems.json'));
export const readMessages = () => checkMessages(read('messages.json'));
