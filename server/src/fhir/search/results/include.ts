import type { Include } from '../ast.ts';
import type { SearchContext } from '../contract.ts';
import { SearchFault, quoted, unknown, wrong } from '../faults.ts';
import { referenceParameter, requireSupport, requireType } from '../parameters.ts';
import { typeList } from '../typeList.ts';

const ANY = '*';

/**
 * `_include` and `_revinclude`: `*`, `Type:*` or `Type:parameter`, each with `:Target`
 * (http://hl7.org/fhir/R4/search.html#include). The source of an `_include` is a type that is searched, unless it iterates;
 * so is the target of a `_revinclude`.
 *
 * @param name `_include` or `_revinclude`
 * @param types that are searched
 * @throws SearchFault
 */
export function parseInclude(
  context: SearchContext,
  name: '_include' | '_revinclude',
  modifier: string | undefined,
  value: string,
  types: readonly string[],
): Include {
  if (modifier !== undefined && modifier !== 'iterate') {
    throw unknown(
      `${name} does not take the modifier ${quoted(`:${modifier}`)}: R4 has ${name}:iterate only.`,
    );
  }
  const base = { reverse: name === '_revinclude', iterate: modifier === 'iterate' };
  if (value === ANY) return { ...base, sourceType: ANY };
  const [sourceType = '', code = '', targetType, ...more] = value.split(':');
  if (code === '' || targetType === '' || more.length > 0 || value.includes(',')) {
    throw wrong(
      `${name} must be Type:parameter, Type:parameter:TargetType, Type:* or *, one in each ${name}: repeat it for more.`,
    );
  }
  requireType(context, sourceType);
  if (targetType !== undefined) requireType(context, targetType);
  const include: Include = { ...base, sourceType };
  if (targetType !== undefined) include.targetType = targetType;
  let targets = context.definitions.resourceTypes;
  if (code !== ANY) {
    const found = reference(context, name, sourceType, code);
    include.parameter = found.parameter;
    targets = found.targets;
    if (targetType !== undefined && !targets.includes(targetType)) {
      throw unknown(
        `'${code}' of ${sourceType} does not refer to ${targetType}: it refers to ${typeList(targets)}.`,
      );
    }
  }
  if (!include.iterate) requireContact(name, include, targets, types);
  return include;
}

function reference(context: SearchContext, name: string, sourceType: string, code: string) {
  try {
    const found = referenceParameter(context, sourceType, code);
    requireSupport(context, sourceType, found.parameter);
    return found;
  } catch (error) {
    // The fault speaks of the type only; a reader with several includes needs to know which.
    if (error instanceof SearchFault)
      throw new SearchFault(error.kind, error.code, `${name}: ${error.message}`);
    throw error;
  }
}

/** An include that cannot bring anything along is a mistake: nothing would show it. */
function requireContact(
  name: string,
  { reverse, sourceType, targetType }: Include,
  targets: readonly string[],
  types: readonly string[],
): void {
  if (!reverse && !types.includes(sourceType)) {
    throw unknown(
      `${name} follows references of the types that are searched, and ${sourceType} is none of them: use ${name}:iterate for references of what is included.`,
    );
  }
  const reached = targetType === undefined ? targets : [targetType];
  if (reverse && !types.some((type) => reached.includes(type))) {
    throw unknown(
      `${name} follows references to the types that are searched, and these refer to ${typeList(reached)}: use ${name}:iterate for references to what is included.`,
    );
  }
}
