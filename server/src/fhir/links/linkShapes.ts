import { elementsBelow, nameWithType } from '../definitions/elements.ts';
import type { Definitions, ElementDefinition } from '../definitions/types.ts';

/**
 * What a link is: the text of `Reference.reference`, a primitive of the type that is named, or the `href` or `src` of a
 * narrative.
 */
export type LinkKind = 'reference' | 'uri' | 'url' | 'canonical' | 'narrative';

/** JSON property names of a type that are links, or lead to some. */
export type LinkShape = ReadonlyMap<string, LinkPart>;
/** `resource`: any resource, by its own type. */
export type LinkPart = LinkKind | 'resource' | (() => LinkShape);

/** Primitive types whose values are links; an oid or uuid cannot be the address of anything here. */
const LINK_TYPES: ReadonlyMap<string, LinkKind> = new Map([
  ['uri', 'uri'],
  ['url', 'url'],
  ['canonical', 'canonical'],
  ['xhtml', 'narrative'],
]);

/** Where links can stand in each type, compiled when first asked for. */
export class LinkShapes {
  readonly #definitions: Definitions;
  readonly #shapes = new Map<string, LinkShape>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** The links of a type, or of an element that others reuse (`Bundle.link`). Empty for what is no type. */
  of(name: string): LinkShape {
    let shape = this.#shapes.get(name);
    if (shape === undefined) {
      shape = this.#compile(name);
      this.#shapes.set(name, shape);
    }
    return shape;
  }

  #compile(name: string): LinkShape {
    const shape = new Map<string, LinkPart>();
    for (const element of elementsBelow(this.#definitions, name)) this.#add(shape, element);
    if (name === 'Reference') shape.set('reference', 'reference');
    return shape;
  }

  #add(shape: Map<string, LinkPart>, element: ElementDefinition): void {
    const { contentReference } = element;
    if (contentReference !== undefined) shape.set(element.name, () => this.of(contentReference));
    for (const { code } of element.types) {
      const name = nameWithType(element, code);
      const part = this.#part(code, element);
      if (part !== undefined) shape.set(name, part);
      if (this.#definitions.type(code)?.kind === 'primitive-type')
        shape.set(`_${name}`, () => this.of('Element'));
    }
  }

  #part(code: string, { path, children }: ElementDefinition): LinkPart | undefined {
    if (children !== undefined) return () => this.of(path);
    const type = this.#definitions.type(code);
    if (type?.kind === 'primitive-type' || code === 'xhtml') return LINK_TYPES.get(code);
    return type?.kind === 'resource' ? 'resource' : () => this.of(code);
  }
}
