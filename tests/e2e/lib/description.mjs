// openapi.yaml as it is served, with its references outside of schemas resolved.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'];

export const FILE = fileURLToPath(new URL('../../../build/htdocs/openapi.yaml', import.meta.url)); // of make pages

export const loadDescription = () => parse(readFileSync(FILE, 'utf8'));

/** Follows `$ref` (within the file) until something else stands there; siblings of it win. */
export function resolve(description, value) {
  while (value && typeof value === 'object' && '$ref' in value) {
    const { $ref, ...siblings } = value;
    const target = $ref
      .slice(2)
      .split('/')
      .reduce((node, key) => node[key.replaceAll('~1', '/').replaceAll('~0', '~')], description);
    if (target === undefined) throw new Error(`openapi.yaml: ${$ref} points nowhere`);
    value = { ...target, ...siblings };
  }
  return value;
}

/** Every operation: {name, method, path, pattern, operationId, security, parameters, requestBody, responses}. */
export function operations(description) {
  const found = [];
  for (const [path, item] of Object.entries(description.paths)) {
    for (const method of METHODS.filter((name) => item[name])) {
      found.push(operation(description, path, method, item[method]));
    }
  }
  return found;
}

function operation(description, path, method, node) {
  const deep = (value) => resolve(description, value);
  const responses = {};
  for (const [status, response] of Object.entries(node.responses)) {
    const resolved = deep(response);
    const headers = {};
    for (const [name, header] of Object.entries(resolved.headers ?? {})) headers[name] = deep(header);
    responses[status] = { ...resolved, headers };
  }
  const requestBody = deep(node.requestBody);
  const content = {};
  for (const [type, media] of Object.entries(requestBody?.content ?? {})) {
    content[type] = { ...media, ref: media.schema.$ref, schema: deep(media.schema) };
  }
  return {
    name: `${method.toUpperCase()} ${path}`,
    method,
    path,
    pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`),
    operationId: node.operationId,
    security: node.security,
    parameters: (node.parameters ?? []).map(deep),
    requestBody: requestBody && { ...requestBody, content },
    responses,
  };
}
