import { describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../src/fhir/definitions/types.ts';
import { FhirError } from '../../src/fhir/outcome.ts';
import type { MethodNotAllowedError } from '../../src/rest/router.ts';
import { route } from '../../src/rest/router.ts';

const definitions = { isResourceType: (name: string) => name === 'Patient' } as unknown as Definitions;
const at = (method: string, path: string) => route(definitions, method, path);

test.each([
  ['POST', '', { interaction: 'bundle' }],
  ['POST', '/', { interaction: 'bundle' }],
  ['GET', '/metadata', { interaction: 'capabilities' }],
  ['HEAD', '/metadata', { interaction: 'capabilities' }],
  ['GET', '/_history', { interaction: 'system-history' }],
  ['GET', '/Patient', { interaction: 'search', type: 'Patient' }],
  ['POST', '/Patient', { interaction: 'create', type: 'Patient' }],
  ['POST', '/Patient/_search', { interaction: 'search-post', type: 'Patient' }],
  ['GET', '/Patient/_history', { interaction: 'type-history', type: 'Patient' }],
  ['GET', '/Patient/a.b-1', { interaction: 'read', type: 'Patient', id: 'a.b-1' }],
  ['PUT', '/Patient/1', { interaction: 'update', type: 'Patient', id: '1' }],
  ['DELETE', '/Patient/1', { interaction: 'delete', type: 'Patient', id: '1' }],
  ['GET', '/Patient/1/_history', { interaction: 'instance-history', type: 'Patient', id: '1' }],
  ['GET', '/Patient/1/_history/2', { interaction: 'vread', type: 'Patient', id: '1', versionId: '2' }],
])('%s %s', (method, path, expected) => {
  expect(at(method, path)).toEqual(expected);
});

describe('refused', () => {
  test.each([
    '/Patients',
    '/patient/1',
    '/Patient/1/x',
    '/Patient/1/_history/2/3',
    '/Patient/$nothing',
    '/Patient/_x',
    '/metadata/x',
  ])('unknown: %s', (path) => expect(() => at('GET', path)).toThrow(FhirError));

  test('a method that the URL does not take, with those it does', () => {
    try {
      at('PATCH', '/Patient/1');
    } catch (error) {
      expect((error as MethodNotAllowedError).allow).toBe('GET, PUT, DELETE, HEAD, OPTIONS');
      return;
    }
    throw new Error('was accepted');
  });

  test('broken percent-encoding', () => {
    expect(() => at('GET', '/Patient/%zz')).toThrow('percent-encoding');
    expect(() => at('GET', '/Patient/%00')).toThrow('NUL');
  });
});
