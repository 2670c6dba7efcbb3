import { elementsBelow, nameWithType } from '../definitions/elements.ts';
import type { Definitions, ElementDefinition } from '../definitions/types.ts';

/** What may stand in an XML element. */
export interface Shape {
  /** How messages call it: `Patient.contact`, `HumanName`. */
  readonly path: string;
  /** Attributes; the `value` of a primitive is none of them. */
  readonly attributes: ReadonlySet<string>;
  readonly elements: ReadonlyMap<string, ElementShape>;
}

/** An element of a {@link Shape}, called alike in XML and JSON; a choice has one for each of its types. */
export interface ElementShape {
  readonly name: string;
  /** Name in paths: of a choice the one without a type. */
  readonly stem: string;
  /** Place among its siblings, in the order of the definition; all types of a choice share one. */
  readonly position: number;
  readonly isList: boolean;
  /** `resource`: one resource of any type stands in it. */
  readonly kind: 'primitive' | 'complex' | 'resource' | 'narrative';
  /** FHIR type, `decimal`. */
  readonly type: string;
  /** What may stand in it; in a primitive its extensions. */
  readonly content: () => Shape;
}

/** How XML writes each type (http://hl7.org/fhir/R4/xml.html), compiled from the definitions when first asked for. */
export class XmlShapes {
  readonly #definitions: Definitions;
  readonly #shapes = new Map<string, Shape>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** Of a concrete resource type; undefined where the name is none. */
  ofResource(type: string): Shape | undefined {
    return this.#definitions.isResourceType(type) ? this.#at(type) : undefined;
  }

  /** @param path name of a type, or the path of an element with elements of its own */
  #at(path: string): Shape {
    let shape = this.#shapes.get(path);
    if (shape === undefined) this.#shapes.set(path, (shape = this.#compile(path)));
    return shape;
  }

  #compile(path: string): Shape {
    const isResource = this.#definitions.type(path)?.kind === 'resource';
    const attributes = new Set<string>();
    const elements = new Map<string, ElementShape>();
    elementsBelow(this.#definitions, path).forEach((element, position) => {
      if (isAttribute(element, isResource)) attributes.add(element.name);
      else for (const shape of this.#elementShapes(element, position)) elements.set(shape.name, shape);
    });
    return { path, attributes, elements };
  }

  #elementShapes(element: ElementDefinition, position: number): ElementShape[] {
    const { contentReference, children, path } = element;
    const isList = element.max !== 1;
    const ownPath = contentReference ?? (children === undefined ? undefined : path);
    if (ownPath !== undefined) {
      const content = () => this.#at(ownPath);
      return [
        {
          name: element.name,
          stem: element.name,
          position,
          isList,
          kind: 'complex',
          type: 'BackboneElement',
          content,
        },
      ];
    }
    return element.types.map(({ code }) => {
      const kind = this.#kindOf(code);
      const content = () => this.#at(kind === 'primitive' ? 'Element' : code);
      return {
        name: nameWithType(element, code),
        stem: element.name,
        position,
        isList,
        kind,
        type: code,
        content,
      };
    });
  }

  #kindOf(type: string): ElementShape['kind'] {
    if (type === 'xhtml') return 'narrative';
    const { kind } = this.#definitions.type(type)!;
    if (kind === 'primitive-type') return 'primitive';
    return kind === 'resource' ? 'resource' : 'complex';
  }
}

/** The id of an element and the url of an extension; the id of a resource is an element. */
function isAttribute({ name, path }: ElementDefinition, inResource: boolean): boolean {
  return (name === 'id' && !inResource) || path === 'Extension.url';
}
