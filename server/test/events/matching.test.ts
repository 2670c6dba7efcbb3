import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KnownSubscriptions } from '../../src/events/relay/knownSubscriptions.ts';
import type { StateChange } from '../../src/events/matching/state.ts';
import { createPathModel } from '../../src/fhir/path/evaluate/compileExpression.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { EventCriteria } from '../../src/records/events/criteria.ts';
import { SUBSCRIBER_EXTENSION } from '../../src/records/events/subscriber.ts';
import { openStore } from '../../src/store/store.ts';
import { r4Definitions } from '../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import {
  basicTopic,
  completedTopic,
  encounter,
  plainSubscription,
  topicSubscription,
} from './support/subscriptions.ts';

const URL = 'https://hooks.example/';
const subscriber = { url: SUBSCRIBER_EXTENSION, extension: [{ url: 'client', valueString: 'a' }] };
let world: TestDatabase;
let criteria: EventCriteria;
let known: KnownSubscriptions;
beforeAll(async () => {
  world = await testDatabase();
  const definitions = await r4Definitions();
  const store = openStore(world.database, world.schema, definitions, new Uint8Array(16), 'http://t/fhir/R4');
  criteria = new EventCriteria(store);
  known = new KnownSubscriptions({ criteria }, createPathModel(definitions));
});
afterAll(() => world.close());

const set = (id: string, resource: object) =>
  known.set(id, { ...(resource as Resource), id, extension: [subscriber] });
const forget = (...ids: string[]) => ids.forEach((id) => known.delete(id));
const candidate = (resource: object) => criteria.candidate((resource as Resource).id!, resource as Resource);
const matched = (previous: object | undefined, current: object | undefined) => {
  const change: StateChange = {
    type: ((current ?? previous) as Resource).resourceType,
    interaction: !current ? 'delete' : previous ? 'update' : 'create',
    ...(current && { current: candidate(current) }),
    ...(previous && { previous: candidate(previous) }),
  };
  return known
    .match(change)
    .map(({ id }) => id)
    .sort();
};

describe('criteria of R4', () => {
  test.each<[string, boolean]>([
    ['Encounter', true],
    ['Encounter?status=finished', true],
    ['Encounter?status=planned', false],
    ['Encounter?status:not=planned', true],
    ['Encounter?subject=Patient/p1', true],
    ['Encounter?patient=p1', true],
    ['Encounter?subject=Patient/p2', false],
    ['Encounter?subject=Patient/p1,Patient/p2&status=finished', true],
    ['Encounter?subject=Patient/p1&status=planned', false],
    ['Encounter?_id=e', true],
    ['Encounter?_id=f', false],
    ['Encounter?class=AMB', true],
    ['Encounter?length:missing=true', true],
    ['Encounter?length:missing=false', false],
    ['Encounter?_filter=status eq finished', true],
    ['Patient', false],
  ])('%s: %s', (text, expected) => {
    set('one', plainSubscription(text, URL));
    expect(matched(undefined, encounter('e', 'finished'))).toEqual(expected ? ['one'] : []);
    expect(matched(encounter('e', 'finished'), undefined)).toEqual([]);
    forget('one');
    expect(known.types).toEqual([]);
  });

  test('concern each subscription by itself, until it is off', () => {
    for (const i of [1, 2, 3]) set(`s${i}`, plainSubscription(`Encounter?subject=Patient/p${i}`, URL));
    set('all', plainSubscription('Encounter', URL));
    expect(matched(undefined, encounter('e', 'planned', 'p2'))).toEqual(['all', 's2']);
    set('s2', { ...plainSubscription('Encounter?subject=Patient/p2', URL), status: 'off' });
    expect(matched(undefined, encounter('e', 'planned', 'p2'))).toEqual(['all']);
    forget('s1', 's2', 's3', 'all');
    expect(known.types).toEqual([]);
  });
});

