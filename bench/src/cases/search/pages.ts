import { TARGET_CONNECTIONS, type BenchCase } from '../case.ts';

const LATEST_OF_ALL = '/Observation?_sort=-date&_count=20';
const DEPTH = 100_000;
/** Left at the end, where there are no more than DEPTH rows: for the pages that are asked. */
const REST = 1_000;

const page = {
  connections: [TARGET_CONNECTIONS],
  writes: false,
  makeRequests: () => [{ method: 'GET', path: LATEST_OF_ALL, answer: '"mode":"match"' }],
} as const satisfies Partial<BenchCase>;

/** The first page of a sorted search that leaves nothing out. */
export const pageFirst: BenchCase = {
  ...page,
  name: 'page-first',
  title: 'Observation, latest 20 of all',
  floor: 'page-first',
  likeness: 'dates',
};

/** Pages of the same search 100,000 rows later (or as late as there are any): at least half as fast as the first. */
export const pageDeep: BenchCase = {
  ...page,
  name: 'page-deep',
  title: 'the same 100,000 rows later',
  against: 'page-first',
  target: 0.5,
  rowsDeep: ({ observations }) => Math.max(0, Math.min(DEPTH, observations - REST)),
};
