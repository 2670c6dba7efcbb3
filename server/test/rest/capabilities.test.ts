import { beforeAll, describe, expect, test } from '@jest/globals';
import { createValidator } from '../../src/validation/createValidator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { issuesNow } from '../support/validation.ts';
import { serverForFile } from './support.ts';

const { api } = serverForFile();

interface Resource {
  type: string;
  documentation?: string;
  searchParam: { name: string; type: string; definition?: string }[];
  searchInclude: string[];
  searchRevInclude?: string[];
  operation?: { name: string; definition: string }[];
}
interface Rest {
  resource: Resource[];
  interaction: { code: string }[];
  searchParam: { name: string }[];
  compartment: string[];
}

let statement: { resourceType: string; rest: [Rest] };
let rest: Rest;
const of = (type: string) => rest.resource.find((resource) => resource.type === type)!;

beforeAll(async () => {
  statement = (await api().get('/metadata').expect(200)).body as typeof statement;
  rest = statement.rest[0];
});

test('is a CapabilityStatement as R4 defines it', async () => {
  const validator = createValidator(await r4Definitions());
  expect(issuesNow(validator, statement)).toEqual([]);
  expect(statement).toMatchObject({ fhirVersion: '4.0.1', kind: 'instance', status: 'active' });
});

test('says what can be searched: system, types and compartments', () => {
  expect(rest.interaction.map(({ code }) => code)).toContain('search-system');
  expect(rest.searchParam.map(({ name }) => name).sort()).toEqual([
    '_content',
    '_filter',
    '_has',
    '_id',
    '_lastUpdated',
    '_list',
    '_profile',
    '_security',
    '_source',
    '_tag',
    '_type',
  ]);
  expect(rest.compartment).toEqual(
    ['device', 'encounter', 'patient', 'practitioner', 'relatedperson'].map(
      (name) => `http://hl7.org/fhir/CompartmentDefinition/${name}`,
    ),
  );
});

describe('the parameters of a type', () => {
  test('with their kinds', () => {
    const kinds = Object.fromEntries(of('Observation').searchParam.map(({ name, type }) => [name, type]));
    expect(kinds).toMatchObject({
      _id: 'token',
      _lastUpdated: 'date',
      _content: 'string',
      _has: 'special',
      _list: 'special',
      code: 'token',
      date: 'date',
      subject: 'reference',
      'value-string': 'string',
      'value-quantity': 'quantity',
      'code-value-quantity': 'composite',
    });
    expect(kinds).not.toHaveProperty('_query');
    expect(of('RiskAssessment').searchParam).toContainEqual(
      expect.objectContaining({ name: 'probability', type: 'number' }),
    );
  });

  test('each once', () => {
    const twice = rest.resource.filter(
      ({ searchParam }) => new Set(searchParam.map(({ name }) => name)).size < searchParam.length,
    );
    expect(twice.map(({ type }) => type)).toEqual([]);
  });

  test('can all be searched', async () => {
    const samples: Record<string, string> = {
      date: '2020',
      number: '1',
      quantity: '1',
      reference: 'x',
      special: 'x',
      string: 'x',
      token: 'x',
      uri: 'urn:x',
    };
    const refused: string[] = [];
    for (const type of ['Patient', 'Observation', 'Location', 'ValueSet', 'RiskAssessment']) {
      for (const { name, type: kind } of of(type).searchParam) {
        if (kind === 'composite' || ['_has', '_filter', 'near'].includes(name)) continue;
        const answer = await api().get(`/${type}?_count=0&${name}=${samples[kind]}`);
        if (answer.status !== 200) refused.push(`${type}?${name}`);
      }
    }
    expect(refused).toEqual([]);
  });
});

test('what the audit log is searched by is said where it is less', () => {
  expect(of('AuditEvent').documentation).toMatch(/audit log is searched by .*without includes/);
  expect(of('Patient')).not.toHaveProperty('documentation');
});

describe('what can be included', () => {
  test('from the type and from others that refer to it', () => {
    expect(of('Observation').searchInclude).toEqual(
      expect.arrayContaining(['*', 'Observation:subject', 'Observation:encounter']),
    );
    expect(of('Patient').searchRevInclude).toEqual(
      expect.arrayContaining(['Observation:subject', 'Provenance:target', 'Patient:link']),
    );
    expect(of('Patient').searchRevInclude).not.toContain('Observation:device');
  });

  test('is all taken', async () => {
    const refused: string[] = [];
    for (const type of ['Patient', 'Encounter', 'Task']) {
      const { searchInclude, searchRevInclude = [] } = of(type);
      const asked = [
        ...searchInclude.map((value) => `_include=${value}`),
        ...searchRevInclude.map((value) => `_revinclude=${value}`),
      ];
      for (const include of asked) {
        const answer = await api().get(`/${type}?_count=0&${include}`);
        if (answer.status !== 200) refused.push(include);
      }
    }
    expect(refused).toEqual([]);
  });
});
