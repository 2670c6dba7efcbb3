import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEventName } from '../../src/audit/events.ts';
import { rowOf } from '../../src/audit/encode.ts';
import type { AuditRecord } from '../../src/audit/record.ts';
import type { AuditCondition } from '../../src/audit/search/query.ts';
import { auditConditions } from '../../src/audit/search/fromCondition.ts';
import type { Condition } from '../../src/fhir/search/ast.ts';
import type { AuditCursor } from '../../src/store/audit/auditSearchTable.ts';
import { createReading, type Reading } from '../fhir/search/reading.ts';
import { readRecord } from './support.ts';
import { auditWorld, type AuditWorld } from './world.ts';

const BASE = 'https://clinic.example/fhir/R4';
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);

let world: AuditWorld;
let reading: Reading;

const record = (name: string, day: number, change: Partial<AuditRecord>) =>
  readRecord({ requestId: name, recordedMs: START_MS + day * DAY_MS, ...change });
const by = (profile: string, client = 'ward-app') => ({
  client,
  profile,
  user: `user-of-${profile}`,
  userName: profile,
});

/** By name; the number is the day of January 2026, from 0. */
const RECORDS = [
  record('read', 0, {}),
  record('search', 1, {
    event: 'search-type',
    resources: [],
    patients: ['p1', 'p2'],
    agent: by('Practitioner/bob'),
    query: 'Observation?code=1',
  }),
  record('create', 2, {
    event: 'create',
    patients: ['p2'],
    resources: ['Condition/c1/_history/1'],
    address: '2001:db8::7',
  }),
  record('refused', 3, { outcome: 8, agent: by('Patient/p1', 'phone') }),
  record('sign-in', 4, {
    event: 'sign-in',
    outcome: 4,
    patients: [],
    resources: [],
    agent: { client: 'phone' },
  }),
  record('delete', 5, { event: 'delete', patients: [], resources: ['Patient/p1'], address: '198.51.100.3' }),
  record('for another', 6, { agent: { client: 'bot', onBehalfOf: 'Practitioner/ada' }, patients: ['p3'] }),
];
const NAMES = RECORDS.map(({ requestId }) => requestId!);

beforeAll(async () => {
  [world, reading] = await Promise.all([auditWorld(), createReading()]);
  await world.write(...RECORDS);
});
afterAll(() => world.close());

const conditionsOf = (query: string): AuditCondition[] =>
  auditConditions(reading.parse('AuditEvent', query).query.searches[0]!.conditions, BASE);

async function found(query: string): Promise<string[]> {
  const { records } = await world.search.find({
    conditions: conditionsOf(query),
    ascending: true,
    count: 100,
  });
  return records.map((one) => one.record.requestId!);
}

const except = (...names: string[]) => NAMES.filter((name) => !names.includes(name));

