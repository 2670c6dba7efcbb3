import { beforeEach, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { Projection } from '../../../src/fhir/projection/projection.ts';
import { OperationRegistry } from '../../../src/operations/operation.ts';
import { LOCAL_CALLER } from '../../../src/records/caller.ts';
import type { BundleContext } from '../../../src/rest/bundle/context.ts';
import type { BundleEntry } from '../../../src/rest/bundle/entries.ts';
import { BundleReads, READ_CHARS_MAX, SEARCHES_MS_MAX } from '../../../src/rest/bundle/reads.ts';
import { Views } from '../../../src/rest/presentation/view.ts';
import { Turns } from '../../../src/rest/bundle/turns.ts';

let nowMs: number;
/** What the next search or operation takes. */
let takesMs: number;
let chars: number;
let ran: string[];
let reads: BundleReads;

const definitions = { type: () => undefined } as unknown as Definitions;
const match = () => ({
  type: 'Patient',
  id: '1',
  content: `{"resourceType":"Patient","x":"${'x'.repeat(chars)}"}`,
});

beforeEach(() => {
  nowMs = 0;
  takesMs = 1;
  chars = 10;
  ran = [];
  const work = (what: string) => {
    ran.push(what);
    nowMs += takesMs;
  };
  const operation = (name: string, affectsState: boolean) => ({
    name,
    definition: `urn:${name}`,
    levels: ['system' as const],
    affectsState,
    run: async () => {
      work(name);
      return { kind: 'resource' as const, body: match().content };
    },
  });
  const context = {
    records: {
      parseSearch: () => ({ query: {}, used: [], ignored: [] }),
      search: async () => {
        work('search');
        return { matches: [match()], included: [], includesCut: false };
      },
    },
    projection: new Projection(definitions),
    views: new Views(definitions, new Projection(definitions)),
    base: 'http://localhost',
    handling: 'strict',
    bodyBytesMax: 1,
    operations: new OperationRegistry([operation('look', false), operation('change', true)]),
    definitions,
    request: { caller: {}, raw: { headers: {} } },
    turns: new Turns(1),
  } as unknown as BundleContext;
  reads = new BundleReads(context, () => nowMs);
});

const search = () => reads.answer(entry(), LOCAL_CALLER);
const entry = (more: Partial<BundleEntry> = {}): BundleEntry => ({
  index: 3,
  at: 'Bundle.entry[3]',
  method: 'GET',
  url: 'Patient',
  route: { interaction: 'search', type: 'Patient' },
  query: [],
  request: {},
  ...more,
});
const call = (operation: string, more: Partial<BundleEntry> = {}) =>
  reads.operation(entry({ route: { interaction: 'operation', operation }, ...more }), LOCAL_CALLER);

test('searches are answered until they have taken too long together', async () => {
  takesMs = SEARCHES_MS_MAX;
  await search();
  takesMs = 1;
  await call('look');
  await expect(search()).rejects.toMatchObject({
    category: 'busy',
    issues: [{ code: 'too-costly', expression: ['Bundle.entry[3].request.url'] }],
  });
  await expect(call('change', { method: 'POST' })).rejects.toMatchObject({ category: 'busy' });
  expect(ran).toEqual(['search', 'look']);
});

test('until they have brought too much together', async () => {
  chars = READ_CHARS_MAX;
  await search();
  await expect(search()).rejects.toMatchObject({ category: 'too-large' });
  await expect(call('change', { method: 'POST' })).rejects.toMatchObject({ category: 'too-large' });
  expect(ran).toEqual(['search']);
});

test('what a call has changed is told, however much it brings', async () => {
  await search();
  chars = READ_CHARS_MAX;
  expect(await call('change', { method: 'POST' })).toContain('"status":"200 OK"');
  await expect(call('look')).rejects.toMatchObject({ category: 'too-large' });
});
