import { expect, test } from '@jest/globals';
import type { Operation, OperationRequest } from '../../../src/operations/operation.ts';
import { OperationParameters } from '../../../src/operations/parameters.ts';
import { OBSERVATIONS_MAX, statsOperation } from '../../../src/operations/stats.ts';
import type { FoundResource, Records, SearchResult } from '../../../src/records/records.ts';

const PAGE = 1000;
type Door = Pick<Records, 'parseSearch' | 'search'>;

const observation = (id: string, members: object = {}): FoundResource => {
  const resource = {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: 'urn:s', code: 'x' }] },
    valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: '1' },
    ...members,
  };
  const content = JSON.stringify(resource);
  return { type: 'Observation', id, content };
};

/** A door behind which there are so many observations; `pages` counts those that were asked for. */
function door(count: number, more: Partial<SearchResult> = {}) {
  const seen = { pages: 0 };
  const search = (): Promise<SearchResult> => {
    const from = PAGE * seen.pages++;
    const matches = Array.from({ length: Math.min(PAGE, count - from) }, (_, i) =>
      observation(`o${from + i}`),
    );
    const next = from + PAGE < count ? { next: 'next' } : {};
    return Promise.resolve({ matches, included: [], includesCut: false, ...next, ...more });
  };
  const parseSearch = () => ({ query: {}, used: [], ignored: [] });
  return { seen, operation: statsOperation({ search, parseSearch } as unknown as Door, 'http://base') };
}

async function call(operation: Operation, include = 'false') {
  const given = { subject: 'Patient/p', code: 'x', system: 'urn:s', statistic: 'count', include };
  const all = Object.entries(given).map(([name, text]) => ({ name, text }));
  const parameters = new OperationParameters(all);
  const answer = await operation.run({ level: 'type', type: 'Observation', parameters } as OperationRequest);
  if (answer.kind !== 'resource') throw new Error('no resource');
  return JSON.parse(answer.body) as {
    parameter: { name: string; resource: { component: { valueInteger: number }[] } }[];
  };
}

test('as many observations as the limit, over all pages', async () => {
  const { operation, seen } = door(OBSERVATIONS_MAX);
  const { parameter } = await call(operation);
  expect(parameter[0]!.resource.component[0]!.valueInteger).toBe(OBSERVATIONS_MAX);
  expect(seen.pages).toBe(OBSERVATIONS_MAX / PAGE);
});

test('one more is refused', async () => {
  const { operation } = door(OBSERVATIONS_MAX + 1);
  await expect(call(operation)).rejects.toThrow(
    'More than 20000 observations come into question: ask for a shorter duration or period, or fewer codes.',
  );
});

test('panels with more members than come along are refused: a part would be missing', async () => {
  const { operation } = door(1, { includesCut: true });
  await expect(call(operation)).rejects.toThrow('come into question');
});

test('at most 1,000 sources come along', async () => {
  const { parameter } = await call(door(1500).operation, 'true');
  expect(parameter.filter(({ name }) => name === 'source')).toHaveLength(1000);
});

test('the content of the sources is bounded', async () => {
  const matches = Array.from({ length: 20 }, (_, i) =>
    observation(`o${i}`, { note: [{ text: 'x'.repeat(2 ** 20) }] }),
  );
  const { parameter } = await call(door(20, { matches }).operation, 'true');
  expect(parameter.filter(({ name }) => name === 'source')).toHaveLength(15);
  expect(parameter[0]!.resource.component[0]!.valueInteger).toBe(20);
});
