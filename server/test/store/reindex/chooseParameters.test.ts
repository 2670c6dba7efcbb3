import { beforeAll, expect, test } from '@jest/globals';
import type { Definitions, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { AddedParameter, StoredParameter } from '../../../src/store/reindex/addedParameter.ts';
import { chooseParameters, type Choice } from '../../../src/store/reindex/chooseParameters.ts';
import { r4Definitions } from '../../support/definitions.ts';

let definitions: Definitions;
beforeAll(async () => {
  definitions = await r4Definitions();
});

let rids = 0;
function stored(id: string, changes: Partial<SearchParameterDefinition> = {}): StoredParameter {
  const definition: SearchParameterDefinition = {
    url: `urn:${id}`,
    code: id,
    type: 'string',
    base: ['Patient'],
    expression: 'Patient.contact.name',
    ...changes,
  };
  return { id, rid: String(++rids), version: 1, definition };
}

const before = ({ parameters }: Choice, ready = true) =>
  new Map<string, AddedParameter>(
    parameters.map((one) => [one.id, { ...one, ready: ready && one.fault === undefined }]),
  );
const choose = (all: StoredParameter[], known: ReadonlyMap<string, AddedParameter>, revision: number) =>
  chooseParameters(definitions, all, known, revision);
const NOTHING: ReadonlyMap<string, AddedParameter> = new Map();

test('a new one is used from the new revision on, not yet ready, and its types are to be walked', () => {
  const { parameters, affected } = choose([stored('one', { base: ['Patient', 'Person'] })], NOTHING, 7);
  expect(parameters).toMatchObject([{ id: 'one', revision: 7, ready: false, types: ['Patient', 'Person'] }]);
  expect(affected).toEqual(['Patient', 'Person']);
});

test('one that says the same as before stays as it is, whatever its version', () => {
  const one = stored('one');
  const known = before(choose([one], NOTHING, 7));
  const { parameters, affected } = choose([{ ...one, version: 2 }], known, 8);
  expect(parameters).toMatchObject([{ version: 2, revision: 7, ready: true }]);
  expect(affected).toEqual([]);
});

test('one that says something else begins anew, on the types of before and of now', () => {
  const known = before(choose([stored('one')], NOTHING, 7));
  const { parameters, affected } = choose([stored('one', { base: ['Person'] })], known, 8);
  expect(parameters).toMatchObject([{ revision: 8, ready: false, types: ['Person'] }]);
  expect(affected).toEqual(['Patient', 'Person']);
});

test('one that is gone leaves its types to be walked', () => {
  const known = before(choose([stored('one')], NOTHING, 7));
  expect(choose([], known, 8)).toEqual({ parameters: [], affected: ['Patient'] });
});

test('of two with the same code on a type the first is used, and the second when the first is gone', () => {
  const [first, second] = [stored('first', { code: 'same' }), stored('second', { code: 'same' })];
  const both = choose([first, second], NOTHING, 7);
  expect(both.parameters).toMatchObject([
    { id: 'first', revision: 7 },
    { id: 'second', fault: expect.stringContaining('SearchParameter/first has the same code'), types: [] },
  ]);
  const later = choose([second], before(both), 8);
  expect(later.parameters).toMatchObject([{ id: 'second', revision: 8, ready: false }]);
  expect(later.parameters[0]!.fault).toBeUndefined();
});

test('the same code on another type is no clash, the same url is', () => {
  const here = stored('here', { code: 'same' });
  const there = stored('there', { code: 'same', base: ['Person'] });
  const copy = stored('copy', { url: 'urn:here', base: ['Group'] });
  const { parameters } = choose([here, there, copy], NOTHING, 7);
  expect(parameters.map(({ fault }) => fault)).toEqual([
    undefined,
    undefined,
    expect.stringContaining('SearchParameter/here has the same url'),
  ]);
});

test("FHIR's own codes and urls are taken, on every type of an abstract base", () => {
  const faults = choose(
    [
      stored('name'),
      stored('identifier', { base: ['Resource'] }),
      stored('copy', { url: 'http://hl7.org/fhir/SearchParameter/individual-gender' }),
    ],
    NOTHING,
    7,
  ).parameters.map(({ fault }) => fault);
  expect(faults).toEqual([
    expect.stringContaining("'name' of Patient already"),
    expect.stringMatching(/'identifier' of \w+ already/),
    expect.stringContaining('one of FHIR R4'),
  ]);
});

test('abstract bases stand for all their types', () => {
  const { affected } = choose([stored('all', { base: ['Resource'] })], NOTHING, 7);
  expect(affected).toEqual(definitions.resourceTypes);
  const domain = choose([stored('all', { base: ['DomainResource'] })], NOTHING, 7).affected;
  expect(domain).toEqual(
    definitions.resourceTypes.filter((type) => !['Binary', 'Bundle', 'Parameters'].includes(type)),
  );
});

test('one that cannot be read keeps its reason', () => {
  const unread: StoredParameter = { id: 'bad', rid: '1', version: 1, fault: 'Its status is draft.' };
  const { parameters, affected } = choose([unread], NOTHING, 7);
  expect(parameters).toEqual([
    { id: 'bad', rid: '1', version: 1, types: [], ready: false, fault: 'Its status is draft.' },
  ]);
  expect(affected).toEqual([]);
});

test('a composite comes with its parts in any order, goes with them, and begins anew when one changes', () => {
  const part = stored('part', { type: 'token', expression: 'Patient.contact.relationship' });
  const name = stored('part-name', { expression: 'Patient.contact.name' });
  const whole = stored('whole', {
    type: 'composite',
    expression: 'Patient.contact',
    component: [
      { definition: 'urn:part', expression: 'relationship' },
      { definition: 'urn:part-name', expression: 'name' },
    ],
  });
  const first = choose([whole, part, name], NOTHING, 7);
  expect(first.parameters.map(({ fault }) => fault)).toEqual([undefined, undefined, undefined]);

  const without = choose([whole, part], before(first), 8);
  expect(without.parameters[0]).toMatchObject({ fault: expect.stringContaining('urn:part-name') });
  expect(without.parameters[0]!.revision).toBeUndefined();

  const changed = { ...name, definition: { ...name.definition!, expression: 'Patient.contact.name.family' } };
  const anew = choose([whole, part, changed], before(first), 8);
  expect(anew.parameters.map(({ id, revision, ready }) => [id, revision, ready])).toEqual([
    ['whole', 8, false],
    ['part', 7, true],
    ['part-name', 8, false],
  ]);
});
