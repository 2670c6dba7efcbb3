import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { createIndexer } from '../../../src/store/index/indexer.ts';
import { createIndexQuery } from '../../../src/store/index/query.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { hasAnyKey, hasString, meets } from './support/rows.ts';

const SECRET = new Uint8Array(16).fill(13);

/** R4 itself has no parameter that needs an engine; those of profiles do. */
const PARAMETERS: SearchParameterDefinition[] = [
  {
    url: 'urn:example:official-family',
    code: 'official-family',
    type: 'string',
    base: ['Patient'],
    expression: "Patient.name.where(use = 'official' or use = 'usual').family",
  },
  {
    url: 'urn:example:first-identifier',
    code: 'first-identifier',
    type: 'token',
    base: ['Patient'],
    expression: 'Patient.identifier.first()',
  },
  {
    url: 'urn:example:has-contact',
    code: 'has-contact',
    type: 'token',
    base: ['Patient'],
    expression: 'Patient.contact.exists()',
  },
  {
    url: 'urn:example:contact',
    code: 'relationship-and-family',
    type: 'composite',
    base: ['Patient'],
    expression: 'Patient.contact',
    component: [
      { definition: 'urn:example:has-contact', expression: 'relationship.first()' },
      { definition: 'urn:example:official-family', expression: 'name.first().family' },
    ],
  },
];

describe('paths that are not generated code', () => {
  let definitions: Definitions;
  beforeAll(async () => {
    const r4 = await r4Definitions();
    definitions = {
      ...r4,
      searchParameters: (type) => [...r4.searchParameters(type), ...(type === 'Patient' ? PARAMETERS : [])],
      searchParameterByUrl: (url) => PARAMETERS.find((p) => p.url === url) ?? r4.searchParameterByUrl(url),
    };
  });

  test('are run by fhirpath', () => {
    const query = createIndexQuery(definitions, SECRET);
    const rows = createIndexer(definitions, SECRET).index({
      resourceType: 'Patient',
      name: [
        { use: 'official', family: 'Klein' },
        { use: 'old', family: 'Gross' },
      ],
      identifier: [{ value: 'a' }, { value: 'b' }],
      contact: [
        { relationship: [{ coding: [{ code: 'N' }] }], name: { family: 'Ernst' } },
        { relationship: [{ coding: [{ code: 'E' }] }], name: { family: 'Wolf' } },
      ],
    } as Resource);
    const family = (value: string) =>
      hasString(rows, query.stringPrefix('Patient', 'official-family', value));
    const identifier = (code: string) =>
      hasAnyKey(rows, query.tokenKeys('Patient', 'first-identifier', { code }));
    const contact = (code: string, value: string) =>
      meets(
        rows,
        query.compositeTerm('Patient', 'relationship-and-family', [
          { kind: 'token', token: { code } },
          { kind: 'string', value },
        ]),
      );
    expect([family('klein'), family('gross')]).toEqual([true, false]);
    expect([identifier('a'), identifier('b')]).toEqual([true, false]);
    expect(hasAnyKey(rows, query.tokenKeys('Patient', 'has-contact', { code: 'true' }))).toBe(true);
    expect(hasAnyKey(rows, query.tokenKeys('Patient', 'has-contact', { code: 'false' }))).toBe(false);
    expect([contact('N', 'ernst'), contact('E', 'wolf'), contact('N', 'wolf')]).toEqual([true, true, false]);
  });
});
