import { expect, test } from '@jest/globals';
import { encodeRequest } from '../../src/generator/encode.ts';

const floor = { host: 'host', port: 80, basePath: '/base' };
const server = { ...floor, authorization: 'Bearer administrator', callers: { one: 'Bearer one' } };
const read = { method: 'GET', path: '/Patient/1', answer: '' } as const;
const authorizationIn = (...request: Parameters<typeof encodeRequest>): string | undefined =>
  /^Authorization: (.*)\r$/m.exec(encodeRequest(...request).bytes.toString())?.[1];

test('requests carry the token of their caller, and of the administrator where they name none', () => {
  expect(authorizationIn(read, server)).toBe('Bearer administrator');
  expect(authorizationIn({ ...read, caller: 'one' }, server)).toBe('Bearer one');
});

test('a caller without a token does not pass for the administrator', () => {
  expect(() => encodeRequest({ ...read, caller: 'two' }, server)).toThrow('two has not signed in');
});

test('where nobody is asked, nothing is told', () => {
  expect(authorizationIn({ ...read, caller: 'one' }, floor)).toBeUndefined();
});

test('FHIR is asked for where a request names nothing else', () => {
  const acceptIn = (accept?: string): string | undefined =>
    /^Accept: (.*)\r$/m.exec(
      encodeRequest({ ...read, ...(accept && { accept }) }, floor).bytes.toString(),
    )?.[1];
  expect(acceptIn()).toBe('application/fhir+json');
  expect(acceptIn('image/jpeg')).toBe('image/jpeg');
});
