import type { Definitions, SearchParameterDefinition } from '../../definitions/types.ts';
import { isId } from '../../id.ts';
import type { ReferenceValue } from '../ast.ts';
import { ValueFault } from '../faults.ts';
import { unescapeValue } from '../split.ts';
import { typeList } from '../typeList.ts';

const RELATIVE = /^([A-Za-z]+)\/([^/]+)(?:\/_history\/([^/]+))?$/;
/** R4 names all its types where a parameter may refer to any resource, but for one or two that are no content. */
const ANY_TARGETS_MIN = 140;
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;

/**
 * `id`, `Type/id`, `Type/id/_history/version`, an absolute URL or a canonical
 * (http://hl7.org/fhir/R4/search.html#reference).
 *
 * @param targetType of the modifier `:[type]`
 * @throws ValueFault also when it names a type that the parameter does not refer to
 */
export function parseReference(
  definitions: Definitions,
  parameter: SearchParameterDefinition,
  text: string,
  targetType?: string,
): ReferenceValue {
  const value = unescapeValue(text);
  const [, type, id = '', version] = RELATIVE.exec(value) ?? [];
  if (type !== undefined) {
    if (!isId(id) || (version !== undefined && !isId(version))) throw noReference();
    checkType(definitions, parameter, type, targetType);
  } else if (!isId(value) && !ABSOLUTE.test(value)) throw noReference();
  return targetType === undefined ? { value } : { value, targetType };
}

function checkType(
  definitions: Definitions,
  parameter: SearchParameterDefinition,
  type: string,
  targetType: string | undefined,
): void {
  if (!definitions.isResourceType(type)) throw new ValueFault('names a type that is no resource type of R4.');
  if (targetType !== undefined && type !== targetType) {
    throw new ValueFault(`names the type ${type}, but the modifier :${targetType}: write one of them.`);
  }
  if (!mayReferTo(definitions, parameter, type)) {
    throw new ValueFault(
      `names the type ${type}, which '${parameter.code}' does not refer to: it refers to ${typeList(parameter.target!)}.`,
    );
  }
}

/** What may refer to anything may refer to the types that R4 does not know, too: an account, a bot. */
function mayReferTo(definitions: Definitions, { target }: SearchParameterDefinition, type: string): boolean {
  if (target === undefined || target.includes(type)) return true;
  return target.length >= ANY_TARGETS_MIN && definitions.isAdministrative(type);
}

const noReference = () =>
  new ValueFault('is no reference: write id, Type/id, Type/id/_history/version or an absolute URL.');
