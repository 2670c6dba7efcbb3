import type { SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Condition } from '../../fhir/search/ast.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import type { Key } from '../../store/index/rows.ts';
import type { RecentRows } from '../../store/outbox/recentRows.ts';
import type { Candidate, Matcher, MatchContext } from '../../store/search/match/candidate.ts';
import type { Clues } from '../../store/search/match/clue.ts';
import { cluesOf } from '../../store/search/match/clues.ts';
import { matcherOf } from '../../store/search/match/matcher.ts';
import { unmatchable } from '../../store/search/match/unmatchable.ts';
import { SqlParameters } from '../../store/search/sqlParameters.ts';
import type { Store } from '../../store/store.ts';

export type { Candidate, Matcher } from '../../store/search/match/candidate.ts';
export type { Clue, Clues, SpanPlace, TextPlace } from '../../store/search/match/clue.ts';
export type { TextMatch } from '../../store/search/match/textMatches.ts';
export type { Key } from '../../store/index/rows.ts';

/** One of the conditions of criteria. */
export interface Test {
  /** Tests of one type that are named alike ask the same. */
  name: string;
  matches: Matcher;
}

/** Criteria that are decided on one resource, by its own content. */
export interface Criteria {
  /** What a resource shows that satisfies them: each element by itself says so, the best first; none: nothing simple is known. */
  clues: readonly Clues[];
  /** All must hold. */
  tests: readonly Test[];
}

/** Parameters that begin with an underscore and find resources, besides those that are defined. */
const FINDING = ['_filter', '_has', '_list', '_text', '_content'];

/** What criteria are compiled by, and resources are compared by. */
type CriteriaStore = Pick<Store, 'coming' | 'indexer'> & { outbox: { recent: Pick<RecentRows, 'take'> } };

/** Searches decided in memory, by the same terms as in the database. */
export class EventCriteria {
  readonly #store: CriteriaStore;

  constructor(store: CriteriaStore) {
    this.#store = store;
  }

  /** Whether it names a resource type that can be searched. */
  isType(type: string): boolean {
    return this.#store.coming.definitions.isResourceType(type);
  }

  /** Whether resources of the type can be searched by it. */
  hasParameter(type: string, code: string): boolean {
    return this.#store.coming.definitions.searchParameter(type, code) !== undefined;
  }

  /**
   * @param pairs of a query string, decoded
   * @throws FhirError `incorrect` for what is no search, or cannot be decided on one resource alone
   */
  compile(type: string, pairs: readonly (readonly [string, string])[]): Criteria {
    const { definitions, index, support } = this.#store.coming;
    for (const [name] of pairs) this.#requireFinding(type, name);
    const scope = { level: 'type' as const, types: [type] };
    const parsed = parseSearch(
      definitions,
      support,
      scope,
      pairs.map(([name, value]) => [name, value]),
      'strict',
    );
    const conditions = parsed.query.searches[0]!.conditions.flatMap(parts);
    for (const condition of conditions) requireDecidable(condition);
    const context: MatchContext = { type, index, parameters: new SqlParameters(), nowMs: 0 };
    return {
      clues: cluesOf(context, conditions),
      tests: conditions.map((condition) => ({
        name: nameOf(condition),
        matches: matcherOf(context, condition),
      })),
    };
  }

  /** @throws FhirError `incorrect` for what is no `_include` or `_revinclude` of resources of the type */
  requireIncludes(type: string, pairs: readonly (readonly [string, string])[]): void {
    if (!this.isType(type))
      throw refused('The resource of a notificationShape must be a FHIR R4 resource type.');
    const { definitions, support } = this.#store.coming;
    for (const [name] of pairs) {
      if (/^_(?:rev)?include(?::iterate)?$/.test(name)) continue;
      throw refused(`A notificationShape takes what _include and _revinclude take, not '${name}'.`);
    }
    const named = pairs.map(([name, value]): [string, string] => [name, value]);
    parseSearch(definitions, support, { level: 'type', types: [type] }, named, 'strict');
  }

  /** A version of a resource as criteria are compared with it. @param resource plain JSON */
  candidate(id: string, resource: Resource): Candidate {
    const { indexer, outbox } = this.#store;
    const known = outbox.recent.take(resource.resourceType, id, resource.meta ?? {}, indexer.revision);
    return { id, isContained: false, resource, rows: known ?? indexer.index(resource) };
  }

  /** Every key that a resource shows. */
  *keysOf(type: string, { id, rows }: Candidate): Generator<Key> {
    yield* rows.keys;
    if (id !== undefined) yield this.#store.coming.index.selfKey(type, id);
  }

  #requireFinding(type: string, name: string): void {
    const code = /^[^:.]*/.exec(name)![0];
    if (!name.startsWith('_') || FINDING.includes(code) || this.hasParameter(type, code)) return;
    throw refused(`The criteria have '${code}', which does not find resources of ${type}: leave it out.`);
  }
}

function requireDecidable(condition: Condition): void {
  const part = unmatchable(condition) ?? askingElsewhere(condition);
  if (part === undefined) return;
  throw refused(
    `The criteria ask for ${part}, which a resource does not tell by itself: use parameters that one resource answers alone.`,
  );
}

/** What takes terminology, or depends on the moment of the question. */
function askingElsewhere(condition: Condition): string | undefined {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.map(askingElsewhere).find((part) => part !== undefined);
    case 'not':
      return askingElsewhere(condition.condition);
    case 'token-in':
      return `the codes of a value set ('${condition.parameter.code}:in')`;
    case 'token-hierarchy':
      return `codes above or below another ('${condition.parameter.code}:${condition.direction}')`;
    case 'date':
      return condition.comparisons.some(({ prefix }) => prefix === 'ap') ? "a date by 'ap'" : undefined;
    case 'composite':
      return condition.values.flat().some((part) => part.kind === 'date' && part.comparison.prefix === 'ap')
        ? "a date by 'ap'"
        : undefined;
    default:
      return undefined;
  }
}

/** What must hold for it, one by one: the less each says, the more criteria have it in common. */
function parts(condition: Condition): Condition[] {
  if (condition.kind === 'and') return condition.conditions.flatMap(parts);
  if (condition.kind !== 'not') return [condition];
  const { condition: inner } = condition;
  if (inner.kind === 'not') return parts(inner.condition);
  if (inner.kind !== 'or') return [condition];
  return inner.conditions.flatMap((part) => parts({ kind: 'not', condition: part }));
}

/** Two conditions on resources of a type that are named alike are the same one, as long as the definitions stay. */
const nameOf = (condition: Condition): string =>
  JSON.stringify(condition, (key, value: unknown) => {
    if (key !== 'parameter') return typeof value === 'number' ? String(value) : value;
    const { url, code } = value as SearchParameterDefinition;
    return `${code} ${url}`;
  });

const refused = (text: string) => fhirError('incorrect', 'not-supported', text);
