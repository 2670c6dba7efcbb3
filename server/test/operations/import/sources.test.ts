import { describe, expect, test } from '@jest/globals';
import { ImportSources } from '../../../src/operations/import/sources.ts';

const sources = new ImportSources([
  'http://good.example',
  'https://files.example:8443/bulk/',
  'https://files.example/one/two',
]);
const refusal = (url: string, from = sources): unknown => {
  try {
    return from.require(url, 'input[0].url').href;
  } catch (error) {
    return error;
  }
};
const REFUSED = { category: 'forbidden', issues: [{ code: 'security', expression: ['input[0].url'] }] };

describe('may be fetched:', () => {
  test.each([
    ['http://good.example/a.ndjson', undefined],
    ['HTTP://GOOD.EXAMPLE:80/a.ndjson?sig=a%2Fb&x=..#part', 'http://good.example/a.ndjson?sig=a%2Fb&x=..'],
    ['http://good.example/a/../b.ndjson', 'http://good.example/b.ndjson'],
    ['http://good.example/a%2Fb.ndjson', undefined],
    ['https://files.example:8443/bulk/a/b.ndjson', undefined],
    ['https://files.example/one/two', undefined],
    ['https://files.example/one/two?a', undefined],
    ['https://files.example/one/two/three', undefined],
    ['https://files.example/one/./two/three', 'https://files.example/one/two/three'],
  ])('%s', (url, normal) => {
    expect(refusal(url)).toBe(normal ?? url);
  });
});

describe('may not be fetched:', () => {
  test.each([
    // Another server, whatever its name begins with.
    'http://good.example.evil/a',
    'http://good.examples/a',
    'http://good.example:81/a',
    'https://good.example/a',
    'http://www.good.example/a',
    'http://good.example@evil.example/a',
    'http://evil.example/http://good.example/',
    'http://evil.example/?http://good.example/',
    'http://evil.example#http://good.example/',
    'http://evil.example\\@good.example/a',
    // Whom it could tell something.
    'http://user@good.example/a',
    'http://user:password@good.example/a',
    'http://:password@good.example/a',
    // This machine, and what only it can reach, in every way of writing it.
    'http://127.0.0.1/a',
    'http://localhost/a',
    'http://[::1]/a',
    'http://[::ffff:127.0.0.1]/a',
    'http://0x7f.1/a',
    'http://2130706433/a',
    'http://017700000001/a',
    'http://0/a',
    'http://169.254.169.254/latest/meta-data/',
    // Out of the folder.
    'https://files.example:8443/',
    'https://files.example:8443/bulk',
    'https://files.example:8443/bulky/a',
    'https://files.example:8443/bulk/../a',
    'https://files.example:8443/bulk/%2e%2e/a',
    'https://files.example:8443/bulk/.%2E/a',
    'https://files.example:8443/bulk/..%2fa',
    'https://files.example:8443/bulk/a%2f..%2f..%2fb',
    'https://files.example:8443/bulk/..%5ca',
    'https://files.example:8443/bulk/%252e%252e%252fa',
    'https://files.example:8443/bulk/%25252e%25252e%25252fa',
    'https://files.example:8443/bulk\\..\\a',
    'https://files.example:8443/bulk/%ff',
    'https://files.example/one/twofold',
    // No HTTP.
    'file:///etc/passwd',
    'ftp://good.example/a',
    'data:application/fhir+ndjson,{}',
    'gopher://good.example/a',
  ])('%s', (url) => {
    expect(refusal(url)).toMatchObject(REFUSED);
    expect(String((refusal(url) as Error).message)).toContain('IMPORT_ALLOW');
  });

  test('anything, where nothing is allowed', () => {
    const closed = refusal('http://good.example/a', new ImportSources([]));
    expect(closed).toMatchObject(REFUSED);
    expect((closed as Error).message).toContain('must set IMPORT_ALLOW');
  });
});
