import type { Definitions } from '../definitions/types.ts';
import { parseExact } from '../json/parse.ts';
import type { JsonObject, Resource } from '../resource.ts';
import { SummaryShapes, propertyNames, type Shape } from './summaryShapes.ts';

/** Which part of a resource is wanted: `_elements`, or a `_summary` other than `false` and `count`. */
export type View = { summary: 'true' | 'text' | 'data' } | { elements: readonly string[] };

/** Reduces resources to one view of them. Every number keeps its digits. */
export interface Projector {
  /** @param content a stored resource as JSON text @returns its view as JSON text, tagged as not whole */
  project(content: string): string;
  /** Whether the view of a resource of the type has the property. */
  keeps(type: string, property: string): boolean;
}

/** Tells that a resource is not whole, so that nobody writes it back (http://hl7.org/fhir/R4/search.html#summary). */
const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
} as const;

/** In every view. Modifier extensions and implicit rules change the meaning of all that is beside them. */
const ALWAYS = ['resourceType', 'id', 'meta', 'implicitRules', '_implicitRules', 'modifierExtension'];

/** Makes projectors (http://hl7.org/fhir/R4/search.html#summary, #elements). */
export class Projection {
  readonly #definitions: Definitions;
  readonly #summaries: SummaryShapes;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
    this.#summaries = new SummaryShapes(definitions);
  }

  of(view: View): Projector {
    if ('elements' in view) return this.#ofElements(view.elements);
    if (view.summary === 'text') return this.#ofElements(['text']);
    if (view.summary === 'data') return projector((_type, property) => property !== 'text');
    const summaries = this.#summaries;
    return {
      project: (content) => projected(content, (resource) => summary(resource, summaries)),
      keeps: (type, property) => ALWAYS.includes(property) || summaries.ofType(type).has(property),
    };
  }

  #ofElements(elements: readonly string[]): Projector {
    const ofType = new Map<string, ReadonlySet<string>>();
    return projector((type, property) => {
      let names = ofType.get(type);
      if (names === undefined) ofType.set(type, (names = this.#kept(type, new Set(elements))));
      return names.has(property);
    });
  }

  /** Property names: those always kept, mandatory elements, and the elements named (a choice by its stem or in full). */
  #kept(type: string, wanted: ReadonlySet<string>): ReadonlySet<string> {
    const names = new Set(ALWAYS);
    for (const element of this.#definitions.type(type)?.elements ?? []) {
      const isWhole = element.min > 0 || wanted.has(element.name);
      for (const name of propertyNames(element)) {
        if (isWhole || wanted.has(name)) names.add(name).add(`_${name}`);
      }
    }
    return names;
  }
}

function projector(keeps: Projector['keeps']): Projector {
  const part = (resource: Resource) => {
    const { resourceType } = resource;
    const kept = Object.entries(resource).filter(([name]) => keeps(resourceType, name));
    return Object.fromEntries(kept) as Resource;
  };
  return { project: (content) => projected(content, part), keeps };
}

const projected = (content: string, part: (resource: Resource) => Resource) =>
  JSON.stringify(subsetted(part(parseExact(content) as Resource)));

function summary(resource: Resource, shapes: SummaryShapes): Resource {
  const { resourceType } = resource;
  return { resourceType, ...shaped(resource, shapes.ofType(resourceType)) };
}

/** An object of which nothing would be left stays whole: FHIR has no empty objects. */
function shaped(object: JsonObject, shape: Shape): JsonObject {
  const kept: JsonObject = {};
  for (const name of Object.keys(object)) {
    const part = shape.get(name);
    if (part !== undefined) kept[name] = part === 'whole' ? object[name] : shapedValue(object[name], part());
  }
  return Object.keys(kept).length === 0 ? object : kept;
}

function shapedValue(value: unknown, shape: Shape): unknown {
  if (Array.isArray(value)) return value.map((item) => shapedValue(item, shape));
  return typeof value === 'object' && value !== null ? shaped(value as JsonObject, shape) : value;
}

function subsetted(resource: Resource): Resource {
  const meta = resource.meta ?? {};
  const tags = (meta.tag ?? []) as JsonObject[];
  if (tags.some(({ system, code }) => system === SUBSETTED.system && code === SUBSETTED.code))
    return resource;
  return { ...resource, meta: { ...meta, tag: [...tags, SUBSETTED] } };
}
