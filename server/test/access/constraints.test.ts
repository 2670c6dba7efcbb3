import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessPolicyResource } from '@medplum/fhirtypes';
import type { AccessContext } from '../../src/access/context.ts';
import { accessOf, observation, openContext, policy } from './support.ts';

let context: AccessContext;
beforeAll(async () => {
  context = await openContext();
});

const must = (...expressions: string[]): Pick<AccessPolicyResource, 'writeConstraint'> => ({
  writeConstraint: expressions.map((expression) => ({ language: 'text/fhirpath', expression })),
});
const access = (...entries: Omit<AccessPolicyResource, 'resourceType'>[]) =>
  accessOf(context, [policy(...entries.map((one) => ({ resourceType: 'Observation', ...one })))]);

const PRELIMINARY = observation({ status: 'preliminary' });
const NOT_FINAL = "%before.status != 'final'";

describe('a write constraint', () => {
  test('compares the versions', () => {
    const rules = access(must(`%before.empty() or ${NOT_FINAL}`));
    expect(rules.violated('Observation', PRELIMINARY, observation())).toEqual([]);
    expect(rules.violated('Observation', observation(), PRELIMINARY)).toEqual([
      `%before.empty() or ${NOT_FINAL}`,
    ]);
    expect(rules.violated('Observation', undefined, observation())).toEqual([]);
  });

  test('is evaluated on the resource as it is to be', () => {
    const rules = access(must("status = 'preliminary'", '%after.code.exists()', "Observation.id = 'obs1'"));
    expect(rules.violated('Observation', observation(), PRELIMINARY)).toEqual([]);
    expect(rules.violated('Observation', undefined, observation())).toEqual(["status = 'preliminary'"]);
  });

  test('knows the policy’s variables', () => {
    const rules = access(must("performer.reference contains %profile and %organization = 'Organization/o1'"));
    const performed = (reference: string) =>
      observation({ performer: [{ reference }, { reference: 'Patient/x' }] });
    expect(rules.violated('Observation', undefined, performed('Practitioner/p1'))).toEqual([]);
    expect(rules.violated('Observation', undefined, performed('Practitioner/p2'))).toHaveLength(1);
    expect(
      access(must('%patient.empty() or true')).violated('Observation', undefined, observation()),
    ).toHaveLength(1);
  });

  test('reads references to this server as it finds by them', () => {
    const rules = access(must("performer.reference.where(startsWith('Patient/')).count() <= 1"));
    const performed = (...references: string[]) =>
      observation({ performer: references.map((reference) => ({ reference })) });
    const two = performed('Patient/1', `http://maxray.example/fhir/R4/Patient/2/_history/1`);
    expect(rules.violated('Observation', undefined, two)).toHaveLength(1);
    expect(two.performer).toContainEqual({ reference: `http://maxray.example/fhir/R4/Patient/2/_history/1` });
    expect(rules.violated('Observation', undefined, performed('Patient/1', 'http://else/Patient/2'))).toEqual(
      [],
    );
  });

  test.each([
    ['without a result', NOT_FINAL],
    ['that cannot be evaluated', "(1 | 2) = 'a' and (status | id)"],
    ['with a variable that there is not', '%nobody.exists()'],
  ])('%s is not satisfied', (_, expression) => {
    expect(access(must(expression)).violated('Observation', undefined, observation())).toEqual([expression]);
  });

  test('says what it is described by', () => {
    const description = 'Final results are not changed.';
    const rules = access({
      writeConstraint: [{ language: 'text/fhirpath', expression: 'false', description }],
    });
    expect(rules.violated('Observation', observation(), observation())).toEqual([description]);
  });
});

describe('several rules', () => {
  test('one that allows the write must have all of its constraints satisfied', () => {
    const rules = access(must('false'), { criteria: 'Observation?status=final', ...must("id = 'obs1'") });
    expect(rules.violated('Observation', undefined, observation())).toEqual([]);
    expect(rules.violated('Observation', undefined, PRELIMINARY)).toEqual(['false']);
    expect(rules.violated('Observation', undefined, observation({ id: 'obs2' }))).toEqual([
      'false',
      "id = 'obs1'",
    ]);
  });

  test('one without constraints frees the others', () => {
    expect(access(must('false'), {}).violated('Observation', undefined, observation())).toEqual([]);
    const other = access(must('false'), { interaction: ['update'] });
    expect(other.violated('Observation', undefined, observation())).toEqual(['false']);
  });

  test('where it takes the database to tell which rule allows, all constraints count', () => {
    const chain = { criteria: 'Observation?patient.active=true' };
    const rules = access({ ...chain, ...must('false') }, { criteria: 'Observation?patient.active=false' });
    expect(rules.violated('Observation', undefined, observation())).toEqual(['false']);
  });
});
