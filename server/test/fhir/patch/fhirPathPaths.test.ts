import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { faultOf, NAMES, patchedText, patient, type Operation } from './support.ts';

let definitions: Definitions;
beforeAll(async () => {
  definitions = await r4Definitions();
});

const patched = (resource: object | string, ...operations: Operation[]) =>
  patchedText(definitions, resource, ...operations);

describe('paths', () => {
  test.each([
    ['Patient.name[0].family'],
    ['name[0].family'],
    ["Patient.name.where(use = 'official').family"],
    ["Patient.name.where(use='official' and family.exists()).family"],
    ['Patient.name.first().family'],
    ['Patient.name.family.single()'],
    ["Patient.name.given.where($this = 'x').empty().not()", 'no element of the resource'],
    ["Patient.name.where(given.count() = 2).family.where($this.startsWith('A'))"],
    ['Patient.name.family.last()'],
    ['Patient.name.skip(0).take(1).family'],
    ['Patient.`name`.family'],
    ['DomainResource.name.family'],
    ['%resource.name.family'],
    ["Patient.descendants().where($this = 'A')", 'what a patch may not'],
    ['Patient.name.family | Patient.name.family', 'what a patch may not'],
    ['Patient.name.family.combine(Patient.name.family)', 'what a patch may not'],
    ['Patient.name.`repeat`(family)', 'what a patch may not'],
    ['Patient.managingOrganization.resolve().name', 'what a patch may not'],
    ['iif(true, Patient.name.family)', 'what a patch may not'],
    ['Patient.name.family.upper()', 'no element of the resource'],
    ["'A'", 'no element of the resource'],
    ['Patient.name.family.', 'no FHIRPath (line 1, column 20)'],
    ['', 'no FHIRPath'],
    [`Patient${' '.repeat(1_000)}.name.family`, 'longer than 1000 characters'],
    ['Practitioner.name.family', 'leads to no element'],
    ['Patient.foo', 'leads to no element'],
    ['Patient.birthDate', 'leads to no element'],
    ['Patient.name.given', 'leads to 3 elements'],
    ['Patient', 'the resource itself'],
    ['Patient.name.single()', 'cannot be evaluated'],
  ])('%s', (path, ...[fault]: string[]) => {
    const replace = () => patched(NAMES, { type: 'replace', path, value: { valueString: 'Z' } });
    if (fault === undefined) expect(replace()).toBe(JSON.stringify(NAMES).replace('"A"', '"Z"'));
    else expect(replace).toThrow(fault);
  });

  test('compare what is no text by the rules of FHIRPath', () => {
    const resource = patient({
      contact: [{ period: { start: '2020-01-01' } }, { period: { start: '2021' } }],
    });
    const path = 'Patient.contact.where(period.start < @2021).period.start';
    expect(patched(resource, { type: 'replace', path, value: { valueDateTime: '2019' } })).toContain(
      '"2019"',
    );
    const active = "Patient.name.where(period = 'x')";
    expect(patched(NAMES, { type: 'delete', path: active })).toBe(JSON.stringify(NAMES));
  });

  test('lead to narratives, whose name is that of an operator', () => {
    const resource = patient({ text: { status: 'empty', div: '<div/>' } });
    for (const path of ['Patient.text.div', "Patient.text.where(status = 'empty' or status = 'x').div"])
      expect(patched(resource, { type: 'replace', path, value: { valueString: '<p/>' } })).toContain('<p/>');
  });
});

describe('limits', () => {
  const many = patient({
    identifier: Array.from({ length: 5_000 }, (_, i) => ({ system: 'urn:a', value: `${i}` })),
  });
  const times = (count: number, operation: Operation) => Array.from({ length: count }, () => operation);
  const last = (path: string): Operation => ({ type: 'replace', path, value: { valueString: 'x' } });

  test('simple paths through large resources are cheap, others are refused before they take long', () => {
    expect(patched(many, ...times(20, last("Patient.identifier.where(value = '1').system")))).toContain(
      '"x"',
    );
    const slow = last("Patient.identifier.where(value = '1' or value = '2').first().system");
    expect(patched(many, slow)).toContain('"x"');
    expect(faultOf(() => patched(many, ...times(30, slow))).issues[0]?.code).toBe('too-costly');
  });

  test('paths that take long to read are refused, too', () => {
    const long = (i: number): Operation => ({
      type: 'delete',
      path: `Patient.name.where(${'1+'.repeat(300)}${i} = 1)`,
    });
    expect(patched(NAMES, long(0))).toBe(JSON.stringify(NAMES));
    const many = Array.from({ length: 50 }, (_, i) => long(i));
    expect(faultOf(() => patched(NAMES, ...many)).issues[0]?.code).toBe('too-costly');
  });

  test('nothing is nested deeper than what is read', () => {
    const nested = (depth: number): object => ({
      url: 'urn:e',
      ...(depth === 0 ? { valueString: 'x' } : { extension: [nested(depth - 1)] }),
    });
    const add = (path: string): Operation => ({
      type: 'add',
      path,
      name: 'contact',
      value: { part: [{ name: 'name', valueHumanName: { extension: [nested(27)] } }] },
    });
    expect(patched(patient({}), add('Patient'))).toContain('urn:e');
    const deeper: Operation = {
      type: 'add',
      path: 'Patient.contact.name.extension.extension.extension.extension.extension',
      name: 'extension',
      value: {
        part: [
          { name: 'url', valueUri: 'urn:e' },
          {
            name: 'extension',
            part: [
              { name: 'url', valueUri: 'urn:e' },
              { name: 'value', valueHumanName: { extension: [nested(24)] } },
            ],
          },
        ],
      },
    };
    const { category, issues } = faultOf(() => patched(patient({}), add('Patient'), deeper));
    expect([category, issues[0]?.code]).toEqual(['unprocessable', 'structure']);
  });
});
