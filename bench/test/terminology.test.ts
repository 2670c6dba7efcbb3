import { expect, test } from '@jest/globals';
import { terminologyText } from '../src/report/terminology.ts';
import { CASES, measureTerminology, type TerminologyServer } from '../src/terminology/measure.ts';

test('the code system is stored first, and each question is another one', async () => {
  const sent: string[] = [];
  const server: TerminologyServer = {
    store: (path) => Promise.resolve(void sent.push(`PUT ${path}`)),
    ask: (paths) => Promise.resolve(paths.map((path) => sent.push(path))),
  };
  const figures = await measureTerminology(server, 2);
  expect(sent.slice(0, 4).map((path) => path.startsWith('PUT '))).toEqual([true, true, true, false]);
  expect(figures.map(({ name }) => name)).toEqual(CASES.map(({ name }) => name));
  const codes = new Set(sent.map((path) => /code=(c\d+)/.exec(path)?.[1]));
  expect(codes.size).toBeGreaterThan(500);
  for (const { p50Ms, p99Ms } of figures) expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
});

test('what half of the answers take is judged', () => {
  const text = (p50Ms: number) =>
    terminologyText([{ name: 'x', title: 'X', p50Ms, p99Ms: 20, targetMs: 10 }]);
  expect(text(10)).toMatch('reached');
  expect(text(10.1)).toMatch('MISSED');
});
