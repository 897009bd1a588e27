// Holds every answer against openapi.yaml: what is not described there is a failure.
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { loadDescription, operations, resolve } from './description.mjs';

const PREFIX = '/api/v1';
const description = loadDescription();
export const described = operations(description);

const ajv = new Ajv({ strict: false, allErrors: true, formats: { password: true } });
addFormats(ajv);
ajv.addSchema(closed(description), 'openapi.yaml');

/**
 * The description for clients lets objects grow; here a member that is not described fails. Schemas that others extend
 * (allOf) stay open, the extension closes them.
 */
function closed(root) {
  const extended = new Set();
  walk(root, (node) => node.allOf?.forEach((part) => extended.add(part.$ref)));
  const copy = structuredClone(root);
  for (const [name, schema] of Object.entries(copy.components.schemas)) {
    if (extended.has(`#/components/schemas/${name}`)) schema.open = true;
  }
  walk(copy, (node) => {
    if (node.properties && typeof node.type !== 'undefined' && !node.open && !('additionalProperties' in node)) {
      node.unevaluatedProperties = false;
    }
    if (typeof node.$ref === 'string') node.$ref = `openapi.yaml${node.$ref}`;
  });
  return copy;
}

function walk(node, visit) {
  if (!node || typeof node !== 'object') return;
  if (!Array.isArray(node)) visit(node);
  for (const value of Object.values(node)) walk(value, visit);
}

const validators = new Map();

function validatorFor(key, schema, answer) {
  if (!validators.has(key)) {
    const copy = structuredClone(schema);
    walk(copy, (node) => {
      if (typeof node.$ref === 'string' && node.$ref.startsWith('#')) node.$ref = `openapi.yaml${node.$ref}`;
    });
    if (answer && copy.type === undefined) copy.unevaluatedProperties = false; // $ref or oneOf: also what stayed open
    validators.set(key, ajv.compile(copy));
  }
  return validators.get(key);
}

function validate(key, schema, value, what, answer = false) {
  const validator = validatorFor(key, schema, answer);
  if (!validator(value)) {
    const errors = validator.errors.map(
      (error) => `  ${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`,
    );
    assert.fail(`${what} is not as described:\n${errors.join('\n')}\n  value: ${JSON.stringify(value).slice(0, 1500)}`);
  }
}

export function operationOf(method, path) {
  const lower = method.toLowerCase();
  const candidates = described.filter((operation) => operation.pattern.test(path));
  return (
    candidates.find((operation) => operation.method === lower) ??
    (lower === 'head' ? candidates.find((operation) => operation.method === 'get') : undefined)
  );
}

/** Every answer below /api/v1, whatever it says. */
function checkCommonHeaders(name, headers) {
  assert.equal(headers['x-content-type-options'], 'nosniff', `${name}: X-Content-Type-Options`);
  assert.match(headers['cache-control'] ?? '', /no-store|private/, `${name}: Cache-Control`);
  assert.equal(headers['referrer-policy'], 'no-referrer', `${name}: Referrer-Policy`);
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin', `${name}: Cross-Origin-Resource-Policy`);
  assert.match(headers['content-security-policy'] ?? '', /default-src 'none'/, `${name}: Content-Security-Policy`);
  assert.match(headers['strict-transport-security'] ?? '', /max-age=31536000/, `${name}: Strict-Transport-Security`);
}

function checkHeaders(name, documented, headers) {
  for (const [header, node] of Object.entries(documented)) {
    let value = headers[header.toLowerCase()];
    if (Array.isArray(value)) [value] = value;
    if (value === undefined) {
      assert.ok(!node.required, `${name}: the header ${header} is missing`);
      continue;
    }
    const schema = resolve(description, node.schema);
    const typed = schema.type === 'integer' && /^\d+$/.test(value) ? Number(value) : value;
    validate(`${name} ${header}`, node.schema, typed, `${name}: the header ${header}`);
  }
}

