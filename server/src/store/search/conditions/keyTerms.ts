import type { Condition, ReferenceValue, TokenValue } from '../../../fhir/search/ast.ts';
import type { Parameter } from '../../index/query.ts';
import type { Key } from '../../index/rows.ts';
import type { SqlParameters } from '../sqlParameters.ts';
import { parentUrls } from './parentUrls.ts';
import type { ConditionContext } from './context.ts';

/** Whose keys are asked for, and how many may be. */
export interface KeyContext extends Pick<ConditionContext, 'type' | 'index'> {
  parameters: Pick<SqlParameters, 'require'>;
}

/**
 * The keys of which a row must have one, for conditions that are exactly that; undefined for others. An empty list: nothing
 * can match.
 */
export function keyTerms(context: KeyContext, condition: Condition): Key[] | undefined {
  const { type, index } = context;
  switch (condition.kind) {
    case 'constant':
      return condition.value ? undefined : [];
    case 'token':
      return gather(context, condition.tokens, (token: TokenValue) =>
        index.tokenKeys(type, condition.parameter, token),
      );
    case 'of-type':
      return gather(context, condition.values, ({ system, code, value }) =>
        index.ofTypeKeys(type, condition.parameter, system, code, value),
      );
    case 'uri':
      return uriKeys(context, condition.parameter, condition);
    case 'reference':
      return referenceKeys(context, condition.parameter, condition.references);
    case 'reference-identifier':
      return gather(context, condition.tokens, (token: TokenValue) =>
        index.identifierKeys(type, condition.parameter, token),
      );
    case 'compartment':
      return condition.self ? undefined : compartmentKeys(context, condition);
    case 'missing':
      return condition.missing ? undefined : presenceKeys(context, condition.parameter);
    case 'or':
      return alternatives(context, condition.conditions);
    default:
      return undefined;
  }
}

/** Keys of references to `Type/id` by any of the parameters. */
export function compartmentKeys(
  context: KeyContext,
  { type, id, parameters }: Extract<Condition, { kind: 'compartment' }>,
): Key[] {
  return gather(context, parameters, (parameter) =>
    context.index.referenceKeys(context.type, parameter, `${type}/${id}`, type),
  );
}

function referenceKeys(
  context: KeyContext,
  parameter: Parameter,
  references: readonly ReferenceValue[],
): Key[] {
  // An id alone has a key for each type that it may be of.
  return gather(context, references, ({ value, targetType }) =>
    context.index.referenceKeys(context.type, parameter, value, targetType),
  );
}

function uriKeys(
  context: KeyContext,
  parameter: Parameter,
  { match, uris }: Extract<Condition, { kind: 'uri' }>,
): Key[] | undefined {
  if (match !== 'exact' && match !== 'above') return undefined;
  const wanted = match === 'exact' ? uris : uris.flatMap(parentUrls);
  return gather(context, wanted, (uri) => context.index.uriKeys(context.type, parameter, uri));
}

function presenceKeys({ type, index }: KeyContext, parameter: Parameter): Key[] | undefined {
  if (index.plan(type, parameter) === undefined) return undefined;
  const presence = index.presence(type, parameter);
  if (presence === 'always' || presence.mainDate) return undefined;
  return presence.strings.length + presence.ranges.length > 0 ? undefined : presence.keys;
}

function alternatives(context: KeyContext, conditions: readonly Condition[]): Key[] | undefined {
  const found: Key[] = [];
  for (const condition of conditions) {
    const keys = keyTerms(context, condition);
    if (keys === undefined) return undefined;
    found.push(...keys);
  }
  return [...new Set(found)];
}

/** Stops as soon as there are more keys than a search may ask for. */
function gather<T>(
  { parameters }: KeyContext,
  values: readonly T[],
  keysOf: (value: T) => readonly Key[],
): Key[] {
  const found = new Set<Key>();
  for (const value of values) {
    for (const key of keysOf(value)) found.add(key);
    parameters.require(found.size);
  }
  return [...found];
}
