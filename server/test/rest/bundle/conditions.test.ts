import { describe, expect, test } from '@jest/globals';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { entryConditions } from '../../../src/rest/bundle/conditions.ts';
import type { InteractionName } from '../../../src/rest/router.ts';

const read = (interaction: InteractionName, request: object) =>
  entryConditions(interaction, request as never, 'Bundle.entry[2]');

describe('preconditions of an entry', () => {
  test.each<[InteractionName, object, object]>([
    ['update', {}, {}],
    ['update', { ifMatch: 'W/"3"' }, { expectedVersion: 3 }],
    ['update', { ifNoneMatch: '*' }, { expectedVersion: 0 }],
    ['conditional-update', { ifMatch: '"3"' }, { expectedVersion: 3 }],
    ['patch', { ifMatch: 'W/"4"' }, { expectedVersion: 4 }],
    ['delete', { ifMatch: 'W/"5"' }, { expectedVersion: 5 }],
    ['create', { ifNoneExist: 'identifier=x' }, {}],
    ['read', { ifNoneMatch: 'W/"1"' }, { ifNoneMatch: 'W/"1"' }],
    [
      'vread',
      { ifModifiedSince: '2026-01-31T12:00:00Z' },
      { ifModifiedSince: new Date('2026-01-31T12:00:00Z') },
    ],
  ])('%s %j', (interaction, request, expected) => {
    expect(read(interaction, request)).toEqual(expected);
  });

  test.each<[InteractionName, object, string]>([
    ['update', { ifNoneMatch: 'W/"1"' }, 'ifNoneMatch'],
    ['update', { ifNoneMatch: '*', ifMatch: 'W/"1"' }, 'ifNoneMatch'],
    ['update', { ifMatch: 'three' }, 'ifMatch'],
    ['update', { ifMatch: 5 }, 'ifMatch'],
    ['update', { ifNoneExist: 'x=y' }, 'ifNoneExist'],
    ['update', { ifModifiedSince: '2026-01-31T12:00:00Z' }, 'ifModifiedSince'],
    ['create', { ifMatch: 'W/"1"' }, 'ifMatch'],
    ['create', { ifNoneMatch: '*' }, 'ifNoneMatch'],
    ['delete', { ifNoneMatch: '*' }, 'ifNoneMatch'],
    ['patch', { ifNoneMatch: '*' }, 'ifNoneMatch'],
    ['read', { ifMatch: 'W/"1"' }, 'ifMatch'],
    ['read', { ifModifiedSince: 'yesterday' }, 'ifModifiedSince'],
    ['search', { ifNoneMatch: '*' }, 'ifNoneMatch'],
    ['operation', { ifMatch: 'W/"1"' }, 'ifMatch'],
  ])('refused: %s %j', (interaction, request, name) => {
    let error: unknown;
    try {
      read(interaction, request);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FhirError);
    expect((error as FhirError).issues[0]!.expression).toEqual([`Bundle.entry[2].request.${name}`]);
  });
});
