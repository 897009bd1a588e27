// Puts the files of htdocs/openapi/ together into the one description that is served: the maps of paths/ and components/
// go into openapi.yaml. The schemas of the problems come from the catalogue.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { readMessages, readProblems } from '../catalogue/read.mjs';

const read = (file) => {
  const document = parseDocument(readFileSync(file, 'utf8'));
  for (const error of document.errors) throw new Error(`${file}: ${error.message}`);
  return document;
};

const schemaName = (outcome) => `${outcome.replace(/(^|_)([a-z])/g, (_, __, letter) => letter.toUpperCase())}Problem`;

/** The schemas of the problems that have a meaning, by name. */
export function problemSchemas(problems, messages) {
  for (const { code, fault_of: outcome } of messages)
    if (outcome && !problems.some((row) => row.outcome === outcome && row.members?.fault))
      throw new Error(`messages.json: ${code}: ${outcome} is no problem with a fault`);
  const schemas = problems
    .filter(({ meaning }) => meaning)
    .map(({ outcome, status, meaning, members = {}, required }) => {
      const properties = {
        type: { const: `urn:mantova-dossier:problem:${outcome.replaceAll('_', '-')}` },
        status: { const: status },
        ...structuredClone(members),
      };
      if (properties.fault)
        properties.fault.enum = messages.filter((row) => row.fault_of === outcome).map(({ code }) => code);
      const schema = {
        description: meaning,
        allOf: [{ $ref: '#/components/schemas/Problem' }],
        type: 'object',
        properties,
      };
      return [schemaName(outcome), required ? { ...schema, required } : schema];
    });
  return Object.fromEntries(schemas);
}

/** Where a file's map goes: paths/profile.yaml to paths, components/headers.yaml and components/schemas/x.yaml to theirs. */
function placeOf(name) {
  const [part, kind] = name.replace('.yaml', '').split('/');
  return part === 'components' ? [part, kind] : [part];
}

/** Adds the members of a map to another of the document; none may be there already. */
function add(document, place, map, whose) {
  if (!document.hasIn(place)) document.setIn(place, document.createNode({}));
  for (const pair of map.items) {
    const path = [...place, pair.key.value ?? pair.key];
    if (document.hasIn(path)) throw new Error(`${whose}: ${path.join(' ')} is described already`);
    document.getIn(place).add(pair);
  }
}

/** The text of the whole description. */
export function bundle(folder) {
  const document = read(join(folder, 'openapi.yaml'));
  for (const part of ['paths', 'components'])
    for (const file of readdirSync(join(folder, part), { recursive: true }).sort()) {
      const name = join(part, file);
      if (name.endsWith('.yaml')) add(document, placeOf(name), read(join(folder, name)).contents, name);
    }
  const schemas = problemSchemas(readProblems(), readMessages());
  add(document, ['components', 'schemas'], document.createNode(schemas), 'problems.json');
  return document.toString({ lineWidth: 120, singleQuote: true });
}
