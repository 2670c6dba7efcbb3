import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { patchOfEntry, readPatch } from '../../../src/fhir/patch/patch.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { exactly, faultOf, parametersOf, parsed } from './support.ts';

let definitions: Definitions;
beforeAll(async () => {
  definitions = await r4Definitions();
});

const PATIENT = '{"resourceType":"Patient","id":"x","active":true}';
const INACTIVE = PATIENT.replace('true', 'false');
const JSON_PATCH = '[{"op":"replace","path":"/active","value":false}]';
const MERGE_PATCH = '{"active":false}';
const fhirPathPatch = JSON.stringify(
  parametersOf({ type: 'replace', path: 'Patient.active', value: { valueBoolean: false } }),
);

const read = (mediaType: string, body: string) => readPatch(mediaType, parsed(body), definitions);
const ofEntry = (resource: string) =>
  patchOfEntry({ value: JSON.parse(resource) as Resource, exact: exactly(resource) }, definitions);
const binary = (contentType: unknown, data: string | Buffer) =>
  JSON.stringify({ resourceType: 'Binary', contentType, data: Buffer.from(data).toString('base64') });

describe('a patch by its media type', () => {
  test.each([
    ['application/json-patch+json', JSON_PATCH],
    ['application/merge-patch+json', MERGE_PATCH],
    ['application/fhir+json', fhirPathPatch],
    ['application/json', fhirPathPatch],
  ])('%s', (mediaType, body) => {
    expect(JSON.stringify(read(mediaType, body).apply(exactly(PATIENT)))).toBe(INACTIVE);
  });

  test.each([
    ['application/json-patch+xml', '[]', 'unsupported-media-type'],
    ['', '[]', 'unsupported-media-type'],
    ['application/json', JSON_PATCH, 'incorrect'],
    ['application/fhir+json', PATIENT, 'incorrect'],
    ['application/json-patch+json', fhirPathPatch, 'incorrect'],
  ])('%s of what is none: refused', (mediaType, body, category) => {
    expect(faultOf(() => read(mediaType, body)).category).toBe(category);
  });

  test.each([
    ['application/json-patch+json', '[{"op":"remove","path":""}]'],
    ['application/json-patch+json', '[{"op":"replace","path":"","value":[1]}]'],
    ['application/json-patch+json', '[{"op":"replace","path":"","value":1.10}]'],
    ['application/json-patch+json', '[{"op":"remove","path":"/resourceType"}]'],
    ['application/merge-patch+json', '"x"'],
    ['application/merge-patch+json', '{"resourceType":null}'],
    ['application/merge-patch+json', '{"resourceType":1}'],
  ])('%s %s leaves no resource', (mediaType, body) => {
    expect(faultOf(() => read(mediaType, body).apply(exactly(PATIENT))).category).toBe('unprocessable');
  });
});

describe('a patch of an entry', () => {
  const operations = (...parts: object[][]) =>
    JSON.stringify({
      resourceType: 'Parameters',
      parameter: parts.map((part) => ({ name: 'operation', part })),
    });
  const op = (name: string) => ({ name: 'op', valueCode: name });
  const path = (text: string) => ({ name: 'path', valueString: text });

  test.each([
    ['Parameters', fhirPathPatch],
    ['a Binary with a JSON Patch', binary('application/json-patch+json', JSON_PATCH)],
    ['one that tells its charset', binary('Application/JSON-Patch+JSON; charset=utf-8', JSON_PATCH)],
    ['a Binary with a merge patch', binary('application/merge-patch+json', MERGE_PATCH)],
    ['a Binary with Parameters', binary('application/fhir+json', fhirPathPatch)],
    [
      'Parameters with a JSON Patch',
      operations(
        [op('test'), path('/active'), { name: 'value', valueString: 'true' }],
        [op('copy'), { name: 'from', valueString: '/active' }, path('/a')],
        [op('replace'), path('/active'), { name: 'value', valueString: 'false' }],
        [op('remove'), path('/a')],
      ),
    ],
  ])('%s', (_name, resource) => {
    expect(JSON.stringify(ofEntry(resource).apply(exactly(PATIENT)))).toBe(INACTIVE);
  });

  test('keeps every digit of what stands in base64 or in a text', () => {
    const patch = '[{"op":"add","path":"/a","value":1.10}]';
    const texts = operations([op('add'), path('/a'), { name: 'value', valueString: '1.10' }]);
    for (const resource of [binary('application/json-patch+json', patch), texts])
      expect(JSON.stringify(ofEntry(resource).apply(exactly(PATIENT)))).toContain('"a":1.10');
  });

  test.each([
    ['no contentType', binary(undefined, JSON_PATCH), 'incorrect'],
    ['no data', '{"resourceType":"Binary","contentType":"application/json-patch+json"}', 'incorrect'],
    ['another type', binary('application/json-patch+xml', '<diff/>'), 'incorrect'],
    ['no JSON', binary('application/json-patch+json', '[{'), 'incorrect'],
    ['no UTF-8', binary('application/json-patch+json', Buffer.from([0x5b, 0xff, 0x5d])), 'incorrect'],
    ['another resource', PATIENT, 'incorrect'],
    [
      'a value that is no text',
      operations([op('add'), path('/a'), { name: 'value', valueInteger: 1 }]),
      'incorrect',
    ],
    [
      'a value that is no JSON',
      operations([op('add'), path('/a'), { name: 'value', valueString: 'x' }]),
      'incorrect',
    ],
    ['an unknown part', operations([op('remove'), path('/a'), { name: 'x', valueString: 'x' }]), 'incorrect'],
    [
      'operations of both kinds',
      operations([op('remove'), path('/a')], [{ name: 'type', valueCode: 'delete' }]),
      'incorrect',
    ],
  ])('%s: refused', (_name, resource, category) => {
    expect(faultOf(() => ofEntry(resource)).category).toBe(category);
  });

  test('a Binary with XML is told where that may stand', () => {
    const { issues } = faultOf(() => ofEntry(binary('application/fhir+xml', '<Parameters/>')));
    expect(issues[0]).toMatchObject({ expression: ['Binary.contentType'] });
    expect(issues[0]!.diagnostics).toContain('into the entry itself');
  });
});
