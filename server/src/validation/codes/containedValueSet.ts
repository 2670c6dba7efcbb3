import type { JsonObject } from '../../fhir/resource.ts';
import type { CodeQuestion } from '../ports.ts';
import { isObject } from '../state.ts';

type Codings = CodeQuestion['codings'];

/** The ValueSet that `#id` means in a resource. */
export function containedValueSet(container: JsonObject, canonical: string): JsonObject | undefined {
  return objects(container.contained).find(
    ({ resourceType, id }) => resourceType === 'ValueSet' && canonical === `#${String(id)}`,
  );
}

/**
 * Whether any of some codings is in a value set that lists its codes, or brings its expansion along.
 *
 * @returns undefined where that takes a code system or another value set
 */
export function verdictOfList(
  valueSet: JsonObject,
  codings: Codings,
  systemImplied = false,
): 'in' | 'out' | undefined {
  const codes = listed(valueSet);
  if (codes === undefined) return undefined;
  const isIn = codings.some(
    ({ system, code }) =>
      code !== undefined &&
      codes.some((one) => one.code === code && (one.system === system || (systemImplied && !system))),
  );
  return isIn ? 'in' : 'out';
}

function listed({ compose, expansion }: JsonObject): JsonObject[] | undefined {
  if (isObject(compose)) {
    const { include, exclude } = compose;
    const parts = objects(include);
    const isList = parts.every(({ concept, valueSet }) => concept !== undefined && valueSet === undefined);
    if (exclude !== undefined || parts.length === 0 || !isList) return undefined;
    return parts.flatMap(({ system, concept }) => objects(concept).map(({ code }) => ({ system, code })));
  }
  if (!isObject(expansion) || expansion.contains === undefined) return undefined;
  return below(objects(expansion.contains));
}

const below = (contains: readonly JsonObject[]): JsonObject[] =>
  contains.flatMap((one) => [one, ...below(objects(one.contains))]);

const objects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
