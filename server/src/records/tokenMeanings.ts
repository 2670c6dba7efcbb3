import { FhirError, fhirError, isBusy, type Issue } from '../fhir/outcome.ts';
import { expressionOf, quoted } from '../fhir/search/faults.ts';
import type { Condition, SearchQuery, TokenValue, TypeSearch } from '../fhir/search/ast.ts';

/** Which codes are meant by a value set, or stand above or below a code. @throws FhirError when that is not known, or too many */
export interface TokenMeanings {
  /** @param valueSet canonical, or `ValueSet/id` */
  codesIn(valueSet: string): Promise<TokenValue[]>;
  codesAround(direction: 'above' | 'below', token: TokenValue): Promise<TokenValue[]>;
}

/** The query with codes in place of conditions that only terminology understands; the same query where there are none. */
export async function withMeanings(
  query: SearchQuery,
  meanings: TokenMeanings | undefined,
): Promise<SearchQuery> {
  if (!query.searches.some(asksTerminology)) return query;
  return { ...query, searches: await Promise.all(query.searches.map((one) => withMeaning(one, meanings))) };
}

/** The same of one search. */
export async function withMeaning(
  search: TypeSearch,
  meanings: TokenMeanings | undefined,
): Promise<TypeSearch> {
  if (!asksTerminology(search)) return search;
  if (!meanings)
    throw fhirError('incorrect', 'not-supported', 'There is no terminology for this search here.');
  const conditions = await Promise.all(search.conditions.map((one) => resolved(one, meanings)));
  return { ...search, conditions };
}

const asksTerminology = ({ conditions }: TypeSearch): boolean => conditions.some(needsMeaning);

/** Whether a condition says something that only terminology understands. */
function needsMeaning(condition: Condition): boolean {
  switch (condition.kind) {
    case 'token-in':
    case 'token-hierarchy':
      return true;
    case 'and':
    case 'or':
      return condition.conditions.some(needsMeaning);
    case 'not':
    case 'has':
      return needsMeaning(condition.condition);
    case 'chain':
      return condition.targets.some(
        (target) => needsMeaning(target.condition) || (target.inside && needsMeaning(target.inside)),
      );
    default:
      return false;
  }
}

async function resolved(condition: Condition, meanings: TokenMeanings): Promise<Condition> {
  const all = (conditions: readonly Condition[]) =>
    Promise.all(conditions.map((one) => resolved(one, meanings)));
  switch (condition.kind) {
    case 'token-in': {
      const { parameter, name, valueSets } = condition;
      const codes = await Promise.all(
        valueSets.map((one) => ofValue(name, one, () => meanings.codesIn(one))),
      );
      return tokens(parameter, codes.flat());
    }
    case 'token-hierarchy': {
      const { parameter, name, direction } = condition;
      const codes = await Promise.all(
        condition.tokens.map((one) => ofValue(name, one.system, () => meanings.codesAround(direction, one))),
      );
      return tokens(parameter, codes.flat());
    }
    case 'and':
    case 'or':
      return { ...condition, conditions: await all(condition.conditions) };
    case 'not':
    case 'has':
      return { ...condition, condition: await resolved(condition.condition, meanings) };
    case 'chain': {
      const targets = condition.targets.map(async ({ type, condition: one, inside }) => ({
        type,
        condition: await resolved(one, meanings),
        ...(inside && { inside: await resolved(inside, meanings) }),
      }));
      return { ...condition, targets: await Promise.all(targets) };
    }
    default:
      return condition;
  }
}

/**
 * Issues of terminology name the parameter that asks, as it was sent.
 *
 * @param canonical that it asks about
 */
async function ofValue<T>(name: string, canonical: string | undefined, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof FhirError) || isBusy(error)) throw error;
    const issues = error.issues.map((issue) => ofParameter(issue, name, canonical));
    throw new FhirError(error.category, issues, error.retryAfterS);
  }
}

function ofParameter({ expression: _, ...issue }: Issue, name: string, canonical = ''): Issue {
  const [said, where] = [withoutStrange(issue.diagnostics, canonical), expressionOf(name)];
  const diagnostics = `The value of ${quoted(name)} cannot be used: ${said}`;
  return { ...issue, diagnostics, ...(where !== undefined && { expression: [where] }) };
}

/** A canonical is a name and may be told; what was sent in place of one may be anything. */
function withoutStrange(text: string, canonical: string): string {
  return canonical === '' || PLAIN_CANONICAL.test(canonical) ? text : text.replaceAll(canonical, '...');
}

const PLAIN_CANONICAL = /^[\w.:/|#~-]{1,200}$/;

/** A value set without codes has nothing in it. */
function tokens(
  parameter: Extract<Condition, { kind: 'token' }>['parameter'],
  codes: readonly TokenValue[],
): Condition {
  return codes.length === 0
    ? { kind: 'constant', value: false }
    : { kind: 'token', parameter, tokens: [...codes] };
}
