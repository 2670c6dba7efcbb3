import { expect, test } from '@jest/globals';
import { ownUrl } from '../../src/cli/serverUrl.ts';

test.each([
  [{}, 'http://127.0.0.1:8103/fhir/R4'],
  [{ PORT: '8344' }, 'http://127.0.0.1:8344/fhir/R4'],
  [{ HOST: 'localhost', PORT: '80' }, 'http://localhost:80/fhir/R4'],
  [{ HOST: '::1' }, 'http://[::1]:8103/fhir/R4'],
  [{ HOST: '0.0.0.0', PUBLIC_URL: 'https://fhir.clinic.example' }, 'http://127.0.0.1:8103/fhir/R4'],
])('commands ask the server that %j start', (variables, expected) => {
  expect(ownUrl(variables)).toBe(expected);
});

test('where the server chose its port, commands ask for its address', () => {
  expect(() => ownUrl({ PORT: '0' })).toThrow('name its FHIR base by --url');
  expect(() => ownUrl({ PORT: 'http' })).toThrow('PORT is out of its range');
});
