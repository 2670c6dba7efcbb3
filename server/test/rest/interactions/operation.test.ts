import { textOf } from '../../../src/rest/http/pieces.ts';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { parseJson } from '../../../src/fhir/json/parse.ts';
import { createXmlFormat } from '../../../src/fhir/xml/xmlFormat.ts';
import { Projection } from '../../../src/fhir/projection/projection.ts';
import {
  OperationRegistry,
  type Operation,
  type OperationAnswer,
  type OperationRequest,
} from '../../../src/operations/operation.ts';
import type { Records } from '../../../src/records/records.ts';
import type { FhirRequest } from '../../../src/rest/http/types.ts';
import {
  callOperation,
  operationInteraction,
  type OperationCall,
  type OperationParts,
} from '../../../src/rest/interactions/operation.ts';
import { Views } from '../../../src/rest/presentation/view.ts';
import { MethodNotAllowedError } from '../../../src/rest/router.ts';

const BASE = 'http://localhost/fhir/R4';
const caller = { id: 'anna', isAdministrator: false, access: 'unrestricted' as const, agent: {} };

let asked: OperationRequest[];
let checked: string[];
let answer: OperationAnswer;

beforeEach(() => {
  asked = [];
  checked = [];
  answer = { kind: 'resource', body: '{"resourceType":"Parameters"}' };
});

const operation = (more: Partial<Operation>): Operation => ({
  name: 'read',
  definition: 'urn:read',
  levels: ['system', 'type', 'instance'],
  affectsState: false,
  run: async (request) => {
    asked.push(request);
    return answer;
  },
  ...more,
});

const definitions = { type: () => undefined, resourceTypes: [] } as unknown as Definitions;
const projection = new Projection(definitions);
const parts: OperationParts = {
  records: { check: (_body: unknown, type: string) => void checked.push(type) } as unknown as Records,
  projection,
  views: new Views(definitions, projection),
  base: BASE,
  handling: 'strict',
  bodyBytesMax: 1000,
  operations: new OperationRegistry([
    operation({}),
    operation({ name: 'write', affectsState: true, levels: ['instance'] }),
    operation({ name: 'ofPatients', levels: ['system', 'instance'], types: ['Patient'] }),
  ]),
};

const call = (name: string, more: Partial<OperationCall> = {}, body?: object) =>
  (async () =>
    callOperation(
      parts,
      { caller, method: 'GET', operation: name, query: [], handling: 'strict', ...more },
      body && parseJson(Buffer.from(JSON.stringify(body))),
    ))();
const patient = { type: 'Patient', id: '1' };

test('it is called with its place, its parameters and how to treat those of a search', async () => {
  const body = { resourceType: 'Parameters', parameter: [{ name: 'b', valueCode: 'y' }] };
  await call('read', { ...patient, method: 'POST', query: [['a', 'x']], handling: 'lenient' }, body);
  expect(asked[0]).toMatchObject({ caller, level: 'instance', ...patient, handling: 'lenient' });
  expect(asked[0]!.parameters.pairs()).toEqual([
    ['a', 'x'],
    ['b', 'y'],
  ]);
  expect(checked).toEqual(['Parameters']);
  await call('read', { type: 'Patient' });
  await call('read');
  expect(asked.slice(1).map(({ level }) => level)).toEqual(['type', 'system']);
});

test('its resource is the answer, with 200 unless it says otherwise', async () => {
  expect(await call('read')).toEqual({ status: 200, body: '{"resourceType":"Parameters"}' });
  answer = { kind: 'resource', status: 202, body: '{}' };
  expect((await call('read')).status).toBe(202);
});

