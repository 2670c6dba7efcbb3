import { expect, test } from '@jest/globals';
import { dataPlan } from '../../src/data/plan.ts';
import { resourceCount } from '../../src/data/resources.ts';
import { bundles } from '../../src/load/bundles.ts';

test('bundles of 200 PUTs hold every resource once', () => {
  const plan = dataPlan(0.01);
  const all = [...bundles(plan)];
  expect(all.slice(0, -1).every(({ entries }) => entries === 200)).toBe(true);
  const requests = all.flatMap(({ entries, text }) => {
    const { type, entry } = JSON.parse(text) as {
      type: string;
      entry: { request: { method: string; url: string } }[];
    };
    expect([type, entry.length]).toEqual(['transaction', entries]);
    return entry.map(({ request }) => `${request.method} ${request.url}`);
  });
  expect(new Set(requests).size).toBe(resourceCount(plan));
  expect(requests[0]).toBe('PUT Organization/org-0000000');
});
