// What the portal says, in the languages that only the pages speak: portal.problems and portal.fields of a dictionary.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGES_ONLY, readMessages, readProblems } from '../catalogue/read.mjs';

const forPatients = (rows) => rows.filter((row) => row.for === 'patients');

function portalWords(language) {
  const problems = forPatients(readProblems()).map(({ outcome, [language]: [title, detail] }) => [
    outcome.replaceAll('_', '-'),
    { title, detail },
  ]);
  const fields = forPatients(readMessages()).map(({ code, [language]: sentence }) => [code, sentence]);
  return { problems: Object.fromEntries(problems), fields: Object.fromEntries(fields) };
}

/** Adds them to the dictionaries in a folder. */
export function addWords(folder) {
  for (const language of PAGES_ONLY) {
    const file = join(folder, `${language}.json`);
    const dictionary = { ...JSON.parse(readFileSync(file, 'utf8')), portal: portalWords(language) };
    writeFileSync(file, `${JSON.stringify(dictionary, null, 2)}\n`);
  }
}
