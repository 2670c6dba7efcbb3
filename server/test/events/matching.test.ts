import { loadTopics } from '@maxray/fhir-profiles';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KnownSubscriptions } from '../../src/events/relay/knownSubscriptions.ts';
import { topicFaults } from '../../src/events/topics/topics.ts';
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
let paths: ReturnType<typeof createPathModel>;
beforeAll(async () => {
  world = await testDatabase();
  const definitions = await r4Definitions();
  const store = openStore(world.database, world.schema, definitions, new Uint8Array(16), 'http://t/fhir/R4');
  criteria = new EventCriteria(store);
  paths = createPathModel(definitions);
  known = new KnownSubscriptions({ criteria }, paths);
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

describe("MaxRay's topics", () => {
  const base = 'https://maxray.example/fhir';
  const topics = loadTopics() as unknown as (Resource & { id: string })[];
  const appointment = { resourceType: 'Appointment', id: 'a', start: '2026-01-01T10:00:00Z' };
  const kind = { system: `${base}/CodeSystem/maxray-notification-kind`, code: 'reminder' };
  const reminder = {
    resourceType: 'Communication',
    id: 'n',
    status: 'preparation',
    category: [{ coding: [kind] }],
  };
  const report = { resourceType: 'DiagnosticReport', id: 'r' };
  const study = { resourceType: 'ImagingStudy', id: 's', status: 'available' };
  const subject = { reference: 'Patient/1' };
  const unknown = { type: 'Patient', identifier: { value: '1' } };
  const being = (valueCode: string) => ({
    ...study,
    subject,
    extension: [{ url: `${base}/StructureDefinition/maxray-study-completeness`, valueCode }],
  });
  const connection = (operationalStatus: string) => ({
    resourceType: 'DeviceMetric',
    id: 'd',
    type: { coding: [{ system: `${base}/CodeSystem/maxray-device`, code: 'dicom-connection' }] },
    operationalStatus,
  });
  const task = {
    resourceType: 'Task',
    id: 't',
    meta: { profile: [`${base}/StructureDefinition/maxray-dispatch-task`] },
  };
  const request = {
    resourceType: 'ServiceRequest',
    id: 'q',
    meta: { profile: [`${base}/StructureDefinition/maxray-emergency-request`] },
  };
  beforeAll(() => {
    known.setTopics(topics);
    for (const { id } of topics) set(id, topicSubscription(`${base}/SubscriptionTopic/${id}`, URL));
  });
  afterAll(() => {
    forget(...topics.map(({ id }) => id));
    known.setTopics([]);
  });

  test.each(topics.map((topic) => [topic.id, topic] as const))('%s can be decided', (_, topic) => {
    expect(topicFaults({ criteria, paths }, topic)).toEqual([]);
  });

  test.each<[string, object | undefined, object, string[]]>([
    ['a proposal', undefined, { ...appointment, status: 'proposed' }, []],
    [
      'a booking',
      { ...appointment, status: 'proposed' },
      { ...appointment, status: 'booked' },
      ['appointment-booked', 'appointment-changed'],
    ],
    [
      'a move',
      { ...appointment, status: 'booked' },
      { ...appointment, status: 'booked', start: '2026-01-02T10:00:00Z' },
      ['appointment-changed'],
    ],
    [
      'a remark',
      { ...appointment, status: 'booked' },
      { ...appointment, status: 'booked', comment: 'x' },
      [],
    ],
    ['a reminder', undefined, reminder, ['appointment-due']],
    ['what became of a reminder', reminder, { ...reminder, status: 'completed' }, []],
    ['a reminder by mail', undefined, { ...reminder, medium: [{ text: 'mail' }] }, []],
    ['a preliminary report', undefined, { ...report, status: 'preliminary' }, []],
    [
      'a final report',
      { ...report, status: 'preliminary' },
      { ...report, status: 'final' },
      ['result-available'],
    ],
    [
      'a correction',
      { ...report, status: 'final' },
      { ...report, status: 'corrected' },
      ['result-available'],
    ],
    ['a study', undefined, { ...study, subject }, ['study-available']],
    [
      'a study of nobody knows whom',
      undefined,
      { ...study, subject: unknown },
      ['study-available', 'study-unmatched'],
    ],
    ['more of it', { ...study, subject: unknown }, { ...study, subject: unknown, note: [] }, []],
    ['what it was found to be', { ...study, subject: unknown }, { ...study, subject }, []],
    ['what it was not', { ...study, subject }, { ...study, subject: unknown }, ['study-unmatched']],
    ['first images', undefined, being('arriving'), ['study-arriving', 'study-available']],
    ['further images', being('arriving'), being('arriving'), []],
    ['the last image', being('arriving'), being('complete'), ['study-complete']],
    ['what is missing', being('arriving'), being('partial'), ['study-complete']],
    ['late images', being('complete'), being('arriving'), ['study-arriving']],
    ['a unit that is there', undefined, connection('on'), ['unit-reachability']],
    ['a unit that goes away', connection('on'), connection('off'), ['unit-reachability']],
    ['a unit that is seen again', connection('on'), { ...connection('on'), extension: [] }, []],
    ['another metric', undefined, { ...connection('on'), type: { text: 'temperature' } }, []],
    ['an emergency', undefined, { ...request, status: 'active' }, ['emergency-raised']],
    ['another request', undefined, { ...request, meta: {}, status: 'active' }, []],
    ['a task without owner', undefined, task, []],
    ['an assignment', task, { ...task, owner: { reference: 'Practitioner/1' } }, ['emergency-assigned']],
    [
      'a signature',
      { resourceType: 'MedicationRequest', id: 'm', status: 'draft', intent: 'order' },
      { resourceType: 'MedicationRequest', id: 'm', status: 'active', intent: 'order' },
      ['prescription-signed'],
    ],
    [
      'a dispense',
      undefined,
      { resourceType: 'MedicationDispense', id: 'd', status: 'completed' },
      ['prescription-dispensed'],
    ],
    [
      'an adjudication',
      { resourceType: 'ClaimResponse', id: 'c', status: 'active', outcome: 'queued' },
      { resourceType: 'ClaimResponse', id: 'c', status: 'active', outcome: 'complete' },
      ['claim-adjudicated'],
    ],
  ])('%s', (_, previous, current, expected) => {
    expect(matched(previous, current)).toEqual(expected.map((id) => `maxray-${id}`));
  });
});
