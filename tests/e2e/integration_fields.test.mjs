// Whatever the description says of a field in the bodies of hospital systems is held to, and the answer names the field.
import assert from 'node:assert/strict';
import { desk, fieldErrors, portal, steps, test } from './lib/suite.mjs';
import { loadDescription, resolve } from './lib/description.mjs';
import { makePdf } from './lib/pdf.mjs';
import { acceptanceBody, externalId, metadataOf, person, provisionalCode } from './lib/people.mjs';

const description = loadDescription();
const { schemas, requestBodies } = description.components;
const empty = requestBodies.Empty.content['application/json'].schema;
const others = {
  string: [7, true, ['x'], { x: 'y' }],
  boolean: ['true', 1, 0, [true], {}],
  object: ['x', 7, true, []],
};

/** Every way in which one member may be wrong: {field, value, code}; undefined is left out. */
function* wrongs(schema, at = '') {
  for (const [name, node] of Object.entries(schema.properties ?? {})) {
    const field = at + name;
    const property = resolve(description, node);
    const types = [property.type].flat();
    for (const value of others[types.find((type) => type !== 'null')]) yield { field, value, code: 'type' };
    if (!types.includes('null')) yield { field, value: null, code: /required|type/ };
    if (schema.required?.includes(name)) yield { field, value: undefined, code: 'required' };
    if (types.includes('string')) {
      yield { field, value: 'z'.repeat((property.maxLength ?? 64) + 1), code: property.maxLength ? 'too_long' : /./ };
      yield { field, value: 'z'.repeat(5000), code: /./ };
      yield { field, value: 'a\u0000b', code: /./ };
    }
    if (property.minLength || (schema.required?.includes(name) && types.includes('string')))
      yield { field, value: '', code: /./ };
    if (property.enum || property.pattern || property.format) yield { field, value: '§', code: /./ };
    if (types.includes('object')) yield* wrongs(property, `${field}.`);
  }
  for (const value of ['x', null, {}]) yield { field: `${at}more`, value, code: 'unknown' };
}

/** A copy of a body with one member changed. */
function changed(body, field, value) {
  const copy = structuredClone(body);
  const names = field.split('.');
  const last = names.pop();
  names.reduce((node, name) => node[name], copy)[last] = value;
  return copy;
}

const calls = {
  'an acceptance': async () => {
    const id = externalId();
    return {
      schema: schemas.AcceptanceRequest,
      body: acceptanceBody(person()),
      send: (body) => desk.put(`/integration/acceptances/${id}`, body),
    };
  },
  'the metadata of a document': async () => {
    const id = externalId('R');
    return {
      schema: schemas.DocumentMetadata,
      part: 'metadata',
      body: metadataOf(await steps.accept()),
      send: (body) => desk.publish(id, body, makePdf()),
    };
  },
  'a release': async () => {
    const { external_id: id } = await steps.publish(await steps.accept(), { hold: true });
    return {
      schema: schemas.ReleaseRequest,
      body: {},
      send: (body) => desk.post(`/integration/documents/${id}/release`, body),
    };
  },
  'a change of codice fiscale': async () => {
    const of = person();
    const former = (await steps.accept({ ...of, codice_fiscale: provisionalCode() })).codice_fiscale;
    const body = { facility: 'san-pellegrino', former_codice_fiscale: former, patient: acceptanceBody(of).patient };
    return {
      schema: schemas.CodiceFiscaleChangeRequest,
      body,
      send: (changed) => desk.post('/integration/codice-fiscale-changes', changed),
    };
  },
  'a new activation code': async () => {
    const { acceptance } = await steps.accept();
    return {
      schema: empty,
      body: {},
      send: (body) => desk.post(`/integration/acceptances/${acceptance}/activation-codes`, body),
    };
  },
};

const rows = () =>
  portal.sql(
    `SELECT concat_ws(' ', (SELECT count(*) FROM dossier_data.acceptance), (SELECT count(*) FROM dossier_data.document), (SELECT count(*) FROM dossier_data.activation_code), (SELECT count(*) FROM dossier_data.former_codice_fiscale))`,
  );

for (const [what, make] of Object.entries(calls)) {
  test(`${what}: each field that is wrong is refused by its name, and nothing is stored`, async () => {
    const { schema, part, body, send } = await make();
    const before = [rows(), portal.objects().length];
    const named = part ? `${part}.` : '';
    const found = [];
    for (const { field, value, code } of wrongs(schema)) {
      const answer = await send(changed(body, field, value));
      const said = `${field} = ${JSON.stringify(value)?.slice(0, 40)}: ${answer.status} ${answer.json?.errors && fieldErrors(answer)}`;
      const fits = (error) => (code instanceof RegExp ? code.test(error) : code === error);
      const error =
        [400, 422].includes(answer.status) && answer.json.errors?.find((one) => one.field === named + field);
      if (!error || !fits(error.code)) found.push(said);
    }
    assert.deepEqual(found, []);
    for (const whole of [[], 'x', 7, null, true]) {
      const answer = await send(whole);
      assert.ok([400, 422].includes(answer.status), `${JSON.stringify(whole)}: ${answer.status}`);
    }
    assert.deepEqual([rows(), portal.objects().length], before);
    assert.ok([200, 201].includes((await send(body)).status), 'the body as it was is taken');
  });
}
