// Lints openapi.yaml as make pages puts it together: Redocly's rules, and the house's own on top of them.
import { createConfig, formatProblems, lint } from '@redocly/openapi-core';
import { FILE, loadDescription, operations } from './lib/description.mjs';

const config = await createConfig({
  extends: ['recommended'],
  rules: {
    'info-license': 'off', // the repository has one; the description needs none of its own
    'no-server-example.com': 'error',
    'no-unused-components': 'error',
    'no-invalid-schema-examples': 'error',
    'no-invalid-media-type-examples': 'error',
    'operation-description': 'error',
    'operation-operationId': 'error',
    'operation-4xx-response': 'error',
    'operation-singular-tag': 'error',
    'parameter-description': 'error',
    'path-params-defined': 'error',
    'security-defined': 'error',
    'tag-description': 'error',
  },
});

const description = loadDescription();
// Redocly does not look into extensions: what x-anywhere and x-session name is used.
const used = ['x-anywhere', 'x-session']
  .flatMap((name) => Object.values(description[name]))
  .map((response) => response.$ref);
const problems = (await lint({ ref: FILE, config })).filter(
  (problem) => problem.ruleId !== 'no-unused-components' || !used.includes(problem.location[0].pointer),
);
formatProblems(problems, { format: 'codeframe', totals: countBy(problems), version: '1' });

function countBy(list) {
  const count = (severity) => list.filter((problem) => problem.severity === severity).length;
  return { errors: count('error'), warnings: count('warn'), ignored: 0 };
}

const own = houseRules(description);
for (const line of own) console.error(line);
process.exitCode = problems.length || own.length ? 1 : 0;
if (!process.exitCode) console.log('openapi.yaml: no complaints');

/** What Redocly has no rule for. */
function houseRules(description) {
  const complaints = [];
  for (const operation of operations(description)) {
    for (const [status, response] of Object.entries(operation.responses)) {
      if (status === 'default') complaints.push(`${operation.name}: name each status, no default`);
      if (status < 400 || operation.method === 'head' || operation.path === '/status') continue;
      const types = Object.keys(response.content ?? {});
      if (types.join() !== 'application/problem+json') {
        complaints.push(`${operation.name} ${status}: errors are application/problem+json`);
      }
    }
    const throttled = operation.responses['429'];
    if (throttled && !throttled.headers?.['Retry-After']) {
      complaints.push(`${operation.name}: 429 needs Retry-After`);
    }
    for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) {
      if (media.schema.additionalProperties !== false) {
        complaints.push(`${operation.name}: the request ${type} must be closed (additionalProperties: false)`);
      }
    }
  }
  for (const [name, schema] of Object.entries(description.components.schemas)) {
    if (!schema.description) complaints.push(`schema ${name}: no description`);
    const typed = schema.enum || schema.allOf || name === 'Problem';
    if (!typed && schema.properties && !schema.examples && !/(Answer|List|Text)$/.test(name)) {
      complaints.push(`schema ${name}: no example`);
    }
    for (const [member, value] of Object.entries(schema.properties ?? {})) {
      if (!schema.allOf && !value.description && !value.$ref)
        complaints.push(`schema ${name}.${member}: no description`);
    }
  }
  return complaints;
}
