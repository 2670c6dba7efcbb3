import { describe, expect, test } from '@jest/globals';
import { answerForm, bodyFormat } from '../../../src/rest/http/negotiation.ts';

const format = (accept?: string, named?: string, isList = true) => {
  try {
    return answerForm({ accept }, named === undefined ? [] : [['_format', named]], isList).format;
  } catch (error) {
    return (error as { category: string }).category;
  }
};

describe('Accept', () => {
  test.each<[string | undefined, string]>([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/*', 'json'],
    ['text/*', 'json'],
    ['APPLICATION/FHIR+JSON', 'json'],
    ['text/json', 'json'],
    ['application/json+fhir', 'json'],
    ['application/xml+fhir', 'xml'],
    ['application/fhir+json; fhirVersion=4.0', 'json'],
    ['application/fhir+json;FHIRVERSION="4.0.1";q=1', 'json'],
    ['application/fhir+json; fhirVersion=5.0', 'not-acceptable'],
    ['application/fhir+json; fhirVersion=3.0, application/fhir+xml; fhirVersion=4.0', 'xml'],
    ['application/fhir+json; fhirVersion=5.0, */*;q=0.1', 'json'],
    ['application/fhir+xml', 'xml'],
    ['application/xml', 'xml'],
    ['text/xml', 'xml'],
    ['application/fhir+ndjson', 'ndjson'],
    ['application/ndjson', 'ndjson'],
    ['application/x-ndjson', 'ndjson'],
    // JSON wins where both are liked alike.
    ['application/fhir+xml, application/fhir+json', 'json'],
    ['application/fhir+xml;q=0.5, application/fhir+json;q=0.5', 'json'],
    ['application/fhir+ndjson, application/fhir+xml', 'xml'],
    ['application/fhir+xml;q=0.9, application/fhir+json', 'json'],
    ['application/fhir+xml, application/fhir+json;q=0.9', 'xml'],
    ['application/fhir+xml;q=0.901, application/fhir+json;q=0.9', 'xml'],
    ['application/fhir+json;q=0.1;x=y, application/fhir+xml ; q=0.2', 'xml'],
    // What names a format says more than a wildcard.
    ['application/fhir+xml, */*;q=0.1', 'xml'],
    ['application/fhir+json;q=0.1, */*', 'xml'],
    ['application/fhir+json;q=0, */*', 'xml'],
    ['application/fhir+xml;q=0, application/*', 'json'],
    ['application/*;q=0.2, */*;q=0.9, application/xml;q=0.3', 'xml'],
    ['text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', 'xml'],
    ['text/html, */*;q=0.8', 'json'],
    // Lines are only given where they are asked for.
    ['application/fhir+ndjson;q=0.1, */*;q=0', 'ndjson'],
    ['application/fhir+ndjson;q=0.5, application/fhir+json;q=0.4', 'ndjson'],
    ['application/json;q=0', 'not-acceptable'],
    ['*/*;q=0', 'not-acceptable'],
    ['application/fhir+json;q=0.000', 'not-acceptable'],
    ['text/html', 'not-acceptable'],
    ['application/fhir+turtle, image/*', 'not-acceptable'],
    [',;,', 'not-acceptable'],
  ])('%s', (accept, expected) => expect(format(accept)).toBe(expected));

  test('lines are nothing for one resource', () => {
    expect(format('application/fhir+ndjson', undefined, false)).toBe('not-acceptable');
    expect(format('application/fhir+ndjson, application/fhir+xml;q=0.1', undefined, false)).toBe('xml');
  });
});

test.each([
  ['json', 'json'],
  ['application/json', 'json'],
  ['application/fhir json', 'json'],
  ['application/fhir+json; fhirVersion=4.0', 'json'],
  ['application/fhir+json; fhirVersion=4.3', 'not-acceptable'],
  ['xml', 'xml'],
  ['XML', 'xml'],
  ['text/xml', 'xml'],
  ['application/xml', 'xml'],
  ['application/fhir+xml', 'xml'],
  ['application/fhir xml', 'xml'],
  ['ndjson', 'ndjson'],
  ['application/fhir ndjson', 'ndjson'],
  ['ttl', 'not-acceptable'],
  ['html', 'not-acceptable'],
  ['*/*', 'not-acceptable'],
  ['', 'not-acceptable'],
  ['constructor', 'not-acceptable'],
])('_format=%s wins over Accept', (named, expected) => {
  expect(format('text/html', named)).toBe(expected);
  expect(format('application/fhir+xml', named)).toBe(expected);
});

test.each<[string | undefined, string, string]>([
  [undefined, 'application/fhir+xml; charset=utf-8', 'xml'],
  ['*/*', 'application/fhir+xml', 'xml'],
  ['application/fhir+json', 'application/fhir+xml', 'json'],
  ['*/*;q=0.5', 'application/fhir+xml', 'json'],
  [undefined, 'application/xml', 'json'],
  [undefined, 'application/fhir+json', 'json'],
])('without a wish in Accept (%s), who sends %s gets %s', (accept, contentType, expected) => {
  expect(answerForm({ accept, 'content-type': contentType }, [], false).format).toBe(expected);
});

test('_pretty', () => {
  expect(answerForm({}, [['_pretty', 'true']], false).pretty).toBe(true);
  expect(answerForm({}, [['_pretty', 'false']], false).pretty).toBe(false);
});

describe('Content-Type', () => {
  test.each([
    ['application/fhir+json', 'json'],
    ['application/json; charset=UTF-8', 'json'],
    ['application/fhir+xml', 'xml'],
    ['application/fhir+xml; charset="utf-8"', 'xml'],
    ['application/xml', 'xml'],
    ['text/xml;charset=utf8', 'xml'],
    ['application/fhir+json; fhirVersion=4.0', 'json'],
  ])('%s', (contentType, expected) => expect(bodyFormat(contentType)).toBe(expected));

  test.each([undefined, '', 'text/plain', 'application/fhir+ndjson', 'application/xml; charset=iso-8859-1'])(
    '%s is refused',
    (contentType) => expect(() => bodyFormat(contentType)).toThrow('application/fhir+xml in UTF-8'),
  );

  test.each(['application/fhir+json; fhirVersion=5.0', 'application/fhir+xml;fhirVersion="3.0"'])(
    '%s is another FHIR',
    (contentType) => expect(() => bodyFormat(contentType)).toThrow('fhirVersion=4.0'),
  );
});
