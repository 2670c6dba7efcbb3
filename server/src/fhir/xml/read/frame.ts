import type { JsonObject } from '../../resource.ts';
import type { ElementShape, Shape } from '../shapes.ts';

/** Child elements of one name, which stand together. */
interface Run {
  element: ElementShape;
  /** Of each its value, null where it has none. */
  values: unknown[];
  /** Ids and extensions of primitives, by their index; empty where none has any. */
  siblings: (JsonObject | null)[];
}

/** An element that is open, and what becomes of it in JSON. */
export class Frame {
  readonly parent: Frame | undefined;
  /** As what it stands in its parent; undefined: it is a resource. */
  readonly element: ElementShape | undefined;
  /** What may stand in it; undefined: one resource of any type has to. */
  readonly shape: Shape | undefined;
  /** Objects and arrays that it is nested in, itself included. */
  readonly depth: number;
  /** The object that it becomes; of a primitive its id and extensions. */
  object: JsonObject = {};
  /** Of a primitive its value; of an element that a resource stands in that resource, undefined where it was given up. */
  value: unknown = null;
  #run: Run | undefined;

  constructor(parent: Frame | undefined, element: ElementShape | undefined, shape: Shape | undefined) {
    this.parent = parent;
    this.element = element;
    this.shape = shape;
    this.depth = parent === undefined ? 1 : parent.depth + levelsOf(element);
  }

  /** The child elements that were read last. */
  get last(): ElementShape | undefined {
    return this.#run?.element;
  }

  /** FHIRPath to it, `Patient.contact[0]`, or to the child that is read next. */
  path(child?: ElementShape): string {
    if (child !== undefined) {
      const index = this.last === child ? this.#run!.values.length : 0;
      return `${this.path()}.${child.stem}${child.isList ? `[${index}]` : ''}`;
    }
    if (this.parent === undefined) return String(this.object.resourceType);
    return this.element === undefined ? this.parent.path() : this.parent.path(this.element);
  }

  /** Begins with the next child element, of the same name as the last or of one that stands behind it. */
  expect(element: ElementShape): void {
    if (this.last === element) return;
    this.#store();
    this.#run = { element, values: [], siblings: [] };
  }

  /** Takes what became of the child that was expected. @param sibling id and extensions of a primitive */
  add(value: unknown, sibling?: JsonObject): void {
    const { values, siblings } = this.#run!;
    if (sibling !== undefined) siblings[values.length] = sibling;
    values.push(value);
  }

  /** The whole object. */
  finish(): JsonObject {
    this.#store();
    return this.object;
  }

  #store(): void {
    if (this.#run === undefined) return;
    const { element, values, siblings } = this.#run;
    const { name, isList } = element;
    if (!isList) {
      if (values[0] !== null && values[0] !== undefined) this.object[name] = values[0];
      if (siblings[0] !== undefined) this.object[`_${name}`] = siblings[0];
      return;
    }
    // Where no item has a value, the array would be one of nulls, which JSON leaves out.
    if (values.some((value) => value !== null)) this.object[name] = values;
    if (siblings.length > 0) this.object[`_${name}`] = values.map((_value, i) => siblings[i] ?? null);
  }
}

/** How much deeper JSON is nested in the child of an element. */
function levelsOf(element: ElementShape | undefined): number {
  if (element === undefined) return 0; // its element is the same object
  return element.isList ? 2 : 1;
}
