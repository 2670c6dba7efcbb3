import { beforeAll, describe, expect, test } from '@jest/globals';
import { parametersOf } from '../fhir/patch/support.ts';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile();

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';

const put = (type: string, id: string, resource: object | string) =>
  api().put(`/${type}/${id}`).set('Content-Type', FHIR).send(fhir(resource));
const patch = (path: string, body: object | string, type = JSON_PATCH) =>
  api()
    .patch(`/${path}`)
    .set('Content-Type', type)
    .send(typeof body === 'string' ? body : JSON.stringify(body));
const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, active: true, ...more });

describe('a patch of each kind', () => {
  test.each([
    [JSON_PATCH, [{ op: 'replace', path: '/active', value: false }]],
    [MERGE_PATCH, { active: false }],
    [FHIR, parametersOf({ type: 'replace', path: 'Patient.active', value: { valueBoolean: false } })],
    [
      'application/json',
      parametersOf({ type: 'replace', path: 'Patient.active', value: { valueBoolean: false } }),
    ],
  ])('%s makes a new version', async (type, body) => {
    const id = `each-${type.replace(/\W/g, '-')}`;
    await put('Patient', id, patient(id)).expect(201);
    const patched = await patch(`Patient/${id}`, body, type).expect(200);
    expect(patched.body).toMatchObject({ active: false, meta: { versionId: '2' } });
    expect(patched.headers.etag).toBe('W/"2"');
    expect(patched.headers.location).toBe(`${base()}/Patient/${id}/_history/2`);
    expect((await api().get(`/Patient/${id}`).expect(200)).text).toBe(patched.text);
    expect((await api().get(`/Patient/${id}/_history/1`).expect(200)).body.active).toBe(true);
    const { body: found } = await api().get(`/Patient?_id=${id}&active=false`).expect(200);
    expect(found.entry).toHaveLength(1);
  });

  test('XML is answered in XML', async () => {
    await put('Patient', 'in-xml', patient('in-xml')).expect(201);
    const part = (name: string, value: string) => `<part><name value="${name}"/>${value}</part>`;
    const operation = [
      part('type', '<valueCode value="replace"/>'),
      part('path', '<valueString value="Patient.active"/>'),
      part('value', '<valueBoolean value="false"/>'),
    ].join('');
    const xml = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>${operation}</parameter></Parameters>`;
    const patched = await patch('Patient/in-xml', xml, 'application/fhir+xml')
      .set('Accept', 'application/fhir+xml')
      .expect(200);
    expect(patched.text).toContain('<active value="false"/>');
    expect((await api().get('/Patient/in-xml').expect(200)).body).toMatchObject({ active: false });
  });

  test('a value may refer to what is contained where it goes', async () => {
    const organization = { resourceType: 'Organization', id: 'o1', name: 'Clinic' };
    const link = (reference: string) =>
      parametersOf({
        type: 'add',
        path: 'Patient',
        name: 'managingOrganization',
        value: { valueReference: { reference } },
      });
    await put(
      'Patient',
      'inside',
      patient('inside', { contained: [organization], generalPractitioner: [{ reference: '#o1' }] }),
    ).expect(201);
    await patch('Patient/inside', link('#never'), FHIR).expect(400);
    const patched = await patch('Patient/inside', link('#o1'), FHIR).expect(200);
    expect(patched.body).toMatchObject({
      managingOrganization: { reference: '#o1' },
      meta: { versionId: '2' },
    });
  });

  test('keeps every digit of what it does not touch', async () => {
    const components = ['1.10', '1e-7', '0.10', '123456789.123456789123'].map(
      (value) => `{"code":{"text":"a"},"valueQuantity":{"value":${value}}}`,
    );
    const text = `{"resourceType":"Observation","id":"digits","status":"final","code":{"text":"a"},"component":[${components.join()}]}`;
    await put('Observation', 'digits', text).expect(201);
    const bodies: [string, object | string][] = [
      [JSON_PATCH, '[{"op":"add","path":"/valueQuantity","value":{"value":2.50}}]'],
      [MERGE_PATCH, { status: 'amended' }],
      [FHIR, parametersOf({ type: 'replace', path: 'Observation.code.text', value: { valueString: 'b' } })],
    ];
    for (const [type, body] of bodies) {
      const { text: patched } = await patch('Observation/digits', body, type).expect(200);
      expect(patched).toContain(`"component":[${components.join()}]`);
      expect(patched).toContain('"valueQuantity":{"value":2.50}');
    }
  });
});

describe('what is answered', () => {
  beforeAll(async () => {
    await put('Patient', 'answers', patient('answers')).expect(201);
  });

  test('what Prefer asks for', async () => {
    const to = (value: boolean) => [{ op: 'replace', path: '/active', value }];
    const minimal = await patch('Patient/answers', to(false)).set('Prefer', 'return=minimal').expect(200);
    expect(minimal.text).toBe('');
    const outcome = await patch('Patient/answers', to(true))
      .set('Prefer', 'return=OperationOutcome')
      .expect(200);
    expect(outcome.body.resourceType).toBe('OperationOutcome');
    const part = await patch('Patient/answers?_elements=active', to(false)).expect(200);
    expect(part.body.meta.tag).toEqual([expect.objectContaining({ code: 'SUBSETTED' })]);
  });

  test('the current version where nothing is changed', async () => {
    const before = await api().get('/Patient/answers').expect(200);
    for (const [type, body] of [
      [JSON_PATCH, [{ op: 'test', path: '/id', value: 'answers' }]],
      [MERGE_PATCH, {}],
      [MERGE_PATCH, { meta: { versionId: '99', lastUpdated: '2000-01-01T00:00:00Z' } }],
      [FHIR, { resourceType: 'Parameters' }],
      [FHIR, parametersOf({ type: 'delete', path: 'Patient.birthDate' })],
    ] as const) {
      const answer = await patch('Patient/answers', body, type).expect(200);
      expect(answer.text).toBe(before.text);
      expect(answer.headers.etag).toBe(before.headers.etag);
    }
  });

  test('what a patch can be: to OPTIONS, and where it is something else', async () => {
    const formats = [FHIR, 'application/fhir+xml', JSON_PATCH, MERGE_PATCH];
    const accepted = formats.join(', ');
    const options = await api().options('/Patient/answers').expect(204);
    expect(options.headers['accept-patch']).toBe(accepted);
    expect(options.headers['access-control-allow-methods']).toContain('PATCH');
    for (const type of ['application/xml-patch+xml', 'text/plain']) {
      const refused = await patch('Patient/answers', '[]', type).expect(415);
      expect(refused.headers['accept-patch']).toBe(accepted);
      expect(refused.body.issue[0].diagnostics).toContain(JSON_PATCH);
    }
    for (const body of ['[]', '{"active":true}']) {
      const untold = await patch('Patient/answers', body, 'application/json').expect(400);
      expect(untold.body.issue[0].diagnostics).toContain(`${JSON_PATCH} or ${MERGE_PATCH}`);
    }
    for (const type of [JSON_PATCH, MERGE_PATCH]) {
      await patch('Patient/answers', '[]', `${type}; charset=iso-8859-1`).expect(415);
      await patch('Patient/answers', '[', `${type}; charset="UTF-8"`).expect(400);
    }
    const { body } = await api().get('/metadata').expect(200);
    expect(body.patchFormat).toEqual(formats);
  });
});

describe('what is refused changes nothing', () => {
  const IDENTIFIER = { identifier: [{ value: 'a' }, { value: 'b' }] };
  let before: string;
  beforeAll(async () => {
    await put('Patient', 'refused', patient('refused', IDENTIFIER)).expect(201);
    before = (await api().get('/Patient/refused')).text;
  });

  const remove = (path: string) => [{ op: 'remove', path }];
  const add = (path: string, value: unknown) => [{ op: 'add', path, value }];
  test.each([
    ['no JSON', JSON_PATCH, '[{', 400, undefined],
    ['no JSON Patch', JSON_PATCH, { active: false }, 400, undefined],
    ['no Parameters', FHIR, patient('refused'), 400, 'resourceType'],
    [
      'Parameters that are not valid',
      FHIR,
      parametersOf({ type: 'replace', path: 'Patient.birthDate', value: { valueDate: 'x' } }),
      400,
      'Parameters.parameter[0].part[2].value',
    ],
    [
      'a part that is not known',
      FHIR,
      parametersOf({ type: 'delete', path: 'Patient.active', x: 'y' }),
      400,
      'Parameters.parameter[0].part[2]',
    ],
    ['a path that leads nowhere', JSON_PATCH, remove('/birthDate'), 422, 'Patient.birthDate'],
    [
      'a test that fails',
      JSON_PATCH,
      [
        { op: 'remove', path: '/active' },
        { op: 'test', path: '/identifier/0/value', value: 'b' },
      ],
      422,
      'Patient.identifier[0].value',
    ],
    [
      'an operation that cannot be applied',
      FHIR,
      parametersOf(
        { type: 'delete', path: 'Patient.active' },
        { type: 'delete', path: 'Patient.identifier' },
      ),
      422,
      'Parameters.parameter[1]',
    ],
    ['another id', JSON_PATCH, add('/id', 'other'), 422, 'Patient.id'],
    ['no id', MERGE_PATCH, { id: null }, 422, 'Patient.id'],
    ['another type', MERGE_PATCH, { resourceType: 'Basic' }, 422, undefined],
    ['no type', MERGE_PATCH, { resourceType: null }, 422, 'Patient'],
    ['no resource', MERGE_PATCH, '[1]', 422, 'Patient'],
    ['an unknown element', MERGE_PATCH, { foo: 1 }, 400, 'Patient.foo'],
    ['a value of the wrong form', MERGE_PATCH, { birthDate: 'x' }, 400, 'Patient.birthDate'],
    ['an empty list', JSON_PATCH, add('/name', []), 400, 'Patient.name'],
    [
      'a string that cannot be stored',
      MERGE_PATCH,
      '{"name":[{"text":"a\\u0000b"}]}',
      400,
      'Patient.name[0].text',
    ],
  ])('%s', async (_name, type, body, status, expression) => {
    const answer = await patch('Patient/refused', body, type).expect(status);
    expect(answer.body.resourceType).toBe('OperationOutcome');
    if (expression !== undefined) expect(answer.body.issue[0].expression[0]).toBe(expression);
    expect((await api().get('/Patient/refused')).text).toBe(before);
  });

  test('what is not there, or was deleted', async () => {
    await patch('Patient/never-there', []).expect(404);
    await patch('Patient/not_an_id', []).expect(404);
    await put('Patient', 'deleted', patient('deleted')).expect(201);
    await api().delete('/Patient/deleted').expect(204);
    await patch('Patient/deleted', []).expect(410);
  });

  test('a Binary whose bytes were uploaded as they are', async () => {
    await api().put('/Binary/raw').set('Content-Type', 'text/plain').send('hello').expect(201);
    await patch('Binary/raw', { language: 'en' }, MERGE_PATCH).expect(422);
    expect((await api().get('/Binary/raw').set('Accept', '*/*')).text).toBe('hello');
  });
});

describe('versions', () => {
  test('If-Match must name the current one', async () => {
    await put('Patient', 'matched', patient('matched')).expect(201);
    const to = (value: boolean) => [{ op: 'replace', path: '/active', value }];
    await patch('Patient/matched', to(false)).set('If-Match', 'W/"1"').expect(200);
    await patch('Patient/matched', to(true)).set('If-Match', 'W/"1"').expect(412);
    await patch('Patient/matched', to(true)).set('If-Match', 'W/"x"').expect(412);
    await patch('Patient/matched', to(true)).set('If-Match', 'x').expect(400);
    await patch('Patient/matched', to(true)).set('If-None-Match', '*').expect(400);
    // Also where the patch would change nothing, or cannot be applied.
    await patch('Patient/matched', []).set('If-Match', 'W/"1"').expect(412);
    await patch('Patient/matched', [{ op: 'remove', path: '/gender' }])
      .set('If-Match', 'W/"1"')
      .expect(412);
    expect((await api().get('/Patient/matched')).body).toMatchObject({
      active: false,
      meta: { versionId: '2' },
    });
  });

  test('clients that patch at once lose nothing', async () => {
    await put('Patient', 'together', patient('together', { identifier: [{ value: 'first' }] })).expect(201);
    const COUNT = 24;
    const numbers = Array.from({ length: COUNT }, (_, i) => i);
    const answers = await Promise.all(
      numbers.map((i) =>
        i % 2 === 0
          ? patch('Patient/together', [{ op: 'add', path: '/identifier/-', value: { value: `v${i}` } }])
          : patch(
              'Patient/together',
              parametersOf({
                type: 'add',
                path: 'Patient',
                name: 'identifier',
                value: { valueIdentifier: { value: `v${i}` } },
              }),
              FHIR,
            ),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(numbers.map(() => 200));
    const { body } = await api().get('/Patient/together').expect(200);
    const values = (body.identifier as { value: string }[]).map(({ value }) => value);
    expect(new Set(values)).toEqual(new Set(['first', ...numbers.map((i) => `v${i}`)]));
    expect(values).toHaveLength(COUNT + 1);
    expect(body.meta.versionId).toBe(String(COUNT + 1));
  });

  test('of those that name the same version only one is done', async () => {
    await put('Patient', 'race', patient('race')).expect(201);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        patch('Patient/race', { identifier: [{ value: `v${i}` }] }, MERGE_PATCH).set('If-Match', 'W/"1"'),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 7 }, () => 412)]);
    const won = answers.find(({ status }) => status === 200)!;
    expect((await api().get('/Patient/race')).text).toBe(won.text);
  });
});
