import type { TerminologyFigures } from '../terminology/measure.ts';
import { number, table } from './text.ts';

/** What questions to terminology cost, as Markdown. */
export const terminologyText = (figures: readonly TerminologyFigures[]): string =>
  table(
    ['terminology, 10,000 concepts', 'p50 ms', 'p99 ms', 'target', ''],
    figures.map(({ title, p50Ms, p99Ms, targetMs }) => [
      title,
      number(p50Ms, 2),
      number(p99Ms, 2),
      targetMs === undefined ? '' : `p50 <= ${targetMs} ms`,
      targetMs === undefined ? '' : p50Ms <= targetMs ? 'reached' : 'MISSED',
    ]),
  );
