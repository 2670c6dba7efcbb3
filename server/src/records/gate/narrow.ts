import type { Access, Reach } from '../../access/access.ts';
import type { Condition, Include, SearchQuery, TypeSearch } from '../../fhir/search/ast.ts';
import { binariesByIdOnly, hiddenBy, notOfType } from './refusals.ts';
import { BINARY } from './securityContexts.ts';
import { fhirError } from '../../fhir/outcome.ts';

/** What of a query decides what is found. */
export type Narrowable = Pick<SearchQuery, 'searches' | 'includes' | 'contained'>;

const NOTHING: Condition = { kind: 'constant', value: false };

/**
 * A search that finds what it would find if what the caller may not see did not exist: in each link of a chain, behind each `_has`,
 * in each list.
 *
 * @param lists ids of the lists of the query that the caller may see
 * @throws FhirError `forbidden` where nothing of the type may be searched, or by something hidden
 */
export function narrowed<T extends Narrowable>(access: Access, query: T, lists: ReadonlySet<string>): T {
  const offered = query.searches.filter(({ type }) => reachOf(access, type) !== false);
  if (offered.length === 0) {
    const { type } = query.searches[0]!;
    throw type === BINARY ? binariesByIdOnly() : notOfType(type, 'search');
  }
  for (const search of offered) refuseHidden(access, search);
  for (const include of query.includes) refuseHiddenInclude(access, include, offered);
  const narrow = (search: TypeSearch): TypeSearch => ({
    ...search,
    conditions: withReach(
      access,
      search.type,
      search.conditions.map((one) => narrowedCondition(access, search.type, one, lists)),
    ),
  });
  return { ...query, searches: offered.map(narrow) };
}

/** No index tells whether somebody may see what a Binary names: Binaries are read by their ids, and not searched. */
const reachOf = (access: Access, type: string): Reach =>
  type === BINARY ? false : access.condition(type, 'search');

/** Ids of the lists (`_list`) that a search names, wherever they stand. */
export function namedLists({ searches }: Pick<SearchQuery, 'searches'>): string[] {
  return [...new Set(searches.flatMap(({ conditions }) => conditions.flatMap(listsOf)))];
}

function listsOf(condition: Condition): string[] {
  switch (condition.kind) {
    case 'list':
      return condition.ids;
    case 'and':
    case 'or':
      return condition.conditions.flatMap(listsOf);
    case 'not':
    case 'has':
      return listsOf(condition.condition);
    case 'chain':
      return condition.targets.flatMap((target) => listsOf(target.condition));
    default:
      return [];
  }
}

/** What must hold for resources of the type beside the conditions. */
function withReach(access: Access, type: string, conditions: readonly Condition[]): Condition[] {
  const reach = reachOf(access, type);
  if (reach === true) return [...conditions];
  if (reach === false) return [...conditions, NOTHING];
  // One by one, so that the plan can choose among them.
  return [...conditions, ...(reach.kind === 'and' ? reach.conditions : [reach])];
}

const allOf = (conditions: Condition[]): Condition =>
  conditions.length === 1 ? conditions[0]! : { kind: 'and', conditions };

function narrowedCondition(
  access: Access,
  type: string,
  condition: Condition,
  lists: ReadonlySet<string>,
): Condition {
  const within = (of: string, inner: Condition) =>
    allOf(withReach(access, of, [narrowedCondition(access, of, inner, lists)]));
  switch (condition.kind) {
    case 'and':
    case 'or':
      return {
        ...condition,
        conditions: condition.conditions.map((one) => narrowedCondition(access, type, one, lists)),
      };
    case 'not':
      return { ...condition, condition: narrowedCondition(access, type, condition.condition, lists) };
    case 'chain': {
      const targets = condition.targets
        .filter((target) => reachOf(access, target.type) !== false)
        .map(({ type: of, condition: inner }) => ({
          type: of,
          condition: within(of, inner),
          // What is contained belongs to its container.
          inside: hidesContained(access, type) ? NOTHING : inner,
        }));
      return targets.length === 0 ? NOTHING : { ...condition, targets };
    }
    case 'has':
      if (reachOf(access, condition.type) === false) return NOTHING;
      return { ...condition, condition: within(condition.type, condition.condition) };
    case 'list': {
      const ids = condition.ids.filter((id) => lists.has(id));
      return ids.length === 0 ? NOTHING : { ...condition, ids };
    }
    case 'reference-hierarchy':
      return (requireWhole(access, condition.type), condition);
    default:
      return condition;
  }
}

/** Whether a chain into what the type's resources contain would tell what is hidden. */
const hidesContained = (access: Access, type: string): boolean =>
  access.hidden(type, 'search').some((path) => /^contained\b/.test(path));

/** A hierarchy is walked through resources that are not shown. */
function requireWhole(access: Access, type: string): void {
  if (reachOf(access, type) === true) return;
  const text = `:above and :below of references are only for callers who may see every ${type}: leave them out.`;
  throw fhirError('forbidden', 'forbidden', text);
}

function refuseHidden(access: Access, { type, conditions, sort }: TypeSearch): void {
  const sorted: Condition[] = sort.flatMap(({ parameter }) =>
    parameter ? [{ kind: 'missing', missing: false, parameter }] : [],
  );
  for (const condition of [...conditions, ...sorted]) {
    const hidden = access.hiddenParameter(type, condition);
    if (hidden) throw hiddenBy(hidden);
  }
}

/** Following a hidden reference would tell it. */
function refuseHiddenInclude(access: Access, include: Include, searches: readonly TypeSearch[]): void {
  const { sourceType, parameter } = include;
  if (parameter && sourceType !== '*') {
    const hidden = access.hiddenParameter(sourceType, { kind: 'missing', missing: false, parameter });
    if (hidden) throw hiddenBy(hidden);
    return;
  }
  const types = sourceType === '*' ? searches.map(({ type }) => type) : [sourceType];
  const hides = types.find((type) => access.hidden(type, 'search').length > 0);
  if (hides !== undefined || (sourceType === '*' && include.reverse))
    throw fhirError(
      'forbidden',
      'forbidden',
      `Name the parameter of _include or _revinclude: not all of ${hides ?? 'them'} may be followed by you.`,
    );
}
