import type { DataPlan } from '../../data/plan.ts';
import type { Random } from '../../data/random.ts';
import type { FloorName } from '../../floors/floors.ts';
import { TARGET_CONNECTIONS, type BenchCase, type Likeness } from '../case.ts';

const REQUESTS = 4_096;

/** What every answer with matches holds. */
const ANY_MATCH = '"mode":"match"';

export interface SearchCaseParts {
  /** Of the case and of its floor. */
  name: FloorName;
  title: string;
  target?: number;
  likeness: Likeness;
  /** One request, as different from others as the question allows. */
  path(plan: DataPlan, random: Random): string;
  /** Whether there may be nothing to find. */
  maybeEmpty?: boolean;
}

/** A search with a floor of its name, measured at the number of connections that targets are given for. */
export const searchCase = (parts: SearchCaseParts): BenchCase => {
  const { name, title, target, likeness, path, maybeEmpty = false } = parts;
  return {
    name,
    title,
    floor: name,
    ...(target !== undefined && { target }),
    connections: [TARGET_CONNECTIONS],
    likeness,
    writes: false,
    makeRequests: (plan, random) =>
      Array.from({ length: REQUESTS }, () => ({
        method: 'GET',
        path: path(plan, random),
        answer: maybeEmpty ? '"searchset"' : ANY_MATCH,
      })),
  };
};
