import type { Definitions } from '../definitions/types.ts';
import type { JsonObject, Resource } from '../resource.ts';
import { LinkShapes, type LinkKind, type LinkShape } from './linkShapes.ts';

export type { LinkKind } from './linkShapes.ts';

/** What a link becomes; the same text where it stays. */
export type ReplaceLink = (link: string, kind: LinkKind) => string;

/** The `href` of an `a`, the `src` of an `img` in narrative XHTML, with what stands before it in the tag. */
const XHTML_LINK =
  /(<(?:a|img)(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*?\s+(?:href|src)\s*=\s*)(?:"([^"]*)"|'([^']*)')/g;

/** What is inside of one is a world of its own, perhaps signed: its links mean its own entries (http://hl7.org/fhir/R4/bundle.html#references). */
const CLOSED = 'Bundle';

/**
 * The links of resources: references, elements of the types uri, url and canonical, and the links of
 * narratives, in contained resources, extensions and resources inside of others too, but not in Bundles.
 */
export class Links {
  readonly #shapes: LinkShapes;

  constructor(definitions: Definitions) {
    this.#shapes = new LinkShapes(definitions);
  }

  /** The resource with its links replaced; what has no changed link in it is shared with the given one, which stays as it is. */
  replaced<T extends Resource>(resource: T, replace: ReplaceLink): T {
    return this.#resource(resource, replace) as T;
  }

  /** Calls `visit` with every link. */
  visit(resource: Resource, visit: (link: string, kind: LinkKind) => void): void {
    this.#resource(resource, (link, kind) => {
      visit(link, kind);
      return link;
    });
  }

  #resource(value: unknown, replace: ReplaceLink): unknown {
    const type = (value as Partial<Resource> | null)?.resourceType;
    return typeof type === 'string' && type !== CLOSED
      ? this.#object(value as JsonObject, this.#shapes.of(type), replace)
      : value;
  }

  #object(object: JsonObject, shape: LinkShape, replace: ReplaceLink): JsonObject {
    let changed: JsonObject | undefined;
    for (const name in object) {
      const part = shape.get(name);
      if (part === undefined) continue;
      const before = object[name];
      const after = this.#value(before, part, replace);
      if (after !== before) (changed ??= { ...object })[name] = after;
    }
    return changed ?? object;
  }

  #value(value: unknown, part: NonNullable<ReturnType<LinkShape['get']>>, replace: ReplaceLink): unknown {
    if (Array.isArray(value)) return this.#list(value, part, replace);
    if (typeof part === 'string' && part !== 'resource') {
      return typeof value === 'string' ? replacedText(value, part, replace) : value;
    }
    if (typeof value !== 'object' || value === null) return value;
    return part === 'resource'
      ? this.#resource(value, replace)
      : this.#object(value as JsonObject, part(), replace);
  }

  #list(items: unknown[], part: NonNullable<ReturnType<LinkShape['get']>>, replace: ReplaceLink): unknown[] {
    let changed: unknown[] | undefined;
    items.forEach((before, i) => {
      const after = this.#value(before, part, replace);
      if (after !== before) (changed ??= [...items])[i] = after;
    });
    return changed ?? items;
  }
}

function replacedText(text: string, kind: LinkKind, replace: ReplaceLink): string {
  if (kind !== 'narrative') return replace(text, kind);
  return text.replace(XHTML_LINK, (whole, before: string, double?: string, single?: string) => {
    const link = double ?? single ?? '';
    const after = replace(link, kind);
    return after === link ? whole : `${before}"${after}"`;
  });
}
