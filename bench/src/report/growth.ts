import { TARGET_CONNECTIONS } from '../cases/case.ts';
import { GROWTH_RATIO_TARGET, type GrowthCase, type GrowthResult } from './result.ts';
import { headLine, number, table } from './text.ts';

const verdict = ({ errors, p50Ratio }: GrowthCase): string => {
  if (errors > 0) return 'INVALID';
  return p50Ratio <= GROWTH_RATIO_TARGET ? 'reached' : 'MISSED';
};

const row = (measured: GrowthCase): string[] => {
  const { title, small, large, p50Ratio } = measured;
  return [
    title,
    ...[small.p50Ms, large.p50Ms, small.p99Ms, large.p99Ms].map((ms) => number(ms, 2)),
    ...[small.postgresCpuPer1000, large.postgresCpuPer1000].map((seconds) => number(seconds, 2)),
    number(p50Ratio, 2),
    verdict(measured),
  ];
};

/** One case in a line, for progress. */
export const growthLine = (measured: GrowthCase): string => {
  const { title, small, large, p50Ratio, firstError } = measured;
  const error = firstError === undefined ? '' : ` (${firstError})`;
  return `${title}: p50 ${number(small.p50Ms, 2)} -> ${number(large.p50Ms, 2)} ms, ratio ${number(p50Ratio, 2)} ${verdict(measured)}${error}`;
};

/** What becomes of latencies as data grow, as Markdown. */
export const growthText = (result: GrowthResult): string => {
  const { scale } = result.settings;
  const [small, large] = [`scale ${scale}`, `scale ${scale * result.growth}`];
  const head = [
    'case',
    `p50 ms, ${small}`,
    large,
    `p99 ms, ${small}`,
    large,
    `PG CPU s, ${small}`,
    large,
    'p50 ratio',
    `<= ${GROWTH_RATIO_TARGET}`,
  ];
  return [
    `# Growth, ${result.date.slice(0, 10)}, commit ${result.commit}`,
    headLine(result),
    table(head, result.cases.map(row)),
    `At ${TARGET_CONNECTIONS} connections. Medians of the rounds; PG CPU: seconds of all of PostgreSQL for 1,000 requests; p50 ratio: median of the rounds' ratios.`,
  ].join('\n\n');
};
