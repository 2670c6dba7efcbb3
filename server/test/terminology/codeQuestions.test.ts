import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import os from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../src/fhir/resource.ts';
import { openStore } from '../../src/store/store.ts';
import { Terminology } from '../../src/terminology/terminology.ts';
import { r4Definitions } from '../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

const GENDER = 'http://hl7.org/fhir/administrative-gender';
const vs = (name: string) => `http://hl7.org/fhir/ValueSet/${name}`;

describe('questions of validation', () => {
  let world: TestDatabase;
  let terminology: Terminology;

  beforeAll(async () => {
    world = await testDatabase();
    const definitions = await r4Definitions();
    const store = openStore(
      world.database,
      world.schema,
      definitions,
      new Uint8Array(16),
      'http://x/fhir/R4',
    );
    const cacheDir = path.join(os.tmpdir(), 'maxray-test-data', 'cache');
    terminology = new Terminology(store, world.schema, definitions, cacheDir);
  });
  afterAll(() => world.close());

  const verdicts = async (...questions: Parameters<Terminology['codes']['answer']>[0]) =>
    (await terminology.codes.answer(questions)).map(({ verdict }) => verdict);

  test('are answered in their order', async () => {
    const valueSet = vs('administrative-gender');
    expect(
      await verdicts(
        { valueSet, codings: [{ system: GENDER, code: 'male' }] },
        { valueSet, codings: [{ system: GENDER, code: 'MALE' }] },
        { valueSet: 'http://nobody/knows', codings: [{ system: GENDER, code: 'male' }] },
        { valueSet: `${valueSet}|4.0.1`, codings: [{ code: 'female' }], systemImplied: true },
        { valueSet, codings: [{ code: 'female' }] },
        {
          valueSet,
          codings: [
            { system: 'http://other', code: 'x' },
            { system: GENDER, code: 'other' },
          ],
        },
      ),
    ).toEqual(['in', 'out', 'unknown', 'in', 'out', 'in']);
  });

  test('can bring their value set along', async () => {
    const resource = { resourceType: 'ValueSet', compose: { include: [{ system: GENDER }] } };
    const about = (code: string, one: JsonObject) => ({
      valueSet: '#vs',
      resource: one,
      codings: [{ system: GENDER, code }],
    });
    const strange = { ...resource, compose: { include: [{ valueSet: ['http://nobody/knows'] }] } };
    expect(await verdicts(about('male', resource), about('m', resource), about('male', strange))).toEqual([
      'in',
      'out',
      'unknown',
    ]);
  });

  test('know grammars and lists', async () => {
    const implied = (valueSet: string, code: string) =>
      ({ valueSet, codings: [{ code }], systemImplied: true }) as const;
    expect(
      await verdicts(
        implied(vs('mimetypes'), 'application/fhir+json'),
        implied(vs('mimetypes'), 'json'),
        implied(vs('all-languages'), 'de-AT'),
        implied(vs('all-languages'), 'qq-ZZ'),
        implied(vs('currencies'), 'EUR'),
        implied(vs('currencies'), 'EUX'),
        implied(vs('ucum-units'), 'mg/dL'),
      ),
    ).toEqual(['in', 'out', 'in', 'out', 'in', 'out', 'in']);
  });

  test('are not answered where a code system is not known', async () => {
    const codings = [{ system: 'http://snomed.info/sct', code: '404684003' }];
    expect(await verdicts({ valueSet: vs('clinical-findings'), codings })).toEqual(['unknown']);
  });

  test('are answered for parts of v3 code systems', async () => {
    const system = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
    const valueSet = 'http://terminology.hl7.org/ValueSet/v3-ActEncounterCode';
    expect(
      await verdicts(
        { valueSet, codings: [{ system, code: 'AMB' }] },
        { valueSet, codings: [{ system, code: 'PREAUTH' }] },
      ),
    ).toEqual(['in', 'out']);
  });

  describe('about the own code system of a coding', () => {
    const UCUM = 'http://unitsofmeasure.org';
    const faults = async (...codings: Parameters<Terminology['codes']['faults']>[0]) =>
      (await terminology.codes.faults(codings)).map((found) =>
        found.map(({ kind, severity, text }) => `${severity} ${kind} ${text}`),
      );

    test('find unknown codes, and value sets in the place of systems', async () => {
      const [unit, good, gender, valueSet] = await faults(
        { system: UCUM, code: 'mgg' },
        { system: UCUM, code: 'mg' },
        { system: GENDER, code: 'xx' },
        { system: vs('administrative-gender'), code: 'male' },
      );
      expect(unit).toEqual([`error code Unknown code 'mgg' in the CodeSystem '${UCUM}'`]);
      expect(good).toEqual([]);
      expect(gender).toEqual([`error code Unknown code 'xx' in the CodeSystem '${GENDER}' version '4.0.1'`]);
      expect(valueSet?.[0]).toMatch('error system The Coding references a value set, not a code system');
    });

    test('find wrong displays, which are a warning', async () => {
      const [wrong, right] = await faults(
        { system: GENDER, code: 'male', display: 'Female' },
        { system: GENDER, code: 'male', display: 'male' },
      );
      expect(wrong?.[0]).toMatch("warning display Wrong Display Name 'Female'");
      expect(right).toEqual([]);
    });

    test('only warn of what is not known, or known in part, and once of each system', async () => {
      const system = 'http://nobody/knows';
      const [unknown, again, country] = await faults(
        { system, code: 'x' },
        { system, code: 'y' },
        { system: 'urn:iso:std:iso:3166', code: 'QQQ' },
      );
      expect(unknown?.[0]).toMatch(`warning unchecked A definition for CodeSystem '${system}'`);
      expect(again).toEqual([]);
      expect(country?.[0]).toMatch("warning code Unknown Code 'QQQ'");
    });
  });

  test('$validate-code refuses codings of another system than the one that is asked for', async () => {
    const male = { system: GENDER, code: 'male' };
    const unit = { system: 'http://unitsofmeasure.org', code: 'mg' };
    const rules = { lenientDisplay: false, abstractAllowed: true, activeOnly: false, membershipOnly: false };
    const ask = async (codeSystem: string, ...codings: (typeof male)[]) => {
      const kind = codings.length > 1 ? 'codeableConcept' : 'coding';
      const asked = { kind, codings, inferSystem: false, codeSystem, ...rules } as const;
      const answer = await terminology.validateCode(undefined, asked);
      const [result, message] = ['result', 'message'].map((name) => answer.find((one) => one.name === name));
      return [result?.valueBoolean, message?.valueString];
    };
    expect(await ask(GENDER, male)).toEqual([true, undefined]);
    expect(await ask(GENDER, unit)).toEqual([
      false,
      `The coding is of the code system '${unit.system}', not of '${GENDER}', which was asked for`,
    ]);
    expect(await ask(GENDER, unit, male)).toEqual([true, undefined]);
    expect((await ask(GENDER, unit, unit))[0]).toBe(false);
  });
});
