import { describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../src/fhir/definitions/types.ts';
import { FhirError } from '../../src/fhir/outcome.ts';
import { MethodNotAllowedError, route } from '../../src/rest/router.ts';

const TYPES = new Set(['Patient', 'Observation']);
const definitions = { isResourceType: (name: string) => TYPES.has(name) } as unknown as Definitions;
const at = (method: string, path: string) => route(definitions, method, path);
const compartment = { type: 'Patient', id: '1' };

test.each([
  ['POST', '', { interaction: 'bundle' }],
  ['POST', '/', { interaction: 'bundle' }],
  ['GET', '', { interaction: 'search' }],
  ['HEAD', '/', { interaction: 'search' }],
  ['POST', '/_search', { interaction: 'search-post' }],
  ['GET', '/metadata', { interaction: 'capabilities' }],
  ['HEAD', '/metadata', { interaction: 'capabilities' }],
  ['GET', '/_history', { interaction: 'system-history' }],
  ['GET', '/_jobs/a-b', { interaction: 'job-status', job: 'a-b' }],
  ['DELETE', '/_jobs/a-b', { interaction: 'job-cancel', job: 'a-b' }],
  ['HEAD', '/_jobs/a-b/c.ndjson', { interaction: 'job-file', job: 'a-b', file: 'c.ndjson' }],
  ['GET', '/$stats', { interaction: 'operation', operation: 'stats' }],
  ['POST', '/$stats', { interaction: 'operation', operation: 'stats' }],
  ['GET', '/Patient', { interaction: 'search', type: 'Patient' }],
  ['POST', '/Patient', { interaction: 'create', type: 'Patient' }],
  ['POST', '/Patient/_search', { interaction: 'search-post', type: 'Patient' }],
  ['GET', '/Patient/_history', { interaction: 'type-history', type: 'Patient' }],
  ['HEAD', '/Patient/$x', { interaction: 'operation', type: 'Patient', operation: 'x' }],
  ['GET', '/Patient/a.b-1', { interaction: 'read', type: 'Patient', id: 'a.b-1' }],
  ['PUT', '/Patient/1', { interaction: 'update', type: 'Patient', id: '1' }],
  ['DELETE', '/Patient/1', { interaction: 'delete', type: 'Patient', id: '1' }],
  ['GET', '/Patient/1/_history', { interaction: 'instance-history', type: 'Patient', id: '1' }],
  ['GET', '/Patient/1/_history/2', { interaction: 'vread', type: 'Patient', id: '1', versionId: '2' }],
  ['POST', '/Patient/1/$meta-add', { interaction: 'operation', ...compartment, operation: 'meta-add' }],
  ['POST', '/Patient/1/%24meta', { interaction: 'operation', ...compartment, operation: 'meta' }],
  ['GET', '/Patient/1/Observation', { interaction: 'search', type: 'Observation', compartment }],
  ['HEAD', '/Patient/1/*', { interaction: 'search', compartment }],
  ['GET', '/Patient/1/%2A', { interaction: 'search', compartment }],
  [
    'POST',
    '/Patient/1/Observation/_search',
    { interaction: 'search-post', type: 'Observation', compartment },
  ],
  ['POST', '/Patient/1/*/_search', { interaction: 'search-post', compartment }],
  ['POST', '/Patient/1/_search', { interaction: 'search-post', compartment }],
])('%s %s', (method, path, expected) => {
  expect(at(method, path)).toEqual(expected);
});

describe('refused', () => {
  test.each([
    '/Patients',
    '/patient/1',
    '/Patient/1/x',
    '/Patient/1/_history/2/3',
    '/Patient/_x',
    '/Patient/_search/1',
    '/Patient/_history/1',
    '/Patient/$x/1',
    '/Patient/$',
    '/Patient/1/$',
    '/Patient/1/$x/y',
    '/Patient/1/Observation/2',
    '/Patient/1/Observation/_search/x',
    '/Patient/1/Practitioner',
    '/$x/1',
    '/_search/x',
    '/_x',
    '/_jobs',
    '/_jobs/a/b/c',
    '/Patient/_jobs',
    '/Patient/1/_jobs',
    '/metadata/x',
  ])('unknown: %s', (path) => {
    let error: unknown;
    try {
      at('GET', path);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FhirError);
    expect((error as FhirError).category).toBe('not-found');
  });

  test.each([
    ['POST', '/Patient/1', 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS'],
    ['PUT', '', 'GET, POST, HEAD, OPTIONS'],
    ['GET', '/Patient/_search', 'POST, OPTIONS'],
    ['GET', '/_search', 'POST, OPTIONS'],
    ['POST', '/Patient/1/Observation', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/Patient/1/*', 'GET, HEAD, OPTIONS'],
    ['GET', '/Patient/1/*/_search', 'POST, OPTIONS'],
    ['POST', '/_jobs/a', 'GET, DELETE, HEAD, OPTIONS'],
    ['DELETE', '/_jobs/a/b', 'GET, HEAD, OPTIONS'],
    ['PUT', '/Patient/1/$x', 'GET, POST, HEAD, OPTIONS'],
  ])('%s %s, with the methods that the URL takes', (method, path, allow) => {
    let error: unknown;
    try {
      at(method, path);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(MethodNotAllowedError);
    expect((error as MethodNotAllowedError).allow).toBe(allow);
  });

  test('broken percent-encoding', () => {
    expect(() => at('GET', '/Patient/%zz')).toThrow('percent-encoding');
    expect(() => at('GET', '/Patient/%00')).toThrow('NUL');
  });
});
