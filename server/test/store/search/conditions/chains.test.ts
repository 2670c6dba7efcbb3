import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Condition } from '../../../../src/fhir/search/ast.ts';
import { ConditionWorld } from './support.ts';

const to = (reference: string) => ({ reference });
const STEPS_MAX = 12;

describe('chains and reverse chains', () => {
  let world: ConditionWorld;

  beforeAll(async () => {
    world = await ConditionWorld.open();
    await world.putAll('Organization', {
      north: { name: 'North' },
      south: { name: 'South', partOf: to('Organization/north') },
    });
    await world.putAll('Patient', {
      ann: { gender: 'female', active: true, managingOrganization: to('Organization/south') },
      bob: {
        gender: 'male',
        active: true,
        generalPractitioner: [to('Practitioner/p'), to('Organization/north')],
      },
      gone: { gender: 'female' },
    });
    await world.delete('Patient/gone');
    await world.putAll('Group', {
      ann: { active: true, type: 'person', actual: true, member: [{ entity: to('Patient/ann') }] },
    });
    await world.putAll('Practitioner', { p: { name: [{ family: 'Ann' }] } });
    await world.putAll('Encounter', { e: { status: 'finished', subject: to('Patient/ann') } });
    const observed = (subject: string, more: object = {}) => ({
      status: 'final',
      subject: to(subject),
      ...more,
    });
    await world.putAll('Observation', {
      ann: observed('Patient/ann', { effectiveDateTime: '2020', encounter: to('Encounter/e') }),
      'ann-2': observed('Patient/ann/_history/1', { status: 'amended' }),
      bob: observed('Patient/bob', { performer: [to('Practitioner/p'), to('Patient/ann')] }),
      group: observed('Group/ann'),
      gone: observed('Patient/gone'),
      dangling: observed('Patient/nobody'),
      away: observed('http://other.example/Patient/ann'),
      none: { status: 'final', hasMember: [to('Observation/ann')] },
      deleted: observed('Patient/bob', { status: 'cancelled' }),
    });
    await world.delete('Observation/deleted');
  });
  afterAll(() => world.close());

  const token = (type: string, code: string, value: string): Condition => ({
    kind: 'token',
    parameter: world.parameter(type, code),
    tokens: [{ code: value }],
  });
  const name = (type: string, value: string): Condition => ({
    kind: 'string',
    parameter: world.parameter(type, 'name'),
    match: 'starts-with',
    values: [value],
  });
  const chain = (type: string, code: string, ...targets: [string, Condition][]): Condition => ({
    kind: 'chain',
    parameter: world.parameter(type, code),
    targets: targets.map(([target, condition]) => ({ type: target, condition })),
  });
  const has = (type: string, code: string, condition: Condition): Condition => ({
    kind: 'has',
    type,
    parameter: world.parameter(type, code),
    condition,
  });
  const not = (condition: Condition): Condition => ({ kind: 'not', condition });
  const everything: Condition = { kind: 'constant', value: true };
  const observations = (condition: Condition) => world.find('Observation', condition);
  const female = () => token('Patient', 'gender', 'female');

  test('by the patient column, by keys, and to several types', async () => {
    expect(await observations(chain('Observation', 'patient', ['Patient', female()]))).toEqual([
      'ann',
      'ann-2',
    ]);
    expect(await observations(chain('Observation', 'subject', ['Patient', female()]))).toEqual([
      'ann',
      'ann-2',
    ]);
    expect(
      await observations(
        chain('Observation', 'subject', ['Patient', female()], ['Group', token('Group', 'type', 'person')]),
      ),
    ).toEqual(['ann', 'ann-2', 'group']);
    expect(
      await observations(chain('Observation', 'performer', ['Practitioner', name('Practitioner', 'ann')])),
    ).toEqual(['bob']);
    expect(await observations(chain('Observation', 'performer', ['Patient', female()]))).toEqual(['bob']);
    expect(
      await observations(
        chain('Observation', 'has-member', ['Observation', token('Observation', 'status', 'final')]),
      ),
    ).toEqual(['none']);
  });

  test('what is deleted, missing or elsewhere is no target, whatever is asked of it', async () => {
    const all = ['ann', 'ann-2', 'bob'];
    expect(await observations(chain('Observation', 'subject', ['Patient', everything]))).toEqual(all);
    expect(
      await observations(chain('Observation', 'subject', ['Patient', not(token('Patient', 'gender', 'x'))])),
    ).toEqual(all);
    expect(
      await observations(
        chain('Observation', 'performer', ['Patient', not(token('Patient', 'gender', 'x'))]),
      ),
    ).toEqual(['bob']);
    expect(await observations(not(chain('Observation', 'patient', ['Patient', everything])))).toEqual([
      'away',
      'dangling',
      'gone',
      'group',
      'none',
    ]);
  });

  test('a type without tables matches nothing, and is no error', async () => {
    expect(await observations(chain('Observation', 'subject', ['Device', everything]))).toEqual([]);
    expect(
      await observations(chain('Observation', 'subject', ['Device', everything], ['Patient', female()])),
    ).toEqual(['ann', 'ann-2']);
    expect(await world.find('Patient', has('Condition', 'patient', everything))).toEqual([]);
    expect(await world.find('Patient', not(has('Condition', 'patient', everything)))).toEqual(['ann', 'bob']);
  });

  test('chains of chains', async () => {
    const managed = (condition: Condition) =>
      chain('Observation', 'patient', [
        'Patient',
        chain('Patient', 'organization', ['Organization', condition]),
      ]);
    expect(await observations(managed(name('Organization', 'sou')))).toEqual(['ann', 'ann-2']);
    expect(
      await observations(
        managed(chain('Organization', 'partof', ['Organization', name('Organization', 'north')])),
      ),
    ).toEqual(['ann', 'ann-2']);
    expect(await observations(managed(name('Organization', 'north')))).toEqual([]);
    const encounter = chain('Observation', 'encounter', [
      'Encounter',
      chain('Encounter', 'patient', ['Patient', female()]),
    ]);
    expect(await observations(encounter)).toEqual(['ann']);
  });

  test('reverse chains: by the patient column, by keys, and of several steps', async () => {
    const patients = (condition: Condition) => world.find('Patient', condition);
    expect(await patients(has('Observation', 'patient', token('Observation', 'status', 'amended')))).toEqual([
      'ann',
    ]);
    expect(await patients(has('Observation', 'subject', token('Observation', 'status', 'final')))).toEqual([
      'ann',
      'bob',
    ]);
    expect(
      await patients(has('Observation', 'subject', token('Observation', 'status', 'cancelled'))),
    ).toEqual([]);
    expect(
      await patients(has('Observation', 'subject', not(token('Observation', 'status', 'final')))),
    ).toEqual(['ann']);
    expect(await patients(has('Observation', 'performer', everything))).toEqual(['ann']);
    expect(await patients(has('Group', 'member', everything))).toEqual(['ann']);
    expect(await world.find('Organization', has('Patient', 'general-practitioner', female()))).toEqual([]);
    expect(
      await world.find(
        'Organization',
        has('Patient', 'general-practitioner', token('Patient', 'gender', 'male')),
      ),
    ).toEqual(['north']);
    expect(
      await world.find(
        'Organization',
        has(
          'Patient',
          'organization',
          has('Observation', 'patient', token('Observation', 'status', 'amended')),
        ),
      ),
    ).toEqual(['south']);
    expect(await world.find('Observation', has('Observation', 'has-member', everything))).toEqual(['ann']);
    expect(
      await patients(
        has('Observation', 'patient', chain('Observation', 'performer', ['Practitioner', everything])),
      ),
    ).toEqual(['bob']);
  });

  test('as many steps as the parser lets through', async () => {
    let condition: Condition = name('Organization', 'n');
    for (let i = 0; i < STEPS_MAX; i++)
      condition = chain('Organization', 'partof', ['Organization', condition]);
    expect(await world.find('Organization', condition)).toEqual([]);
    let reverse: Condition = name('Organization', 'south');
    for (let i = 0; i < STEPS_MAX; i += 2) {
      reverse = chain('Organization', 'partof', ['Organization', has('Organization', 'partof', reverse)]);
    }
    expect(await world.find('Organization', reverse)).toEqual(['south']);
  });

  test('SQL: one statement, joined by the patient column or by self and XOR', () => {
    const [path] = world.index.referencePaths('Observation', 'performer').map((one) => one.path);
    const female = world.index.tokenKeys('Patient', 'gender', { code: 'female' });
    const { present, query } = world.index.inside('Observation.performer', 'Patient');
    const inside = query.tokenKeys('Patient', 'gender', { code: 'female' });
    const target = token('Patient', 'gender', 'female');
    const performer = chain('Observation', 'performer', ['Patient', target]);
    expect(world.sqlOf('Observation', performer)).toEqual({
      sql: "((m.keys @> $1::bigint[] AND m.keys @> $2::bigint[]) OR m.keys && ARRAY(SELECT t1.self # p2 FROM patient t1, unnest($3::bigint[]) AS p2 WHERE t1.method <> 'D' AND t1.keys @> $4::bigint[]))",
      values: [[present], inside, [path], female],
    });
    expect(world.sqlOf('Observation', performer, 'probe').sql).toBe(
      "((m.keys @> $1::bigint[] AND m.keys @> $2::bigint[]) OR EXISTS (SELECT FROM unnest(m.keys) AS k3, patient t1, unnest($3::bigint[]) AS p2 WHERE t1.self = k3 # p2 AND t1.method <> 'D' AND (t1.keys @> $4::bigint[]) IS TRUE))",
    );
    expect(world.sqlOf('Observation', chain('Observation', 'subject', ['Patient', target])).sql).toBe(
      "EXISTS (SELECT FROM patient t1 WHERE t1.self = m.pat AND t1.method <> 'D' AND t1.keys @> $1::bigint[])",
    );
    expect(world.sqlOf('Patient', has('Observation', 'patient', everything)).sql).toBe(
      "EXISTS (SELECT FROM observation t1 WHERE t1.pat = m.self AND t1.method <> 'D')",
    );
    expect(world.sqlOf('Patient', has('Observation', 'performer', everything)).sql).toBe(
      "EXISTS (SELECT FROM observation t1, unnest($1::bigint[]) AS p2, unnest(t1.keys) AS k3 WHERE k3 # p2 = m.self AND t1.method <> 'D')",
    );
    expect(world.sqlOf('Patient', has('Observation', 'performer', everything), 'probe').sql).toBe(
      "EXISTS (SELECT FROM observation t1, unnest($1::bigint[]) AS p2 WHERE t1.keys @> ARRAY[m.self # p2] AND t1.method <> 'D')",
    );
  });
});
