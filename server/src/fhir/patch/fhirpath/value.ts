import type { ElementDefinition } from '../../definitions/types.ts';
import type { JsonObject } from '../../resource.ts';
import { copyInto, isJsonObject, member } from '../tree.ts';
import type { Work } from '../work.ts';
import { has, insertItem, itemCount, setContent, type Content } from './content.ts';
import { choiceProperty, companionName, type ChildDefinition, type Elements } from './elements.ts';
import { OperationFault } from './operationFault.ts';

/** JSON forms of primitives: a value of one type can stand for another of the same form, and is then checked as that. */
const NUMBERS: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);

/** Makes elements of the values that an operation brings (http://hl7.org/fhir/R4/fhirpatch.html#anonymous). */
export class Values {
  readonly #elements: Elements;
  readonly #work: Work;

  constructor(elements: Elements, work: Work) {
    this.#elements = elements;
    this.#work = work;
  }

  /**
   * The value of a part as the element that it is to be.
   *
   * @param depth how deep the object is that the element will stand in
   * @throws OperationFault when it is of a type that the element does not have
   */
  content(child: ChildDefinition, part: JsonObject, depth: number): Content {
    const own = depth + (child.definition.max === 1 ? 1 : 2);
    const given = this.#given(part);
    if ([given, part.part, part.resource].filter((form) => form !== undefined).length > 1)
      throw new OperationFault('its value is given in more than one way');
    if (given !== undefined) {
      const { name } = this.#property(child, given.type);
      const json = copyInto(given.json, own, this.#work);
      return { name, json, companion: copyInto(given.companion, own, this.#work) };
    }
    if (Array.isArray(part.part)) return this.#ofParts(child, part.part, own);
    if (isJsonObject(part.resource)) {
      const { name } = this.#property(child, 'Resource');
      return { name, json: copyInto(part.resource, own, this.#work), companion: undefined };
    }
    throw new OperationFault('its value is empty');
  }

  /**
   * Adds an element to those that an object has already.
   *
   * @throws OperationFault when it is there and cannot be repeated
   */
  add(object: JsonObject, child: ChildDefinition, content: Content): void {
    if (child.definition.max === 1) {
      const { name, choice, types } = child.definition;
      const names = choice ? types.map(({ code }) => choiceProperty(name, code)) : [name];
      if (names.some((property) => has(object, property)))
        throw new OperationFault(`${name} is there already and cannot be repeated: replace it`);
      return setContent(object, content);
    }
    insertItem(object, itemCount(object, content.name), content);
  }

  /** What stands in value[x] of a part. */
  #given(part: JsonObject): { type: string; json: unknown; companion: unknown } | undefined {
    for (const { code: type } of this.#parameterTypes()) {
      const name = choiceProperty('value', type);
      if (has(part, name)) {
        return { type, json: member(part, name), companion: member(part, companionName(name)) };
      }
    }
    return undefined;
  }

  #parameterTypes() {
    const parameter = this.#elements.definitions
      .type('Parameters')
      ?.elements.find(({ name }) => name === 'parameter');
    return parameter?.children?.find(({ name }) => name === 'value')?.types ?? [];
  }

  #property({ definition, properties }: ChildDefinition, type: string) {
    const exact = properties.find((property) => property.type === type);
    if (exact !== undefined) return exact;
    const only = properties[0]!;
    if (!definition.choice && this.#hasFormOf(type, only.type)) return only;
    const wanted = properties.map((property) => property.type).join(', ');
    throw new OperationFault(
      `${definition.name} is of the type ${wanted}, but the value is of the type ${type}`,
    );
  }

  #hasFormOf(type: string, other: string): boolean {
    if (!this.#elements.isPrimitive(type) || !this.#elements.isPrimitive(other)) return false;
    return formOf(type) === formOf(other);
  }

  #ofParts(child: ChildDefinition, parts: readonly unknown[], depth: number): Content {
    const { definition, properties } = child;
    const only = properties.length === 1 ? properties[0]! : undefined;
    if (only === undefined || this.#elements.isPrimitive(only.type) || only.type === 'Resource') {
      throw new OperationFault(`${definition.name} cannot be made of parts: give its value by value[x]`);
    }
    const children = this.#elements.childrenOf(definition, only.type);
    const object: JsonObject = {};
    this.#work.spend(parts.length);
    for (const part of parts) this.#addPart(object, definition, children, part, depth);
    return { name: only.name, json: object, companion: undefined };
  }

  #addPart(
    object: JsonObject,
    above: ElementDefinition,
    children: readonly ElementDefinition[],
    part: unknown,
    depth: number,
  ): void {
    const name = isJsonObject(part) ? part.name : undefined;
    const child = typeof name === 'string' ? this.#elements.child(children, name) : undefined;
    if (child === undefined) {
      throw new OperationFault(`a part of the value names no element that ${above.name} has`);
    }
    this.add(object, child, this.content(child, part as JsonObject, depth));
  }
}

function formOf(primitive: string): string {
  if (primitive === 'boolean') return primitive;
  return NUMBERS.has(primitive) ? 'number' : 'string';
}
