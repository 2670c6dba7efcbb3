import type { JsonObject, Resource } from '../../resource.ts';
import { FHIR_NAMESPACE } from '../namespaces.ts';
import type { ElementShape, Shape, XmlShapes } from '../shapes.ts';
import { escapeAttribute } from './escape.ts';
import { narrativeXml } from './narrative.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/**
 * Writes a resource as XML (http://hl7.org/fhir/R4/xml.html), its elements in the order of the definitions.
 *
 * @param resource its JSON, with numbers that a double cannot carry as source text (see ParsedJson.exact)
 * @param pretty indented, for people
 * @throws Error where it has what the definitions do not know: what was not validated cannot be written
 */
export function writeXml(shapes: XmlShapes, resource: Resource, pretty: boolean): string {
  return `${DECLARATION}${new Writer(shapes, pretty).resource(resource, 0, ` xmlns="${FHIR_NAMESPACE}"`)}\n`;
}

/** How deep an element stands, for its indentation. */
type Level = number;

class Writer {
  readonly #shapes: XmlShapes;
  readonly #pretty: boolean;

  constructor(shapes: XmlShapes, pretty: boolean) {
    this.#shapes = shapes;
    this.#pretty = pretty;
  }

  resource(resource: Resource, level: Level, attributes = ''): string {
    const { resourceType } = resource;
    const shape = this.#shapes.ofResource(resourceType);
    if (shape === undefined) throw new Error('There is a resource of no known type to be written as XML');
    return this.#element(resourceType, attributes, this.#children(resource, shape, level + 1), level);
  }

  #element(name: string, attributes: string, children: string, level: Level): string {
    if (children === '') return `<${name}${attributes}/>`;
    return `<${name}${attributes}>${children}${this.#newLine(level)}</${name}>`;
  }

  #children(object: JsonObject, shape: Shape, level: Level): string {
    let text = '';
    for (const element of elementsOf(object, shape)) {
      const value = object[element.name];
      const sibling = object[`_${element.name}`];
      if (!element.isList) text += this.#child(element, value, sibling, level);
      else {
        const values = asList(value);
        const siblings = asList(sibling);
        for (let i = 0; i < Math.max(values.length, siblings.length); i++) {
          text += this.#child(element, values[i], siblings[i], level);
        }
      }
    }
    return text;
  }

  #child(element: ElementShape, value: unknown, sibling: unknown, level: Level): string {
    return this.#newLine(level) + this.#childText(element, value, sibling, level);
  }

  #childText(element: ElementShape, value: unknown, sibling: unknown, level: Level): string {
    const { name, kind } = element;
    if (kind === 'primitive') return this.#primitive(element, value, sibling, level);
    if (kind === 'narrative') return narrativeXml(textOf(value, name));
    const object = asObject(value, name);
    if (kind === 'resource') {
      const resource = this.resource(object as Resource, level + 1);
      return this.#element(name, '', this.#newLine(level + 1) + resource, level);
    }
    const shape = element.content();
    const children = this.#children(object, shape, level + 1);
    return this.#element(name, attributesOf(object, shape), children, level);
  }

  #primitive(element: ElementShape, value: unknown, sibling: unknown, level: Level): string {
    const { name } = element;
    const text = value === undefined || value === null ? undefined : textOf(value, name);
    const attribute = text === undefined ? '' : ` value="${escapeAttribute(text)}"`;
    if (sibling === undefined || sibling === null) return `<${name}${attribute}/>`;
    const object = asObject(sibling, name);
    const shape = element.content();
    const children = this.#children(object, shape, level + 1);
    return this.#element(name, attributesOf(object, shape) + attribute, children, level);
  }

  #newLine(level: Level): string {
    return this.#pretty ? `\n${'  '.repeat(level)}` : '';
  }
}

/** The elements that an object has, each once, in the order of the definitions. */
function elementsOf(object: JsonObject, shape: Shape): ElementShape[] {
  const found: ElementShape[] = [];
  let isOrdered = true;
  for (const key of Object.keys(object)) {
    const name = key.startsWith('_') ? key.slice(1) : key;
    if (name !== key && Object.hasOwn(object, name)) continue; // written with its value
    const element = shape.elements.get(name);
    if (element === undefined) {
      if (shape.attributes.has(key) || key === 'resourceType') continue;
      throw new Error(`${shape.path} has a property that the definitions do not know`);
    }
    isOrdered &&= element.position >= (found.at(-1)?.position ?? 0);
    found.push(element);
  }
  return isOrdered ? found : found.sort((a, b) => a.position - b.position);
}

function attributesOf(object: JsonObject, { attributes }: Shape): string {
  let text = '';
  for (const name of attributes) {
    const value = object[name];
    if (value !== undefined) text += ` ${name}="${escapeAttribute(textOf(value, name))}"`;
  }
  return text;
}

const isRawJson = (JSON as unknown as { isRawJSON(value: unknown): value is { rawJSON: string } }).isRawJSON;

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (isRawJson(value)) return value.rawJSON;
  throw misshapen(name);
}

function asObject(value: unknown, name: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misshapen(name);
  return value as JsonObject;
}

function asList(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

const misshapen = (name: string) =>
  new Error(`'${name}' is not of its type in the JSON to be written as XML`);
