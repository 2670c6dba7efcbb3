import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { errorsOf, openR4, profileValidator, ruleOf, type R4 } from './support.ts';

let r4: R4;
beforeAll(async () => {
  r4 = await openR4();
});
afterAll(() => r4.remove());

const HL7 = 'http://hl7.org/fhir/StructureDefinition';
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const observation = (code: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: loinc(code),
  ...more,
});
const whole = {
  category: [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
    },
  ],
  subject: { reference: 'Patient/1' },
  effectiveDateTime: '2026-01-01',
  valueQuantity: { value: 70, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
};

const { subject: _subject, ...lacking } = whole;

describe('an Observation with the code of a vital sign', () => {
  const found = (resource: object, options = {}) =>
    profileValidator(r4, new Map()).validate(resource as { resourceType: string }, {
      thorough: true,
      ...options,
    });

  test('conforms to the profile of R4 for it, also where it does not claim it', async () => {
    expect(errorsOf(await found(observation('29463-7', whole)))).toEqual([]);
    const issues = await found(observation('29463-7', lacking));
    expect(errorsOf(issues).map(ruleOf)).toEqual(['profile-cardinality-min']);
    expect(issues.find((issue) => ruleOf(issue) === 'profile-implied')?.diagnostics).toContain(
      `${HL7}/bodyweight`,
    );
    expect(errorsOf(await found(observation('718-7')))).toEqual([]);
  });

  test('is told of once, whoever asks', async () => {
    const asked = await found(observation('29463-7'), { profiles: [`${HL7}/bodyweight`] });
    const claimed = await found(observation('29463-7', { meta: { profile: [`${HL7}/bodyweight`] } }));
    const missing = (issues: typeof asked) =>
      errorsOf(issues).filter(({ expression }) => expression?.[0] === 'Observation.subject');
    expect(missing(asked)).toHaveLength(1);
    expect(missing(claimed)).toHaveLength(1);
  });

  test('is written as it is', async () => {
    const issues = await found(observation('29463-7'), { thorough: false });
    expect(errorsOf(issues)).toEqual([]);
  });
});
