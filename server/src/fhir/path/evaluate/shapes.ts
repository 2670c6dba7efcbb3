import type { Definitions, ElementDefinition, TypeDefinition } from '../../definitions/types.ts';
import { nameWithType } from '../../definitions/elements.ts';
import { childElements } from '../resolvePath.ts';
import { isObject, Node } from './nodes.ts';

import { Shape, type Member, type SystemType } from './shape.ts';

/** FHIR's types that stand for one of FHIRPath's (http://hl7.org/fhir/R4/fhirpath.html#types); their descendants do, too. */
const SYSTEM_TYPES: Readonly<Record<string, SystemType>> = {
  boolean: 'Boolean',
  string: 'String',
  uri: 'String',
  base64Binary: 'String',
  xhtml: 'String',
  integer: 'Integer',
  decimal: 'Decimal',
  date: 'Date',
  dateTime: 'DateTime',
  instant: 'DateTime',
  time: 'Time',
  Quantity: 'Quantity',
};

const NO_MEMBERS: () => readonly Member[] = () => [];
const STRING = systemShape('String');

/** The shapes of FHIRPath's own types. */
export const SYSTEM = {
  Boolean: systemShape('Boolean'),
  String: STRING,
  Integer: systemShape('Integer'),
  Decimal: systemShape('Decimal'),
  Date: systemShape('Date'),
  DateTime: systemShape('DateTime'),
  Time: systemShape('Time'),
  Quantity: systemShape('Quantity'),
  /** What `type()` returns. */
  Type: new Shape('System', ['ClassInfo', 'Any'], { system: 'Type' }, () =>
    ['namespace', 'name'].map((name) => ({
      name,
      property: name,
      companion: undefined,
      repeats: false,
      shape: STRING,
    })),
  ),
} as const satisfies Record<SystemType, Shape>;

function systemShape(name: SystemType): Shape {
  return new Shape('System', [name, 'Any'], { system: name }, NO_MEMBERS);
}

/** The focus where there is none: `$this` is empty. */
export const NOTHING = new Node(undefined, SYSTEM.Type);

/** The shapes of FHIR's types, made when they are first met. */
export class Shapes {
  readonly definitions: Definitions;
  readonly #byType = new Map<string, Shape>();
  /** Of elements that have elements of their own, by path. */
  readonly #byPath = new Map<string, Shape>();

  constructor(definitions: Definitions) {
    this.definitions = definitions;
  }

  /** The shape of a type, or of an element (`Patient.contact`); undefined where nothing is defined, and for a choice of types. */
  at(path: string): Shape | undefined {
    const [type = '', ...names] = path.replaceAll('[x]', '').split('.');
    let shape = this.type(type);
    for (const name of names) {
      const members: readonly Member[] | undefined = shape?.membersNamed(name);
      const [only, ...others] = members ?? [];
      shape = others.length === 0 ? only?.shape : undefined;
    }
    return shape;
  }

  type(name: string): Shape | undefined {
    let shape = this.#byType.get(name);
    if (!shape) {
      const type = this.definitions.type(name);
      if (type) this.#byType.set(name, (shape = this.#ofType(type)));
    }
    return shape;
  }

  /** The shape of a value: where any resource may stand, that of the one that does. */
  of(shape: Shape, value: unknown): Shape {
    if (!shape.isAnyResource || !isObject(value) || typeof value.resourceType !== 'string') return shape;
    const found = this.type(value.resourceType);
    return found?.is('Resource') ? found : shape;
  }

  /** The node of a whole resource. */
  resource(value: unknown): Node {
    return new Node(value, this.of(this.type('Resource')!, value));
  }

  #ofType(type: TypeDefinition): Shape {
    const ancestry = this.#ancestry(type);
    const isPrimitive = type.kind === 'primitive-type';
    const system = ancestry.map((name) => SYSTEM_TYPES[name]).find((found) => found !== undefined);
    const isAnyResource = type.name === 'Resource' || type.name === 'DomainResource';
    const elements = isPrimitive ? (this.definitions.type('Element')?.elements ?? []) : type.elements;
    const inResource = type.kind === 'resource';
    return new Shape('FHIR', ancestry, { system, isPrimitive, isAnyResource }, () =>
      this.#members(elements, inResource),
    );
  }

  #ancestry(type: TypeDefinition): string[] {
    const names: string[] = [];
    for (
      let t: TypeDefinition | undefined = type;
      t;
      t = t.base ? this.definitions.type(t.base) : undefined
    ) {
      names.push(t.name);
    }
    return names;
  }

  #members(elements: readonly ElementDefinition[], inResource: boolean): Member[] {
    return elements.flatMap((element) => {
      const types = element.types.length === 0 ? ['BackboneElement'] : element.types.map(({ code }) => code);
      return types.map((type) => {
        const shape = this.#ofElement(element, type);
        const property = nameWithType(element, type);
        // The id of an element and the URL of an extension are attributes in XML and have no companion.
        const isAttribute = (element.name === 'id' && !inResource) || element.path === 'Extension.url';
        const companion = shape.isPrimitive && !isAttribute ? `_${property}` : undefined;
        return { name: element.name, property, companion, repeats: element.max !== 1, shape };
      });
    });
  }

  #ofElement(element: ElementDefinition, type: string): Shape {
    if (!element.children && element.contentReference === undefined) {
      const shape = this.type(type);
      if (!shape) throw new Error(`There is no definition of ${type}`);
      return shape;
    }
    const path = element.contentReference ?? element.path;
    const known = this.#byPath.get(path);
    if (known) return known;
    const ancestry = type === 'BackboneElement' ? [type, 'Element'] : [type];
    const children = childElements(this.definitions, element, type) ?? [];
    const shape = new Shape('FHIR', ancestry, {}, () => this.#members(children, false));
    this.#byPath.set(path, shape);
    return shape;
  }
}
