import { beforeAll, describe, expect, test } from '@jest/globals';
import { auditEvent, placeOfId } from '../../src/audit/auditEvent/render.ts';
import { AuditKeys } from '../../src/audit/auditKeys.ts';
import { NAMED_MAX, QUERY_CHARS_MAX, fitting, recordOf, rowOf } from '../../src/audit/encode.ts';
import { EVENTS, eventName, type AuditEventName } from '../../src/audit/events.ts';
import { OUTCOME, type AuditRecord } from '../../src/audit/record.ts';
import { createValidator } from '../../src/validation/createValidator.ts';
import type { Validator } from '../../src/validation/validator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { issuesNow } from '../support/validation.ts';
import { readRecord } from './support.ts';

const BASE = 'https://clinic.example/fhir/R4';
const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const keys = new AuditKeys(Buffer.alloc(16, 7));

interface Entity {
  type: { code: string };
  role?: { code: string };
  what?: { reference?: string; identifier?: { value: string } };
  query?: string;
  description?: string;
}
interface Agent {
  type: { coding: { system: string; code: string }[] };
  who: { reference?: string; identifier?: { value: string } };
  requestor: boolean;
  network?: { address: string; type: string };
  purposeOfUse?: { coding: { code: string }[] }[];
}
interface Event {
  id: string;
  meta: { profile?: string[] };
  type: { code: string };
  subtype: { code: string }[];
  action: string;
  outcome: string;
  agent: Agent[];
  entity?: Entity[];
  purposeOfEvent?: unknown[];
}

let validator: Validator;
beforeAll(async () => {
  validator = createValidator(await r4Definitions());
});

const render = (record: AuditRecord) => auditEvent({ place: 42, record }, BASE) as unknown as Event;
const codes = (event: Event) => event.agent.map(({ type }) => type.coding[0]!.code);
const entity = (event: Event, code: string) => event.entity?.filter(({ type }) => type.code === code) ?? [];

const search = readRecord({
  event: 'search-type',
  resources: [],
  query: 'Observation?patient=p1&code=8867-4',
});

