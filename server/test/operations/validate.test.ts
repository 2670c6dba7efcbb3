import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, serverForFile } from '../rest/support.ts';

const { api } = serverForFile();

interface Outcome {
  resourceType: string;
  issue: {
    severity: string;
    code: string;
    details?: { coding: { code: string }[] };
    expression?: string[];
  }[];
}

async function validate(path: string, body?: object | string, type = FHIR): Promise<Outcome> {
  const call = api().post(`/${path}`).set('Accept', FHIR);
  const response =
    body === undefined
      ? await call
      : await call.set('Content-Type', type).send(typeof body === 'string' ? body : JSON.stringify(body));
  expect(response.status).toBe(200);
  const outcome = JSON.parse(response.text) as Outcome;
  expect(outcome.resourceType).toBe('OperationOutcome');
  return outcome;
}

/** Errors, as `rule expression`. */
const errors = ({ issue }: Outcome): string[] =>
  issue
    .filter(({ severity }) => severity === 'error')
    .map(({ code, details, expression }) => `${details?.coding[0]?.code ?? code} ${expression?.[0]}`);

const PATIENT = { resourceType: 'Patient', id: 'validated', active: true };

beforeAll(async () => {
  await api().put('/Patient/validated').set('Content-Type', FHIR).send(JSON.stringify(PATIENT)).expect(201);
});

describe('$validate', () => {
  test('tells the faults of a resource, and what could be better', async () => {
    const outcome = await validate('Patient/$validate', { resourceType: 'Patient', gender: 'x' });
    expect(errors(outcome)).toEqual(['binding-required Patient.gender']);
    expect(outcome.issue.map(({ severity }) => severity)).toContain('warning');
  });

  test('stores nothing', async () => {
    await validate('Patient/$validate', { resourceType: 'Patient', id: 'nowhere', active: true });
    await api().get('/Patient/nowhere').expect(404);
  });

  test('takes the resource in a Parameters resource, with mode and profiles', async () => {
    const resource = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
    const parameter = [
      { name: 'resource', resource },
      { name: 'mode', valueCode: 'create' },
      { name: 'profile', valueUri: 'http://hl7.org/fhir/StructureDefinition/vitalsigns' },
    ];
    const found = errors(await validate('Observation/$validate', { resourceType: 'Parameters', parameter }));
    expect(found).toContain('profile-cardinality-min Observation.subject');
    const faulty = [{ name: 'resource', resource: { ...resource, status: 1 } }];
    expect(
      errors(await validate('Observation/$validate', { resourceType: 'Parameters', parameter: faulty })),
    ).toEqual(['json-type Observation.status']);
  });

  test('takes what cannot be read as a resource', async () => {
    const xml = '<Patient xmlns="http://hl7.org/fhir"><foo value="x"/></Patient>';
    expect(errors(await validate('Patient/$validate', xml, 'application/fhir+xml'))).toEqual([
      'structure Patient',
    ]);
    expect(errors(await validate('Patient/$validate', '{"resourceType":'))).toHaveLength(1);
    for (const body of ['{"id":"x"}', '[]', 'null', '"x"', '{"resourceType":1}'])
      expect(errors(await validate('Patient/$validate', body))).toContainEqual(
        expect.stringMatching(/^(resource-type-missing|json-type|resource-type-unknown) /),
      );
    expect(errors(await validate('Patient/$validate', { resourceType: 'Nope' }))).toEqual([
      'resource-type-unknown Resource.resourceType',
    ]);
  });

  test('takes a Parameters resource as what it is about', async () => {
    const parameter = [{ name: 'x', valueBoolean: 'y' }];
    expect(errors(await validate('Parameters/$validate', { resourceType: 'Parameters', parameter }))).toEqual(
      ['json-type Parameters.parameter[0].value'],
    );
  });

  test('says when the type or id is not that of the URL', async () => {
    expect(errors(await validate('Observation/$validate', PATIENT))).toEqual(['invalid Patient']);
    expect(errors(await validate('Patient/other/$validate', PATIENT))).toEqual(['invalid Patient.id']);
    expect(errors(await validate('Patient/other/$validate?mode=create', PATIENT))).toEqual([]);
  });

  test('is about what is stored where no resource is sent', async () => {
    expect(errors(await validate('Patient/validated/$validate'))).toEqual([]);
    expect(errors(await validate('Patient/validated/$validate?mode=delete'))).toEqual([]);
    const nope = 'mode=profile&profile=http://example.org/nope';
    expect(errors(await validate(`Patient/validated/$validate?${nope}`))).toEqual([
      'profile-unknown Patient',
    ]);
    await api().get('/Patient/validated/$validate').expect(200);
    await api().post('/Patient/nowhere/$validate?mode=delete').expect(404);
  });

  test.each([
    'Patient/$validate',
    'Patient/validated/$validate?mode=x',
    'Patient/validated/$validate?mode=profile',
    'Patient/$validate?other=x',
  ])('refuses %s', async (path) => {
    const { status, body } = await api().post(`/${path}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ resourceType: 'OperationOutcome' });
  });
});
