import type { Condition, PartValue } from '../fhir/search/ast.ts';
import type { IndexQuery } from '../store/index/query.ts';
import type { Candidate } from '../store/search/match/candidate.ts';
import { matcherOf } from '../store/search/match/matcher.ts';
import { unmatchable } from '../store/search/match/unmatchable.ts';
import { SqlParameters } from '../store/search/sqlParameters.ts';
import type { Reach } from './access.ts';

/** Undefined: it takes the database, or terminology. */
export type Decision = boolean | undefined;

export type Decider = (candidate: Candidate) => Decision;

/**
 * Whether a resource of the type is within reach, as far as its own content tells: what is undecided stays so unless the rest
 * decides it.
 *
 * @throws FhirError `incorrect` for a condition that asks for too much
 */
export function deciderOf(index: IndexQuery, type: string, reach: Reach): Decider {
  if (typeof reach === 'boolean') return () => reach;
  switch (reach.kind) {
    case 'and':
      return firstOr(
        false,
        reach.conditions.map((part) => deciderOf(index, type, part)),
      );
    case 'or':
      return firstOr(
        true,
        reach.conditions.map((part) => deciderOf(index, type, part)),
      );
    case 'not': {
      const inner = deciderOf(index, type, reach.condition);
      return (candidate) => {
        const decision = inner(candidate);
        return decision === undefined ? undefined : !decision;
      };
    }
    default:
      return isDecidable(reach)
        ? matcherOf({ type, index, parameters: new SqlParameters(), nowMs: 0 }, reach)
        : () => undefined;
  }
}

/** `decisive` where one part says so; else undecided where one part is; else the opposite. */
function firstOr(decisive: boolean, parts: readonly Decider[]): Decider {
  return (candidate) => {
    let decision: Decision = !decisive;
    for (const part of parts) {
      const one = part(candidate);
      if (one === decisive) return decisive;
      if (one === undefined) decision = undefined;
    }
    return decision;
  };
}

function isDecidable(condition: Condition): boolean {
  switch (condition.kind) {
    case 'token-in':
    case 'token-hierarchy':
      return false;
    case 'date':
      return condition.comparisons.every(({ prefix }) => prefix !== 'ap');
    case 'composite':
      return !condition.values.flat().some(dependsOnNow);
    default:
      return unmatchable(condition) === undefined;
  }
}

/** How far `ap` reaches about a date depends on the moment of the question. */
const dependsOnNow = (part: PartValue) => part.kind === 'date' && part.comparison.prefix === 'ap';