describe('an AuditEvent', () => {
  const cases = Object.keys(EVENTS).flatMap((event) =>
    Object.values(OUTCOME).map((outcome) => [event as AuditEventName, outcome] as const),
  );
  test.each(cases)('of %s with outcome %s is valid', (event, outcome) => {
    const full = readRecord({
      event,
      outcome,
      outcomeText: 'why',
      query: 'Observation?code=1',
      breakGlass: 'unconscious',
      patients: ['p1', 'p2'],
      agent: { ...readRecord().agent, onBehalfOf: 'Patient/p9', purposes: ['TREAT'] },
    });
    const empty: AuditRecord = { recordedMs: 1, event, outcome, agent: {}, patients: [], resources: [] };
    for (const record of [full, empty]) expect(issuesNow(validator, render(record))).toEqual([]);
  });

  test('of a read is as BALP has it', () => {
    const event = render(readRecord());
    expect(event).toMatchObject({
      id: 'audit-42',
      meta: { profile: ['https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead'] },
      type: { code: 'rest' },
      subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'read' }],
      action: 'R',
      outcome: '0',
      recorded: '2026-01-02T03:04:05.678Z',
    });
    // client: destination, server: source, user: recipient
    expect(codes(event)).toEqual(['110152', '110153', 'IRCP']);
    expect(event.agent.map(({ requestor }) => requestor)).toEqual([false, false, true]);
    expect(event.agent[0]).toMatchObject({
      who: { identifier: { value: 'ward-app' } },
      network: { address: '192.0.2.7', type: '2' },
    });
    expect(event.agent[2]!.who).toEqual({ reference: 'Practitioner/ada', identifier: { value: 'u1' } });
    expect(event.agent[2]!.network).toBeUndefined();
    expect(entity(event, '2')).toEqual([
      expect.objectContaining({
        what: { reference: 'Observation/o1' },
        role: expect.objectContaining({ code: '4' }),
      }),
    ]);
    expect(entity(event, '1')).toEqual([
      expect.objectContaining({
        what: { reference: 'Patient/p1' },
        role: expect.objectContaining({ code: '1' }),
      }),
    ]);
    expect(entity(event, 'XrequestId')).toHaveLength(1);
  });

  test('of a search has the query as it was sent, once, and no other system object', () => {
    const event = render({ ...search, resources: ['Observation/o1'] });
    expect(event.meta.profile).toEqual([
      'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientQuery',
    ]);
    expect([event.action, event.subtype[0]!.code, ...codes(event)]).toEqual([
      'E',
      'search-type',
      '110153',
      '110152',
      'IRCP',
    ]);
    const [query, ...more] = entity(event, '2');
    expect(more).toEqual([]);
    expect(query).toMatchObject({ role: { code: '24' } });
    expect(query!.what).toBeUndefined();
    expect(Buffer.from(query!.query!, 'base64').toString()).toBe(search.query);
    expect(entity(event, '4')[0]!.what).toEqual({ reference: 'Observation/o1' });
  });

  test.each([
    ['create', 'C', ['110153', '110152', 'AUT'], 'PatientCreate'],
    ['update', 'U', ['110153', '110152', 'AUT'], 'PatientUpdate'],
    ['patch', 'U', ['110153', '110152', 'AUT'], 'PatientUpdate'],
    ['delete', 'D', ['110150', 'custodian', 'AUT'], 'PatientDelete'],
    ['vread', 'R', ['110152', '110153', 'IRCP'], 'PatientRead'],
  ] as const)('of %s has its action, agents and pattern', (name, action, agents, pattern) => {
    const event = render(readRecord({ event: name }));
    expect([event.action, codes(event)]).toEqual([action, agents]);
    expect(event.meta.profile).toEqual([
      `https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${pattern}`,
    ]);
  });

  test('claims a pattern only where it follows it', () => {
    const profile = (change: Partial<AuditRecord>) => render(readRecord(change)).meta.profile?.[0];
    expect(profile({ outcome: OUTCOME.seriousFailure })).toBeUndefined();
    expect(profile({ resources: [] })).toBeUndefined();
    expect(profile({ resources: ['Patient/1', 'Patient/2'] })).toBeUndefined();
    expect(profile({ event: 'operation' })).toBeUndefined();
    expect(profile({ patients: [] })).toMatch(/BasicAudit\.Read$/);
    expect(profile({ patients: ['1', '2'] })).toMatch(/BasicAudit\.Read$/);
  });

  test('of a sign-in that failed has DICOM codes, and the client as who asked', () => {
    const event = render({
      ...readRecord({ event: 'sign-in', outcome: OUTCOME.seriousFailure, patients: [], resources: [] }),
      agent: { client: 'ward-app' },
    });
    expect(event).toMatchObject({
      type: { system: DCM, code: '110114' },
      subtype: [{ system: DCM, code: '110122' }],
      outcome: '8',
    });
    expect(event.agent.map(({ requestor }) => requestor)).toEqual([true, false]);
  });

  test('of access in an emergency says so, and why', () => {
    const event = render(readRecord({ breakGlass: 'unconscious' }));
    expect(event.purposeOfEvent).toEqual([{ coding: [expect.objectContaining({ code: 'BTG' })] }]);
    expect(event.agent[2]!.purposeOfUse).toEqual(event.purposeOfEvent);
    expect(entity(event, '4')).toEqual([expect.objectContaining({ description: 'unconscious' })]);
  });

  test('has an id that tells its place', () => {
    expect(['audit-42', 'audit-0', 'audit-042', 'audit-x', 'other'].map(placeOfId)).toEqual([
      42,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a row', () => {
  test('carries all of a record', () => {
    const record = readRecord({
      outcomeText: 'why',
      query: 'Observation?x=1',
      breakGlass: 'x',
      agent: { ...readRecord().agent, onBehalfOf: 'Patient/p9', purposes: ['TREAT'] },
    });
    expect(recordOf(rowOf(record, keys))).toEqual(record);
    const empty: AuditRecord = {
      recordedMs: 1,
      event: 'batch',
      outcome: 0,
      agent: {},
      patients: [],
      resources: [],
    };
    expect(recordOf(rowOf(empty, keys))).toEqual(empty);
  });

  test('with a version names that version of its resource', () => {
    expect(recordOf(rowOf(readRecord({ event: 'update' }), keys, 3)).resources).toEqual([
      'Observation/o1/_history/3',
    ]);
  });

  test('keeps no text that PostgreSQL could not, and none too long', () => {
    const record = readRecord({ query: `a\u0000b\ud800${'x'.repeat(QUERY_CHARS_MAX)}` });
    const { query } = recordOf(rowOf(record, keys));
    expect(query).toHaveLength(QUERY_CHARS_MAX);
    expect(query!.slice(0, 5)).toBe('a\ufffdb\ufffdx');
    expect(query!.at(-1)).toBe('…');
  });

  test('of each kind is read back as that kind', () => {
    const numbers = Object.values(EVENTS).map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const [name, { number }] of Object.entries(EVENTS)) expect(eventName(number)).toBe(name);
    expect(() => eventName(9_999)).toThrow('9999');
  });

  test('has the same key for all versions of a resource, and others for other sorts of names', () => {
    expect(keys.resource('Patient/1/_history/2')).toBe(keys.resource('Patient/1'));
    expect(new Set([keys.patient('1'), keys.identity('1'), keys.agent('1'), keys.resource('1')]).size).toBe(
      4,
    );
  });

  test('names at the most so many; more make several records that name all', () => {
    const patients = Array.from({ length: 2 * NAMED_MAX + 1 }, (_, i) => `p${i}`);
    const parts = fitting(readRecord({ patients }));
    expect(parts.map((part) => part.patients.length)).toEqual([NAMED_MAX, NAMED_MAX, 1]);
    expect(parts.flatMap((part) => part.patients)).toEqual(patients);
    expect(parts.flatMap((part) => part.resources)).toEqual(['Observation/o1']);
    expect(new Set(parts.map((part) => part.requestId)).size).toBe(1);
  });
});
