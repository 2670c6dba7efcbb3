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

/** The codes of a value set that lists them, or brings its expansion along. */
export class ListedCodes {
  readonly #systems = new Map<unknown, Set<unknown>>();

  constructor(codes: readonly JsonObject[]) {
    for (const { system, code } of codes) {
      const systems = this.#systems.get(code);
      if (systems) systems.add(system);
      else this.#systems.set(code, new Set([system]));
    }
  }

  /** Whether any of some codings is among them. */
  verdict(codings: Codings, systemImplied = false): 'in' | 'out' {
    const isIn = codings.some(({ system, code }) => {
      const systems = code === undefined ? undefined : this.#systems.get(code);
      return systems !== undefined && (systems.has(system) || (systemImplied && !system));
    });
    return isIn ? 'in' : 'out';
  }
}

/** @returns undefined where finding them out takes a code system or another value set */
export function listedCodes(valueSet: JsonObject): ListedCodes | undefined {
  const codes = listed(valueSet);
  return codes && new ListedCodes(codes);
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
