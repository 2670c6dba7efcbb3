import type { BenchResult } from './result.ts';
import { table } from './text.ts';

const decimals = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(2));

/** Each case that both results hold: requests/s now and then, and the ratios to the floor, which a slow machine moves less. */
export const comparison = (now: BenchResult, then: BenchResult): string => {
  const rows = now.cases.flatMap((each) => {
    const before = then.cases.find(
      (other) => other.name === each.name && other.connections === each.connections,
    );
    if (!before) return [];
    const [rateNow, rateThen] = [each.server.requestsPerSecond, before.server.requestsPerSecond];
    return [
      [
        each.title,
        String(each.connections),
        String(Math.round(rateThen)),
        String(Math.round(rateNow)),
        decimals(rateNow / rateThen),
        decimals(before.ratio),
        decimals(each.ratio),
      ],
    ];
  });
  const head = [
    'case',
    'conn.',
    `req/s ${then.commit}`,
    `req/s ${now.commit}`,
    'now/then',
    'ratio then',
    'ratio now',
  ];
  return table(head, rows);
};
