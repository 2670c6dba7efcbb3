import type { ElementDefinition } from '../../definitions/types.ts';
import type { JsonObject } from '../../resource.ts';
import { isJsonObject } from '../tree.ts';
import type { Work } from '../work.ts';
import {
  itemCount,
  insertItem,
  moveItem,
  removeContent,
  removeItem,
  setContent,
  setItem,
} from './content.ts';
import type { Elements, PlacedElement } from './elements.ts';
import { OperationFault } from './operationFault.ts';
import { Values } from './value.ts';

/** Items that one move of a list shifts at the cost of a unit. */
const SHIFTED_PER_UNIT = 8;

/** What the operations do to the elements that their paths lead to (http://hl7.org/fhir/R4/fhirpatch.html#concept). */
export class Editor {
  readonly #elements: Elements;
  readonly #values: Values;
  readonly #work: Work;

  constructor(elements: Elements, work: Work) {
    this.#elements = elements;
    this.#values = new Values(elements, work);
    this.#work = work;
  }

  /** Adds a child to the only element that was found. */
  add(found: readonly PlacedElement[], name: string, value: JsonObject): void {
    const element = single(found);
    const child = this.#elements.child(element.children, name);
    if (child === undefined) throw new OperationFault(`${element.type} has no element of the given name`);
    const content = this.#values.content(child, value, this.#elements.depth(element));
    this.#values.add(this.#objectOf(element), child, content);
  }

  /** Puts an item into the list that was found. */
  insert(found: readonly PlacedElement[], index: number, value: JsonObject): void {
    const { object, first, length } = this.#list(found);
    if (index > length) throw new OperationFault(`its index is beyond the list, which has ${length} items`);
    const { definition, name, type, parent } = first;
    const child = {
      definition: definition!,
      properties: [{ name, type: definition!.types[0]?.code ?? type }],
    };
    insertItem(object, index, this.#values.content(child, value, this.#elements.depth(parent!)));
  }

  /** Removes the element, and what is empty without it. Nothing to remove is no fault. */
  delete(found: readonly PlacedElement[]): void {
    if (found.length > 0) this.#remove(belowRoot(single(found)));
  }

  replace(found: readonly PlacedElement[], value: JsonObject): void {
    const { parent, definition, name, index } = belowRoot(single(found));
    const object = this.#elements.object(parent)!;
    const child = this.#elements.child(parent.children, definition.name)!;
    const content = this.#values.content(child, value, this.#elements.depth(parent));
    if (index !== undefined) return setItem(object, index, content);
    if (content.name !== name) removeContent(object, name);
    setContent(object, content);
  }

  /** Moves an item of the list that was found to the index that it has afterwards. */
  move(found: readonly PlacedElement[], source: number, destination: number): void {
    const { object, first, length } = this.#list(found);
    if (Math.max(source, destination) >= length) {
      throw new OperationFault(`its source or destination is beyond the list, which has ${length} items`);
    }
    moveItem(object, first.name, source, destination);
  }

  /** The list that the elements are the whole of. */
  #list(found: readonly PlacedElement[]) {
    const [first] = found;
    if (first === undefined) {
      throw new OperationFault('its path leads to no element: a list is begun with add');
    }
    const object = first.parent && this.#elements.object(first.parent);
    const isList = first.index !== undefined && object !== undefined;
    const { length } = isList ? [...this.#elements.childrenNamed(first.parent!, first.name)] : [];
    const isWhole =
      length === found.length &&
      found.every(
        ({ parent, name }) => parent && this.#elements.object(parent) === object && name === first.name,
      );
    if (!isList || !isWhole) throw new OperationFault('its path must lead to all the items of one list');
    this.#work.spend(length / SHIFTED_PER_UNIT);
    return { object, first, length };
  }

  /** The object that children stand in, made where a primitive has none yet. */
  #objectOf(element: PlacedElement): JsonObject {
    const present = this.#elements.object(element);
    if (present !== undefined) return present;
    const companion: JsonObject = {};
    const above = this.#elements.object(element.parent!)!;
    const content = { name: element.name, json: this.#elements.value(element), companion };
    if (element.index === undefined) setContent(above, content);
    else setItem(above, element.index, content);
    return companion;
  }

  #remove({ parent, name, index }: BelowRoot): void {
    const object = this.#elements.object(parent)!;
    if (index === undefined) removeContent(object, name);
    else {
      this.#work.spend(itemCount(object, name) / SHIFTED_PER_UNIT);
      removeItem(object, name, index);
    }
    if (Object.keys(object).length === 0 && parent.parent !== undefined) this.#removeEmpty(belowRoot(parent));
  }

  /** FHIR has no empty elements. A primitive stays, without the extensions that it had, while it has a value. */
  #removeEmpty(element: BelowRoot): void {
    const json = this.#elements.value(element);
    if (isJsonObject(json) || json === undefined || json === null) return this.#remove(element);
    const above = this.#elements.object(element.parent)!;
    const content = { name: element.name, json, companion: undefined };
    if (element.index === undefined) setContent(above, content);
    else setItem(above, element.index, content);
  }
}

function single(found: readonly PlacedElement[]): PlacedElement {
  if (found.length === 1) return found[0]!;
  throw new OperationFault(
    found.length === 0
      ? 'its path leads to no element'
      : `its path leads to ${found.length} elements, and must lead to one`,
  );
}

type BelowRoot = PlacedElement & { parent: PlacedElement; definition: ElementDefinition };

function belowRoot(element: PlacedElement): BelowRoot {
  if (element.parent !== undefined && element.definition !== undefined) return element as BelowRoot;
  throw new OperationFault('its path leads to the resource itself: name an element of it');
}
