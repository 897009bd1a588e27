// Prints the rows of http/problem_table.c or http/messages.c.
//   node rows.mjs problems|messages
import { LEVELS, readMessages, readProblems } from './read.mjs';

const text = (value) => JSON.stringify(value); // without control characters C reads it the same way

const ROWS = {
  problems: () =>
    readProblems().map(
      ({ outcome, status, level, it, en }) =>
        `{${text(outcome)}, ${status}, ${LEVELS[level]},\n ${it.map(text).join(', ')},\n ${en.map(text).join(', ')}},`,
    ),
  messages: () => readMessages().map(({ code, it, en }) => `{${text(code)}, ${text(it)}, ${text(en)}},`),
};

const [table] = process.argv.slice(2);
console.log(`/* made of http/${table}.json: change that */\n${ROWS[table]().join('\n')}`);
