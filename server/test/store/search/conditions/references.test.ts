import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Condition } from '../../../../src/fhir/search/ast.ts';
import { ConditionWorld, OWN_BASE } from './support.ts';

const to = (reference: string) => ({ reference });

describe('references', () => {
  let world: ConditionWorld;

  beforeAll(async () => {
    world = await ConditionWorld.open();
    await world.putAll('Location', {
      hospital: {},
      ward: { partOf: to('Location/hospital') },
      room: { partOf: to(`${OWN_BASE}/Location/ward`) },
      bed: { partOf: to('Location/room/_history/1'), status: 'active' },
      // A cycle of two, and one that is its own parent.
      chicken: { partOf: to('Location/egg'), status: 'active' },
      egg: { partOf: to('Location/chicken'), status: 'active' },
      self: { partOf: to('Location/self') },
      elsewhere: { partOf: to('http://other.example/Location/hospital') },
      demolished: { partOf: to('Location/hospital') },
      hut: { partOf: to('Location/demolished') },
    });
    await world.delete('Location/demolished');
    const at = (location: string, more: object = {}) => ({ location: to(location), ...more });
    await world.putAll('Procedure', {
      hospital: at('Location/hospital'),
      ward: at('Location/ward', { subject: to('Patient/1') }),
      bed: at('Location/bed', { subject: { identifier: { system: 'urn:mrn', value: '7' } } }),
      egg: at('Location/egg', { subject: to('Group/1') }),
      self: at('Location/self', { subject: to('Patient/1/_history/3') }),
      away: at('http://other.example/Location/ward', { subject: to('#contained') }),
      hut: at('Location/hut', { subject: to('http://other.example/Patient/1') }),
      nowhere: { performer: [{ actor: to('Patient/1') }] },
    });
    await world.putAll('Patient', { '1': {}, '2': { link: [{ other: to('Patient/1'), type: 'seealso' }] } });
  });
  afterAll(() => world.close());

  const references = (code: string, ...values: string[]): Condition => ({
    kind: 'reference',
    parameter: world.parameter('Procedure', code),
    references: values.map((value) => ({ value })),
  });

  test.each<[string, string[], string[]]>([
    ['subject', ['Patient/1'], ['self', 'ward']],
    ['subject', ['1'], ['egg', 'self', 'ward']],
    ['patient', ['1'], ['self', 'ward']],
    ['subject', ['Patient/1/_history/3'], ['self']],
    ['subject', ['http://other.example/Patient/1', 'Group/1'], ['egg', 'hut']],
    ['subject', [`${OWN_BASE}/Patient/1`], ['self', 'ward']],
    ['patient', ['Group/1'], []],
    ['subject', ['contained', '#contained'], []],
  ])('%s=%j finds %j', async (code, values, found) => {
    expect(await world.find('Procedure', references(code, ...values))).toEqual(found);
  });

  test('by type and by identifier', async () => {
    const parameter = world.parameter('Procedure', 'subject');
    const typed: Condition = {
      kind: 'reference',
      parameter,
      references: [{ value: '1', targetType: 'Group' }],
    };
    expect(await world.find('Procedure', typed)).toEqual(['egg']);
    const logical: Condition = {
      kind: 'reference-identifier',
      parameter,
      tokens: [{ system: 'urn:mrn', code: '7' }],
    };
    expect(await world.find('Procedure', logical)).toEqual(['bed']);
  });

  const hierarchy = (
    type: string,
    code: string,
    direction: 'above' | 'below',
    ...values: string[]
  ): Condition => ({
    kind: 'reference-hierarchy',
    direction,
    type: 'Location',
    by: world.parameter('Location', 'partof'),
    parameter: world.parameter(type, code),
    references: values.map((value) => ({ value })),
  });

  test.each<['above' | 'below', string[], string[]]>([
    ['below', ['hospital'], ['bed', 'hospital', 'ward']],
    ['below', ['Location/room'], ['bed']],
    ['below', [`${OWN_BASE}/Location/ward`], ['bed', 'ward']],
    ['above', ['bed'], ['bed', 'hospital', 'ward']],
    ['above', ['ward'], ['hospital', 'ward']],
    ['above', ['hut'], ['hut']],
    ['below', ['chicken'], ['egg']],
    ['above', ['chicken'], ['egg']],
    ['below', ['self', 'egg'], ['egg', 'self']],
    ['below', ['http://other.example/Location/hospital'], []],
    ['above', ['http://other.example/Location/ward'], ['away']],
    ['below', ['nothing'], []],
  ])('location %s %j finds procedures %j', async (direction, values, found) => {
    expect(await world.find('Procedure', hierarchy('Procedure', 'location', direction, ...values))).toEqual(
      found,
    );
  });

  test.each<['above' | 'below', string[], string[]]>([
    ['below', ['hospital'], ['bed', 'room', 'ward']],
    ['above', ['room'], ['bed', 'room', 'ward']],
    // Others of the same status share keys, but no parent.
    ['above', ['chicken'], ['chicken', 'egg']],
    ['below', ['self'], ['self']],
  ])('a hierarchy by its own parameter: %s %j finds %j', async (direction, values, found) => {
    expect(await world.find('Location', hierarchy('Location', 'partof', direction, ...values))).toEqual(
      found,
    );
  });

  test('a hierarchy of a type that has no table is what it starts from', async () => {
    const organizations: Condition = {
      ...(hierarchy('Location', 'organization', 'below', 'x') as Extract<
        Condition,
        { kind: 'reference-hierarchy' }
      >),
      type: 'Organization',
      by: world.parameter('Organization', 'partof'),
    };
    expect(await world.find('Location', organizations)).toEqual([]);
    await world.put('Location/managed', { managingOrganization: to('Organization/x') });
    expect(await world.find('Location', organizations)).toEqual(['managed']);
  });

  test('compartments', async () => {
    const compartment = (type: string, codes: string[], self: boolean): Condition => ({
      kind: 'compartment',
      type: 'Patient',
      id: '1',
      parameters: codes.map((code) => world.parameter(type, code)),
      self,
    });
    const procedures = compartment('Procedure', ['patient', 'performer'], false);
    expect(await world.find('Procedure', procedures)).toEqual(['nowhere', 'self', 'ward']);
    expect(world.sqlOf('Procedure', procedures).sql).toBe('m.keys && $1::bigint[]');
    expect(await world.find('Patient', compartment('Patient', ['link'], true))).toEqual(['1', '2']);
    expect(await world.find('Patient', compartment('Patient', ['link'], false))).toEqual(['2']);
    expect(await world.find('Procedure', compartment('Procedure', [], true))).toEqual([]);
  });

  test('lists', async () => {
    const list = (...ids: string[]): Condition => ({ kind: 'list', ids });
    expect(await world.find('Procedure', list('none'))).toEqual([]);
    const entry = [
      { item: to('Procedure/ward') },
      { item: to('Procedure/bed'), deleted: true },
      { item: to('Procedure/egg'), deleted: false },
      { item: to(`${OWN_BASE}/Procedure/self`) },
      { item: to('Procedure/away/_history/1') },
      { item: to('Location/hut') },
      { item: to('#x') },
      {},
    ];
    await world.put('List/one', { entry });
    await world.put('List/two', { entry: [{ item: to('Procedure/bed') }], subject: to('Procedure/nowhere') });
    await world.put('List/gone', { entry: [{ item: to('Procedure/hut') }] });
    await world.delete('List/gone');
    expect(await world.find('Procedure', list('one'))).toEqual(['away', 'egg', 'self', 'ward']);
    expect(await world.find('Procedure', list('one', 'two', 'gone'))).toEqual([
      'away',
      'bed',
      'egg',
      'self',
      'ward',
    ]);
    expect(await world.find('Location', list('one'))).toEqual(['hut']);
    expect(await world.find('Procedure', list('gone'))).toEqual([]);
  });
});