const TOPIC = 'http://example.org/t';
const trigger = (...parts: [string, string, unknown][]) =>
  parts.map(([url, value, is]) => ({ url, [value]: is }));
const query = (...parts: [string, string, unknown][]) => ({
  url: 'queryCriteria',
  extension: trigger(...parts),
});
const ENCOUNTER = { url: 'resource', valueUri: 'Encounter' };
const before = (text: string): [string, string, unknown] => ['previous', 'valueString', text];
const after = (text: string): [string, string, unknown] => ['current', 'valueString', text];
const onCreate = (result: string): [string, string, unknown] => ['resultForCreate', 'valueCode', result];
const onDelete = (result: string): [string, string, unknown] => ['resultForDelete', 'valueCode', result];
const BOTH: [string, string, unknown] = ['requireBoth', 'valueBoolean', true];
const only = (code: string) => ({ url: 'supportedInteraction', valueCode: code });

describe('triggers of topics', () => {
  const planned = encounter('e', 'planned');
  const finished = encounter('e', 'finished');
  /** Of a create, an update to finished, another of what was finished, and a deletion. */
  const events = (...extension: object[]) => {
    known.setTopics([basicTopic(TOPIC, [[ENCOUNTER, ...extension]]) as unknown as Resource]);
    set('one', topicSubscription(TOPIC, URL));
    const all = [
      matched(undefined, finished),
      matched(planned, finished),
      matched(finished, finished),
      matched(finished, undefined),
    ];
    forget('one');
    return all.map((ids) => ids.length === 1);
  };
  test.each<[string, object[], boolean[]]>([
    ['any interaction', [], [true, true, true, true]],
    ['one interaction', [only('create')], [true, false, false, false]],
    ['the state after', [query(after('status=finished'))], [true, true, true, false]],
    [
      'the state after, or a deletion',
      [query(after('status=finished'), onDelete('test-passes'))],
      [true, true, true, true],
    ],
    ['the state before', [query(before('status=finished'))], [true, false, true, true]],
    [
      'the state before, and none',
      [query(before('status=finished'), onCreate('test-fails'))],
      [false, false, true, true],
    ],
    [
      'either state',
      [query(before('status=planned'), after('status=planned'), onCreate('test-fails'))],
      [false, true, false, false],
    ],
    [
      'both states',
      [query(before('status:not=finished'), after('status=finished'), BOTH)],
      [true, true, false, false],
    ],
    [
      'both, not when created',
      [query(before('status:not=finished'), after('status=finished'), BOTH, onCreate('test-fails'))],
      [false, true, false, false],
    ],
    [
      'FHIRPath',
      [{ url: 'fhirPathCriteria', valueString: "%previous.exists() and %current.status = 'finished'" }],
      [false, true, true, false],
    ],
    [
      'a query and FHIRPath',
      [query(after('status=finished')), { url: 'fhirPathCriteria', valueString: '%previous.empty()' }],
      [true, false, false, false],
    ],
  ])('%s', (_, extension, expected) => {
    expect(events(...extension)).toEqual(expected);
  });

  test('are asked with the filters of each subscriber', () => {
    known.setTopics([completedTopic(TOPIC) as unknown as Resource]);
    set('p1', topicSubscription(TOPIC, URL, { filters: ['Encounter?subject=Patient/p1'] }));
    set('p2', topicSubscription(TOPIC, URL, { filters: ['subject=Patient/p2'] }));
    set('all', topicSubscription(TOPIC, URL));
    expect(matched(undefined, encounter('e', 'finished', 'p1'))).toEqual(['all', 'p1']);
    expect(matched(undefined, encounter('e', 'finished', 'p2'))).toEqual(['all', 'p2']);
    expect(matched(undefined, encounter('e', 'planned', 'p1'))).toEqual([]);
    known.setTopics([]);
    expect(matched(undefined, encounter('e', 'finished', 'p1'))).toEqual([]);
    forget('p1', 'p2', 'all');
  });
});
