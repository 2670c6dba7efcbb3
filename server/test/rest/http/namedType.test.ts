import { expect, test } from '@jest/globals';
import { typeNamedByJson, typeNamedByXml } from '../../../src/rest/http/namedType.ts';

test.each([
  ['{"resourceType":"Binary"}', 'Binary'],
  ['\uFEFF {\n"data" : "e30=" , "resourceType"\t:"Binary",', 'Binary'],
  [`{"a":[{"resourceType":"Patient"},["resourceType","x"]],"resourceType":"Binary"}`, 'Binary'],
  [String.raw`{"a":"\"}\\","resourceType":"Binary"}`, 'Binary'],
  ['{"resourceType":{"a":"b"},"Binary":"c"}', undefined],
  ['{"a":"resourceType","Binary":"b"}', undefined],
  ['{"entry":[{"resource":{"resourceType":"Binary"}}]}', undefined],
  ['["resourceType","Binary"]', undefined],
  ['{"a":"resourceType":', undefined],
  ['"open', undefined],
  ['', undefined],
])('the JSON %s names %s', (text, type) => {
  expect(typeNamedByJson(Buffer.from(text))).toBe(type);
});

test.each([
  ['<Binary/>', 'Binary'],
  ['\uFEFF<?xml version="1.0"?>\n<!-- <Patient> -->\n<Binary xmlns="http://hl7.org/fhir">', 'Binary'],
  ['<f:Binary xmlns:f="http://hl7.org/fhir"/>', 'Binary'],
  ['<!DOCTYPE x><Patient>', 'Patient'],
  ['<Bundle><entry><Binary/></entry></Bundle>', 'Bundle'],
  ['<!-- <Binary>', undefined],
  ['no XML', undefined],
])('the XML %s names %s', (text, type) => {
  expect(typeNamedByXml(Buffer.from(text))).toBe(type);
});
