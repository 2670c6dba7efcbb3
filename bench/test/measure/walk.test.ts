import { expect, test } from '@jest/globals';
import { deepRequests } from '../../src/measure/walk.ts';
import { FHIR_BASE } from '../../src/processes/fhirBase.ts';
import { serving } from './serving.ts';

const FIRST = { method: 'GET', path: '/Thing?_sort=-date&_count=20', answer: 'x' } as const;

/** A server with so many rows; `_page` is the number of those before the page. */
const rowsServed = (rows: number) => {
  const seen: string[] = [];
  const answer = (url: string): object => {
    seen.push(url);
    const { searchParams } = new URL(url, 'http://host');
    const count = Number(searchParams.get('_count'));
    const from = Number(searchParams.get('_page') ?? 0);
    const matches = Math.min(count, rows - from);
    searchParams.set('_page', String(from + matches));
    const next = { relation: 'next', url: `http://elsewhere${FHIR_BASE}/Thing?${searchParams}` };
    return {
      link: [{ relation: 'self', url: 'http://elsewhere' }, ...(from + matches < rows ? [next] : [])],
      entry: Array.from({ length: matches }, () => ({ resource: {} })),
    };
  };
  return { seen, answer };
};

test('next links lead to pages so many rows later', async () => {
  const { seen, answer } = rowsServed(10_000);
  const server = await serving(answer);
  const requests = await deepRequests(server, FIRST, 2_500);
  server.close();
  expect(seen.slice(0, 3).map((url) => new URL(url, 'http://host').searchParams.get('_count'))).toEqual([
    '1000',
    '1000',
    '1000',
  ]);
  expect(requests).toHaveLength(16);
  const pages = requests.map(({ path }) => new URL(path, 'http://host').searchParams);
  expect(pages.map((page) => page.get('_page'))).toEqual(
    Array.from({ length: 16 }, (_, at) => String(3_000 + at * 20)),
  );
  expect(new Set(pages.map((page) => page.get('_count')))).toEqual(new Set(['20']));
  expect(requests[0]).toMatchObject({ method: 'GET', answer: 'x' });
});

test('too few rows are an error', async () => {
  const server = await serving(rowsServed(1_500).answer);
  await expect(deepRequests(server, FIRST, 2_500)).rejects.toThrow('has no next page');
  server.close();
});
