import type {
  Definitions,
  SearchParameterDefinition,
  SearchParameterType,
} from '../../fhir/definitions/types.ts';
import type { JsonObject } from '../../fhir/resource.ts';

/** Longest expression, in characters. R4's own longest has some 3,000. */
const EXPRESSION_CHARS_MAX = 10_000;
/** Names that a query string can carry; those of parameters for all types begin with an underscore. */
const CODE = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
const TYPES: readonly string[] = [
  'number',
  'date',
  'string',
  'token',
  'reference',
  'composite',
  'quantity',
  'uri',
] satisfies SearchParameterType[];
/** Targets that leave the type open. */
const ANY_TARGET: readonly string[] = ['Resource', 'DomainResource'];

export type ReadParameter =
  { definition: SearchParameterDefinition; fault?: undefined } | { fault: string; definition?: undefined };

/**
 * What a SearchParameter resource defines (http://hl7.org/fhir/R4/searchparameter.html), or why it cannot be used. Whether
 * its paths lead anywhere is another matter (pathFault.ts).
 *
 * @param resource valid by its StructureDefinition
 */
export function readParameter(definitions: Definitions, resource: JsonObject): ReadParameter {
  const { status, url, code, type, base, expression } = resource as Record<string, string>;
  if (status !== 'active') return { fault: `Its status is ${status}: only active ones are used.` };
  const bases = base as unknown as string[];
  const isCommon = bases.some((name) => definitions.searchParameter(name, code!));
  if (!CODE.test(code ?? '') && !isCommon) {
    return { fault: 'Its code must be letters, digits and dashes, beginning with a letter, 64 at the most.' };
  }
  if (!TYPES.includes(type!)) {
    return { fault: `A parameter of type ${type} means something of its own, which no expression can say.` };
  }
  if (expression === undefined || expression.length > EXPRESSION_CHARS_MAX) {
    return { fault: `It needs an expression of ${EXPRESSION_CHARS_MAX} characters at the most.` };
  }
  const strange = bases.find((name) => definitions.type(name)?.kind !== 'resource');
  if (strange !== undefined) return { fault: `Its base ${strange} is no resource type of R4.` };
  const definition: SearchParameterDefinition = {
    url: url!,
    code: code!,
    type: type as SearchParameterType,
    base: bases,
    expression,
  };
  if (type === 'reference')
    return withTarget(definitions, definition, resource.target as string[] | undefined);
  return type === 'composite'
    ? withParts(definition, resource.component as JsonObject[] | undefined)
    : { definition };
}

function withTarget(
  definitions: Definitions,
  definition: SearchParameterDefinition,
  target: readonly string[] | undefined,
): ReadParameter {
  if (target === undefined || target.some((name) => ANY_TARGET.includes(name))) return { definition };
  const strange = target.find((name) => !definitions.isResourceType(name));
  if (strange !== undefined) return { fault: `Its target ${strange} is no resource type of R4.` };
  return { definition: { ...definition, target: [...target] } };
}

function withParts(
  definition: SearchParameterDefinition,
  components: readonly JsonObject[] | undefined,
): ReadParameter {
  if (components === undefined || components.length < 2) {
    return { fault: 'A composite needs two components or more.' };
  }
  const component = components.map((part) => ({
    definition: (part.definition as string).replace(/\|.*$/, ''),
    expression: part.expression as string,
  }));
  return { definition: { ...definition, component } };
}