describe('a search of AuditEvents by', () => {
  test.each<[string, string[]]>([
    ['', NAMES],
    ['patient=Patient/p1', ['read', 'search', 'refused', 'delete']],
    ['patient=p1', ['read', 'search', 'refused', 'delete']],
    [`patient=${BASE}/Patient/p2`, ['search', 'create']],
    ['patient=p2,p3', ['search', 'create', 'for another']],
    ['patient=p1&patient=p2', ['search']],
    ['patient=nobody', []],
    ['agent=Practitioner/ada', ['read', 'create', 'delete', 'for another']],
    ['agent=Patient/p1', ['refused']],
    ['agent:Practitioner=bob', ['search']],
    ['agent:identifier=phone', ['refused', 'sign-in']],
    ['agent:identifier=u1', ['read', 'create', 'delete']],
    ['agent-name=DR', ['read', 'create', 'delete']],
    ['entity=Condition/c1', ['create']],
    ['entity=Observation/o1', ['read', 'refused', 'for another']],
    ['entity=Patient/p3', ['for another']],
    ['type=rest', except('sign-in')],
    ['type=http://dicom.nema.org/resources/ontology/DCM|110114', ['sign-in']],
    ['type:not=rest', ['sign-in']],
    ['_filter=not(not(type eq rest))', except('sign-in')],
    ['_filter=not(not(not(type eq rest)))', ['sign-in']],
    ['subtype=search-type,create', ['search', 'create']],
    ['subtype=http://hl7.org/fhir/restful-interaction|delete', ['delete']],
    ['action=R', ['read', 'refused', 'for another']],
    ['action=D,C', ['create', 'delete']],
    ['action=|D', ['delete']],
    ['action=http://hl7.org/fhir/audit-event-action|D', ['delete']],
    ['outcome=8', ['refused']],
    ['outcome=|8', ['refused']],
    ['outcome=urn:other|8', []],
    ['type=|rest', []],
    ['outcome:not=0', ['refused', 'sign-in']],
    ['address=198.51', ['delete']],
    ['address=2001:DB8', ['create']],
    ['date=2026-01-03', ['create']],
    ['date=ge2026-01-06', ['delete', 'for another']],
    ['date=lt2026-01-02', ['read']],
    ['date=ge2026-01-02&date=lt2026-01-04', ['search', 'create']],
    ['date=2026', NAMES],
    ['_lastUpdated=gt2026-01-06', ['for another']],
    ['patient=p1&outcome=0&date=gt2026-01-01', ['search', 'delete']],
    ['_id=audit-3,audit-1,other', ['read', 'create']],
    ['_id=other', []],
  ])('%s', async (query, names) => {
    expect(await found(query)).toEqual(names);
    expect(await world.search.count(conditionsOf(query))).toBe(names.length);
  });

  test.each([
    ['policy=http://x', 'policy'],
    ['entity-name=x', 'entity-name'],
    ['address:exact=x', 'address:exact'],
    ['source=Device/1', 'source'],
    ['agent=ada', 'Type/id'],
    ['patient:missing=true', '"patient:missing"'],
    ['agent.name=x', '"agent.…"'],
    ['patient:Patient._id=x', '"patient.…"'],
    ['type:text=x', '"type:text"'],
    ['type:in=http://x', '"type:in"'],
    ['agent:below=Organization/1', '"agent:below"'],
    ['patient:identifier=x', '"patient:identifier"'],
    ['_id:not=audit-1', '"_id:not"'],
    ['_filter=not(patient eq p1)', '"patient:not"'],
    ['_filter=type eq a or type eq b', '"_filter=… or …"'],
    ['_content=x', '"_content"'],
    ['_text=x', '"_text"'],
    ['_list=x', '"_list"'],
    ['_has:Provenance:target:recorded=2020', '"_has"'],
    ['site=x', 'where _id, _tag, _security or _source is asked for'],
  ])('%s is refused, and why', (query, word) => {
    expect(() => conditionsOf(query)).toThrow(
      expect.objectContaining({ category: 'incorrect', message: expect.stringContaining(word) }),
    );
  });

  test('a date that was added is not the time of the record', () => {
    const [asked] = reading.parse('AuditEvent', 'date=2026').query.searches[0]!.conditions;
    const parameter = { ...(asked as Extract<Condition, { parameter: unknown }>).parameter, code: 'period' };
    const added = { ...asked, parameter } as Condition;
    expect(() => auditConditions([added], BASE)).toThrow(/"period"/);
  });

  test('too many values is refused', async () => {
    const conditions: AuditCondition[] = [
      { by: 'patient', ids: Array.from({ length: 501 }, (_, i) => `p${i}`) },
    ];
    await expect(world.search.find({ conditions, count: 1 })).rejects.toMatchObject({
      category: 'incorrect',
    });
  });
});

describe('pages', () => {
  const many = Array.from({ length: 57 }, (_, i) =>
    // Many have the same time: their places tell them apart.
    record(`m${i}`, 100 + Math.floor(i / 10), { patients: ['many'] }),
  );
  beforeAll(() => world.write(...many));

  async function pages(ascending: boolean, count: number): Promise<string[]> {
    const names: string[] = [];
    let after: AuditCursor | undefined;
    do {
      const page = await world.search.find({
        conditions: [{ by: 'patient', ids: ['many'] }],
        ascending,
        count,
        ...(after !== undefined && { after }),
      });
      expect(page.records.length).toBeLessThanOrEqual(count);
      names.push(...page.records.map((one) => one.record.requestId!));
      after = page.next;
      if (names.length === 20 && count === 10)
        await world.write(record('later', 999, { patients: ['many'] }));
    } while (after !== undefined);
    return names;
  }

  test.each([1, 10, 19, 57, 100])('of %s records hold each once, in either direction', async (count) => {
    const names = many.map(({ requestId }) => requestId!);
    const up = (await pages(true, count)).filter((name) => name !== 'later');
    expect(up).toEqual(names);
    const down = (await pages(false, count)).filter((name) => name !== 'later');
    expect(down).toEqual(names.toReversed());
  });

  test('of none tell nothing but that', async () => {
    expect(await world.search.find({ conditions: [], count: 0 })).toEqual({ records: [] });
  });
});

test('a record that only has the key of what is asked for is not shown', async () => {
  const events: AuditEventName[] = ['read', 'vread', 'read'];
  const rows = events.map((event, i) =>
    rowOf(record(`k${i}`, 200, { event, patients: i === 1 ? ['keyed'] : ['other'] }), world.keys),
  );
  const key = world.keys.patient('keyed');
  await world.table.write(rows.map((row) => ({ ...row, keys: [key] })));
  const { records } = await world.search.find({ conditions: [{ by: 'patient', ids: ['keyed'] }], count: 1 });
  expect(records.map((one) => one.record.requestId)).toEqual(['k1']);
});

test('a record is found by its place', async () => {
  expect((await world.search.at(1))?.record).toEqual(RECORDS[0]);
  expect(await world.search.at(123_456)).toBeUndefined();
});
