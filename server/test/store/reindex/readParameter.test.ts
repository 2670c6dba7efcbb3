import { beforeAll, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import type { JsonObject } from '../../../src/fhir/resource.ts';
import { readParameter } from '../../../src/store/reindex/readParameter.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { searchParameter } from '../../support/searchParameters.ts';

let definitions: Definitions;
beforeAll(async () => {
  definitions = await r4Definitions();
});

const read = (changes: object) => readParameter(definitions, searchParameter('made', changes) as JsonObject);
const URL = 'http://maxray.example/SearchParameter/made';

test('what a resource says becomes a definition, and nothing else of it', () => {
  expect(read({ experimental: true, multipleOr: false, modifier: ['exact'] })).toEqual({
    definition: {
      url: URL,
      code: 'made',
      type: 'string',
      base: ['Patient'],
      expression: 'Patient.contact.name',
    },
  });
});

test('targets limit references, unless they leave the type open', () => {
  const targets = (target?: string[]) => read({ type: 'reference', target }).definition?.target;
  expect(targets(['Patient', 'Group'])).toEqual(['Patient', 'Group']);
  expect(targets(['Patient', 'Resource'])).toBeUndefined();
  expect(targets(['DomainResource'])).toBeUndefined();
  expect(targets()).toBeUndefined();
});

test('a composite has its parts, each without the version of its definition', () => {
  const component = [
    { definition: 'http://hl7.org/fhir/SearchParameter/Patient-name|4.0.1', expression: 'name' },
    { definition: 'http://maxray.example/other', expression: 'birthDate' },
  ];
  expect(read({ type: 'composite', component }).definition?.component).toEqual([
    { definition: 'http://hl7.org/fhir/SearchParameter/Patient-name', expression: 'name' },
    { definition: 'http://maxray.example/other', expression: 'birthDate' },
  ]);
});

test.each([
  [{ status: 'draft' }, 'status is draft'],
  [{ status: 'retired' }, 'status is retired'],
  [{ code: '_made' }, 'beginning with a letter'],
  [{ code: 'made:up' }, 'letters, digits and dashes'],
  [{ code: 'a.b' }, 'letters, digits and dashes'],
  [{ code: 'a'.repeat(65) }, '64 at the most'],
  [{ type: 'special' }, 'type special'],
  [{ expression: undefined }, 'needs an expression'],
  [{ expression: `Patient.name${'.first()'.repeat(2_000)}` }, '10000 characters'],
  [{ base: ['Patient', 'HumanName'] }, 'base HumanName is no resource type'],
  [{ base: ['Pasient'] }, 'base Pasient is no resource type'],
  [{ type: 'reference', target: ['Patient', 'Nobody'] }, 'target Nobody is no resource type'],
  [{ type: 'composite' }, 'two components or more'],
  [{ type: 'composite', component: [{ definition: 'urn:x', expression: 'x' }] }, 'two components or more'],
])('%j is told to be of no use', (changes, reason) => {
  expect(read(changes)).toEqual({ fault: expect.stringContaining(reason) });
});