test('its page becomes a Bundle with links to itself, in the view it asks for', async () => {
  const content = '{"resourceType":"Patient","id":"1","text":{"status":"empty"}}';
  const match = { ...patient, version: 1, lastUpdated: new Date(0), method: 'C' as const, content };
  answer = {
    kind: 'page',
    result: { matches: [match], included: [], includesCut: false, next: 'N' },
    used: [['_count', '1']],
    page: 'S',
    ignored: [{ severity: 'warning', code: 'not-supported', diagnostics: 'x' }],
    summary: 'data',
  };
  const bundle = JSON.parse(textOf((await call('read', patient)).body!)) as {
    link: { relation: string; url: string }[];
    entry: { resource: { text?: object }; search: { mode: string } }[];
  };
  expect(bundle.link).toEqual([
    { relation: 'self', url: `${BASE}/Patient/1/$read?_count=1&_page=S` },
    { relation: 'next', url: `${BASE}/Patient/1/$read?_count=1&_page=N` },
    { relation: 'first', url: `${BASE}/Patient/1/$read?_count=1` },
  ]);
  expect(bundle.entry.map(({ search }) => search.mode)).toEqual(['match', 'outcome']);
  expect(bundle.entry[0]!.resource.text).toBeUndefined();
});

test('the view that the URL asks for is no parameter of it', async () => {
  const content = '{"resourceType":"Patient","id":"1","text":{"status":"empty"}}';
  const match = { ...patient, version: 1, lastUpdated: new Date(0), method: 'C' as const, content };
  const result = { matches: [match], included: [], includesCut: false };
  answer = { kind: 'page', result, used: [['a', 'x']] };
  const query: OperationCall['query'] = [
    ['_summary', 'data'],
    ['a', 'x'],
  ];
  const shown = async () => textOf((await call('read', { ...patient, query })).body!);
  const body = await shown();
  expect(asked[0]!.parameters.pairs()).toEqual([['a', 'x']]);
  expect(body).toContain(`"url":"${BASE}/Patient/1/$read?a=x&_summary=data"`);
  expect(body).not.toContain('"text"');
  answer = { kind: 'resource', body: content };
  expect(await shown()).not.toContain('"text"');
  await expect(call('read', { query: [['_summary', 'count']] })).rejects.toMatchObject({
    category: 'incorrect',
  });
  expect(asked).toHaveLength(2);
});

describe('refused', () => {
  test.each<[string, Partial<OperationCall>]>([
    ['unknown', {}],
    ['write', {}],
    ['write', { type: 'Patient' }],
    ['ofPatients', { type: 'Patient' }],
    ['ofPatients', { type: 'Observation', id: '1' }],
    ['constructor', {}],
  ])('$%s at %p is not there', async (name, place) => {
    await expect(call(name, place)).rejects.toMatchObject({ category: 'not-found' });
  });

  test('what changes something takes POST only', async () => {
    for (const method of ['GET', 'HEAD']) {
      const refused = call('write', { ...patient, method });
      await expect(refused).rejects.toBeInstanceOf(MethodNotAllowedError);
      await expect(refused).rejects.toMatchObject({ allow: 'POST, OPTIONS' });
    }
    expect(asked).toEqual([]);
    await call('write', { ...patient, method: 'POST' });
    expect(asked).toHaveLength(1);
  });

  test('what changes something takes no preconditions', async () => {
    const request = (operation: string, headers: Record<string, string>) =>
      operationInteraction(parts)({
        raw: { headers } as unknown as FhirRequest['raw'],
        method: 'POST',
        address: undefined,
        requestId: 'request',
        caller,
        query: [],
        operation,
        ...patient,
        body: { take: () => undefined, release: () => undefined },
        charge: () => undefined,
        onDefect: () => undefined,
        form: { format: 'json', pretty: false },
        xml: createXmlFormat(definitions),
      });
    for (const name of ['if-match', 'if-none-match', 'if-none-exist']) {
      await expect(request('write', { [name]: 'x' })).rejects.toMatchObject({ category: 'unprocessable' });
      await request('read', { [name]: 'x' });
    }
    await request('write', {});
    expect(asked).toHaveLength(4);
  });

  test('two operations of one name', () => {
    expect(() => new OperationRegistry([operation({}), operation({})])).toThrow('same name');
  });
});
