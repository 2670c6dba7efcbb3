import { beforeAll, expect, test } from '@jest/globals';
import { createValidator } from '../../../src/validation/createValidator.ts';
import type { Validator } from '../../../src/validation/validator.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { issuesNow } from '../../support/validation.ts';

let validator: Validator;

beforeAll(async () => {
  validator = createValidator(await r4Definitions());
});

const URI = 'urn:ietf:rfc:3986';
const UUID = 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0';
const identifier = (system: string, value = 'x') => ({ identifier: [{ system, value }] });
const coded = (system: string) => ({ maritalStatus: { coding: [{ system, code: 'x' }] } });
const profiled = (profile: string) => ({ meta: { profile: [profile] } });
/** What is told beyond what a write is told. */
const remarks = (content: object): string[] => {
  const patient = { resourceType: 'Patient', ...content };
  expect(issuesNow(validator, patient)).toEqual([]);
  return issuesNow(validator, patient, { thorough: true, mode: 'base' })
    .filter(({ details }) => /uri|relative/.test(details?.coding?.[0]?.code ?? ''))
    .map(
      ({ severity, details, expression }) => `${severity} ${details?.coding?.[0]?.code} ${expression?.[0]}`,
    );
};

test.each([
  [coded('abc'), 'error system-relative Patient.maritalStatus.coding[0].system'],
  [identifier('abc'), 'error system-relative Patient.identifier[0].system'],
  [identifier('urn:oid:abc'), 'error uri-form Patient.identifier[0].system'],
  [{ implicitRules: 'urn:uuid:abc' }, 'error uri-form Patient.implicitRules'],
  [{ implicitRules: 'urn:oid:abc' }, 'error uri-form Patient.implicitRules'],
  [identifier(URI, 'abc'), 'warning identifier-uri Patient.identifier[0]'],
  [profiled('Foo'), 'warning canonical-relative Patient.meta.profile[0]'],
  [profiled('urn:oid:abc'), 'warning uri-form Patient.meta.profile[0]'],
])('%j is told where warnings are wanted', (content, remark) => {
  expect(remarks(content)).toEqual([remark]);
});

test.each([
  coded('http://x'),
  identifier('urn:oid:1.2.3'),
  identifier(URI, UUID),
  identifier(URI, 'http://x'),
  { implicitRules: UUID },
  { implicitRules: 'some/rules' },
  profiled('http://x/y|1'),
  profiled('urn:oid:1.2.3|1'),
])('%j is fine', (content) => {
  expect(remarks(content)).toEqual([]);
});
