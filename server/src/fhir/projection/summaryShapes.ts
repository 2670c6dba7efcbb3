import { elementsBelow, nameWithType } from '../definitions/elements.ts';
import type { Definitions, ElementDefinition } from '../definitions/types.ts';

/** What a summary keeps of an object: JSON property names, each with what is kept of its value. */
export type Shape = ReadonlyMap<string, Part>;
/** The whole value, or a part of it. */
export type Part = 'whole' | (() => Shape);

/** They change the meaning of what they stand in: leaving them out could make it say the opposite. */
const ALWAYS_KEPT = new Set(['modifierExtension', 'implicitRules']);

/**
 * The summary of each type: the elements that its definition marks so, and mandatory ones, without which it would be no
 * FHIR any more (http://hl7.org/fhir/R4/search.html#summary). Compiled when first asked for.
 */
export class SummaryShapes {
  readonly #definitions: Definitions;
  readonly #ofType = new Map<string, Shape>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** @param type name of a resource or complex type of the definitions */
  ofType(type: string): Shape {
    let shape = this.#ofType.get(type);
    if (shape === undefined) {
      shape = this.#compile(this.#definitions.type(type)?.elements ?? []);
      this.#ofType.set(type, shape);
    }
    return shape;
  }

  #compile(elements: readonly ElementDefinition[]): Shape {
    const shape = new Map<string, Part>();
    for (const element of elements.filter(isInSummary)) {
      for (const name of propertyNames(element)) {
        shape.set(name, this.#part(element, name));
        shape.set(`_${name}`, 'whole');
      }
    }
    return shape;
  }

  #part(element: ElementDefinition, property: string): Part {
    const { children, contentReference } = element;
    if (children !== undefined) return once(() => this.#compile(children));
    if (contentReference !== undefined)
      return once(() => this.#compile(elementsBelow(this.#definitions, contentReference)));
    const { code } = element.types.find((type) => property === nameWithType(element, type.code))!;
    const isPartial = this.#definitions.type(code)?.kind === 'complex-type' && code !== 'Extension';
    return isPartial ? () => this.ofType(code) : 'whole';
  }
}

const isInSummary = (element: ElementDefinition) =>
  element.isSummary || element.min > 0 || ALWAYS_KEPT.has(element.name);

/** JSON property names of an element: one for each type of a choice. */
export function propertyNames(element: ElementDefinition): string[] {
  if (!element.choice) return [element.name];
  return element.types.map((type) => nameWithType(element, type.code));
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
