// What stands behind the ? of an address: a parameter that is dropped without a word may be the one that mattered.
import assert from 'node:assert/strict';
import { desk, expect, fieldErrors, newClient, portal, steps, test } from './lib/suite.mjs';
import { described } from './lib/contract.mjs';
import { acceptanceBody, externalId, person } from './lib/people.mjs';

const filled = (operation) => operation.path.replace(/\{[^}]+\}/g, '7d0b4c5e-1f7c-4a53-9f63-0c1a3b9d2e41');
const parametersOf = ({ parameters }) =>
  parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
const own = ({ path }) => path === '/callbacks/sms'; // the provider's, whatever they are

test('every route refuses a parameter it does not take, and one that comes twice', async () => {
  const of = await steps.register();
  of.client.key = portal.keys.desk; // session and key both: whatever the route wants is there
  for (const operation of described.filter((one) => one.method !== 'head' && !own(one))) {
    const type = Object.keys(operation.requestBody?.content ?? {})[0];
    const headers = type ? { 'Content-Type': type.startsWith('multipart') ? `${type}; boundary=b` : type } : {};
    const ask = (query) =>
      of.client.request(operation.method.toUpperCase(), `${filled(operation)}?${query}`, {
        text: type ? '{}' : undefined,
        headers,
        anywhere: true,
      });
    const refusal = async (query) => fieldErrors(expect(await ask(query), 422, 'invalid-fields'));
    assert.deepEqual(await refusal('unexpected=1'), ['unexpected unknown'], operation.name);
    for (const name of parametersOf(operation)) {
      const both = [`${name} repeated`, 'unexpected unknown'].sort();
      assert.deepEqual(await refusal(`${name}=1&unexpected&${name}=1`), both, operation.name);
      assert.deepEqual(await refusal(`${name}=%zz`), [`${name} characters`], operation.name);
    }
  }
});

for (const [query, errors] of Object.entries({
  'dryrun=true': ['dryrun unknown'],
  'dry-run=true': ['dry-run unknown'],
  'DRY_RUN=true': ['DRY_RUN unknown'],
  'dry%5Frun=true&dry_run=true': ['dry_run repeated'],
  'dry_run=false&dry_run=true': ['dry_run repeated'],
  'dry_run=true&dry_run=true': ['dry_run repeated'],
  'dry_run=True': ['dry_run choice'],
  'dry_run=1': ['dry_run choice'],
  dry_run: ['dry_run choice'],
  'dry_run=': ['dry_run choice'],
  'dry_run=true%00': ['dry_run characters'],
  'dry_run=true;x': ['dry_run choice'],
  '?dry_run=true': ['query unknown'],
  '%ff=1': ['query unknown'],
  '%=1': ['query characters'],
})) {
  test(`an acceptance is not stored with ?${query}`, async () => {
    const id = externalId();
    const answer = await desk.put(`/integration/acceptances/${id}?${query}`, acceptanceBody(person()));
    assert.deepEqual(fieldErrors(expect(answer, 422, 'invalid-fields')), errors);
    const [[stored]] = portal.rows(`SELECT count(*) FROM dossier_data.acceptance WHERE external_id = '${id}'`);
    assert.equal(Number(stored), 0);
  });
}

test('empty parts of a query say nothing, and pages may have any', async () => {
  expect(await desk.put(`/integration/acceptances/${externalId()}?&dry_run=true&`, acceptanceBody(person())), 200);
  expect(await newClient().get('/status?'), 200);
  const page = await newClient().request('GET', '/?utm_source=sms&utm_source=mail', {
    absolute: true,
    unchecked: true,
  });
  assert.equal(page.status, 200);
});

test('who may not call a route learns nothing of its parameters', async () => {
  expect(await newClient().get('/patients?limit=1'), 401, 'unauthenticated');
  expect(await newClient().put(`/integration/acceptances/${externalId()}?dryrun=true`, {}), 401, 'key-refused');
});