function checkBody(name, method, response, headers, body, status) {
  const documented = response.content ?? {};
  if (method === 'HEAD' || status === 204 || status === 304) {
    assert.equal(body.length, 0, `${name}: has a body`);
    return undefined;
  }
  const type = (headers['content-type'] ?? '').split(';')[0].trim();
  assert.ok(type in documented, `${name}: the content type ${type || '(none)'} is not described`);
  if (!/json$/.test(type)) return undefined;
  const value = JSON.parse(body.toString('utf8'));
  validate(`${name} ${type}`, documented[type].schema, value, `${name}: the body`, true);
  if (type === 'application/problem+json') {
    assert.equal(value.status, status, `${name}: status in the body`);
    assert.match(headers['content-language'] ?? '', /^(it|en)$/, `${name}: Content-Language`);
  }
  return value;
}

/**
 * Throws when the answer is not as described; returns the parsed JSON, if any.
 * `anywhere`: the request is meant to fail before it reaches a route.
 */
export function checkAnswer({ method, path, request, status, headers, body, anywhere = false }) {
  const name = `${method} ${path} ${status}`;
  const bare = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : undefined;
  if (bare === undefined) return undefined;
  const operation = operationOf(method, bare);
  checkCommonHeaders(name, headers);
  let response = operation?.responses[status];
  let key = `${operation?.name} ${status}`;
  const [, met] = /:(consent-due|account-changed)"/.exec(body.toString('utf8')) ?? [];
  if (met && status === 409 && operation?.security.some(({ session }) => session) && !names(response, met)) {
    response = withHeaders(description['x-session'][status]);
    key = `session ${status}`;
  }
  if (!response && (anywhere || !operation)) {
    response = withHeaders(description['x-anywhere'][status]);
    key = `anywhere ${status}`;
  }
  assert.ok(response, `${name}: not described. Body: ${body.toString('utf8', 0, 800)}`);
  checkHeaders(key, response.headers ?? {}, headers);
  const value = checkBody(key, method, response, headers, body, status);
  if (status < 300 && operation) checkRequest(operation, request);
  if (operation && !anywhere) note(operation.operationId, status, value?.type);
  return value;
}

const seen = new Set();
const SEEN = process.env.E2E_SEEN; // a file, when run.mjs wants to know

function note(...what) {
  const line = what.filter(Boolean).join(' ');
  if (!SEEN || seen.has(line)) return;
  seen.add(line);
  appendFileSync(SEEN, `${line}\n`);
}

/** Answers below 500 that are described and that no test ever got: "operation status [problem]". */
export function neverSeen(file) {
  const lines = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  return described.flatMap(({ operationId, responses }) =>
    Object.entries(responses)
      .filter(([status]) => status < 500)
      .flatMap(([status, response]) =>
        problemTypes(response).map((type) => [operationId, status, type].filter(Boolean).join(' ')),
      )
      .filter((line) => !lines.has(line)),
  );
}

function problemTypes(response) {
  const schema = response.content?.['application/problem+json']?.schema;
  const variants = schema ? (schema.oneOf ?? [schema]).map((variant) => resolve(description, variant)) : [{}];
  return variants.map((variant) => variant.properties?.type?.const);
}

/** Whether the response of a route says that it may be this problem. */
function names(response, problem) {
  return response && problemTypes(response).some((type) => type?.endsWith(`:${problem}`));
}

/** A response of x-anywhere or x-session, with its headers; undefined as it came. */
function withHeaders(node) {
  const response = resolve(description, node);
  if (!response) return response;
  const headers = Object.entries(response.headers ?? {}).map(([name, header]) => [name, resolve(description, header)]);
  return { ...response, headers: Object.fromEntries(headers) };
}

/** What was accepted must be something the description allows. */
function checkRequest(operation, request) {
  for (const name of Object.keys(request?.query ?? {})) {
    assert.ok(
      operation.parameters.some((parameter) => parameter.in === 'query' && parameter.name === name),
      `${operation.name}: the parameter ${name} is not described, but was accepted`,
    );
  }
  if (request?.json === undefined) return;
  const media = operation.requestBody?.content['application/json'];
  assert.ok(media, `${operation.name}: took a JSON body that is not described`);
  validate(`${operation.name} request`, media.schema, request.json, `${operation.name}: an accepted request`);
}

/** A value against a schema of the description, as it stands there. */
export function checkSchema(name, value) {
  validate(`schema ${name}`, { $ref: `#/components/schemas/${name}` }, value, name);
}
