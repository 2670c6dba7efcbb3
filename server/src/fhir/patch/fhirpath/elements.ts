import type { Definitions, ElementDefinition } from '../../definitions/types.ts';
import { childElements } from '../../path/resolvePath.ts';
import type { JsonObject, Resource } from '../../resource.ts';
import { isJsonObject, member } from '../tree.ts';

/** An element of a resource: where it stands in the JSON, and what FHIR says about it. */
export interface PlacedElement {
  /** Undefined for the resource itself. */
  parent: PlacedElement | undefined;
  /** JSON property; of a choice with its type. */
  name: string;
  /** Place in the array, where the property is one. */
  index: number | undefined;
  type: string;
  /** Undefined for the resource itself. */
  definition: ElementDefinition | undefined;
  /** The elements that it can have. */
  children: readonly ElementDefinition[];
}

/** An element that another one can have, by the name that a path or a patch gives it. */
export interface ChildDefinition {
  definition: ElementDefinition;
  /** JSON properties by type: one, but for a choice that is named without its type. */
  properties: readonly { name: string; type: string }[];
}

/** JSON property of a choice that has a type. */
export const choiceProperty = (stem: string, type: string) =>
  stem + type.charAt(0).toUpperCase() + type.slice(1);

/** What stands beside a primitive value: its id and extensions (http://hl7.org/fhir/R4/json.html#primitive). */
export const companionName = (name: string) => `_${name}`;

/** Looks at the elements of one resource, whose JSON may change meanwhile. */
export class Elements {
  readonly definitions: Definitions;
  readonly root: PlacedElement;
  readonly #resource: Resource;
  readonly #children = new Map<readonly ElementDefinition[], Map<string, ChildDefinition | undefined>>();
  readonly #childrenOf = new Map<ElementDefinition, Map<string, readonly ElementDefinition[]>>();

  constructor(definitions: Definitions, resource: Resource) {
    this.definitions = definitions;
    this.#resource = resource;
    const { resourceType: type } = resource;
    const children = definitions.type(type)?.elements ?? [];
    this.root = { parent: undefined, name: '', index: undefined, type, definition: undefined, children };
  }

  get resource(): Resource {
    return this.#resource;
  }

  isPrimitive(type: string): boolean {
    return this.definitions.type(type)?.kind === 'primitive-type';
  }

  /** The element's value; of a primitive undefined or null when it has only extensions. */
  value(element: PlacedElement): unknown {
    return element.parent === undefined ? this.#resource : this.#at(element, element.name);
  }

  /** The id and extensions of a primitive. */
  companion(element: PlacedElement): unknown {
    return element.parent === undefined ? undefined : this.#at(element, companionName(element.name));
  }

  /** The JSON object that the children of an element stand in; undefined for a primitive without any. */
  object(element: PlacedElement): JsonObject | undefined {
    const object = this.isPrimitive(element.type) ? this.companion(element) : this.value(element);
    return isJsonObject(object) ? object : undefined;
  }

  #at(element: PlacedElement, property: string): unknown {
    const above = this.object(element.parent!);
    const value = above && member(above, property);
    if (element.index === undefined) return value;
    return Array.isArray(value) ? (value as unknown[])[element.index] : undefined;
  }

  /** What a path or a patch means by the name of one of the children; undefined when there is no such child. */
  child(children: readonly ElementDefinition[], name: string): ChildDefinition | undefined {
    return memo(
      memo(this.#children, children, () => new Map()),
      name,
      () => childNamed(children, name),
    );
  }

  /** The children of that name that are there, in order. */
  *childrenNamed(parent: PlacedElement, name: string): Generator<PlacedElement> {
    const object = this.object(parent);
    const child = this.child(parent.children, name);
    if (object === undefined || child === undefined) return;
    for (const property of child.properties) yield* this.#present(parent, object, child.definition, property);
  }

  *#present(
    parent: PlacedElement,
    object: JsonObject,
    definition: ElementDefinition,
    { name, type }: { name: string; type: string },
  ): Generator<PlacedElement> {
    const value = member(object, name);
    const companion = member(object, companionName(name));
    const placed = (index: number | undefined, own: unknown) =>
      this.#placed({ parent, name, index, definition }, type, own);
    if (!Array.isArray(value) && !Array.isArray(companion)) {
      if (isThere(value) || isThere(companion)) yield placed(undefined, value);
      return;
    }
    const values: unknown[] = Array.isArray(value) ? value : [];
    const companions: unknown[] = Array.isArray(companion) ? companion : [];
    for (let i = 0; i < Math.max(values.length, companions.length); i++) {
      if (isThere(values[i]) || isThere(companions[i])) yield placed(i, values[i]);
    }
  }

  #placed(
    place: Pick<PlacedElement, 'parent' | 'name' | 'index' | 'definition'>,
    declared: string,
    value: unknown,
  ): PlacedElement {
    const inner = declared === 'Resource' && isJsonObject(value) ? value.resourceType : undefined;
    const type = typeof inner === 'string' ? inner : declared;
    return { ...place, type, children: this.childrenOf(place.definition!, type) };
  }

  /** The elements that one of a definition and type can have. */
  childrenOf(definition: ElementDefinition, type: string): readonly ElementDefinition[] {
    return memo(
      memo(this.#childrenOf, definition, () => new Map()),
      type,
      () => {
        const isDeclared = type === typesOf(definition)[0] || definition.choice;
        const known = isDeclared
          ? childElements(this.definitions, definition, type)
          : this.definitions.type(type)?.elements;
        // Of a primitive the definitions list nothing, but it has what every element has.
        return known?.length ? known : (this.definitions.type('Element')?.elements ?? []);
      },
    );
  }

  /** How many objects and arrays an element is in. */
  depth(element: PlacedElement): number {
    let depth = 0;
    for (let at = element; at.parent !== undefined; at = at.parent) depth += at.index === undefined ? 1 : 2;
    return depth;
  }
}

function childNamed(children: readonly ElementDefinition[], name: string): ChildDefinition | undefined {
  for (const definition of children) {
    const types = typesOf(definition);
    if (!definition.choice) {
      if (definition.name === name) return { definition, properties: [{ name, type: types[0]! }] };
      continue;
    }
    const properties = types.map((type) => ({ name: choiceProperty(definition.name, type), type }));
    if (definition.name === name) return { definition, properties };
    const own = properties.filter((property) => property.name === name);
    if (own.length > 0) return { definition, properties: own };
  }
  return undefined;
}

/** The value of a key, made when it is asked for first. */
function memo<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined || map.has(key)) return known!;
  const made = make();
  map.set(key, made);
  return made;
}

const isThere = (value: unknown) => value !== undefined && value !== null;

/** An element with the content of another one has no type of its own. */
const typesOf = (definition: ElementDefinition): string[] =>
  definition.types.length === 0 ? ['BackboneElement'] : definition.types.map(({ code }) => code);
