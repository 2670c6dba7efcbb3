import { fhirError } from '../outcome.ts';
import type { JsonObject, Resource } from '../resource.ts';
import {
  AFTER_LAST,
  arrayIndex,
  parsePointer,
  pointerExpression,
  pointerText,
  type Pointer,
} from './pointer.ts';
import { copyInto, copyTree, isJsonObject, member, sameJson, setMember } from './tree.ts';
import { Work } from './work.ts';

/** Most operations of one JSON Patch. */
export const JSON_PATCH_OPERATIONS_MAX = 10_000;

/** One operation (RFC 6902 4). */
type JsonOperation =
  | { op: 'add' | 'replace' | 'test'; path: Pointer; value: unknown }
  | { op: 'remove'; path: Pointer }
  | { op: 'move' | 'copy'; path: Pointer; from: Pointer };

/** Reads a JSON Patch document (RFC 6902). @throws FhirError `incorrect` with the number of the faulty operation */
export function readJsonPatch(document: unknown): (resource: Resource) => unknown {
  if (!Array.isArray(document)) throw malformed('A JSON Patch is an array of operations.');
  if (document.length > JSON_PATCH_OPERATIONS_MAX) {
    const text = `A JSON Patch may have ${JSON_PATCH_OPERATIONS_MAX} operations: send fewer, or PUT the whole resource.`;
    throw fhirError('incorrect', 'too-costly', text);
  }
  const operations = document.map(readOperation);
  return (resource) => new Patching(resource).run(operations);
}

function readOperation(operation: unknown, index: number): JsonOperation {
  const where = `Operation ${index}`;
  if (!isJsonObject(operation)) throw malformed(`${where} must be an object.`);
  const op = member(operation, 'op');
  const path = pointerOf(operation, 'path', where);
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      if (!Object.hasOwn(operation, 'value')) throw malformed(`${where} (${op}) needs a value.`);
      return { op, path, value: operation.value };
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return { op, path, from: pointerOf(operation, 'from', where) };
    default:
      throw malformed(`The op of operation ${index} must be add, remove, replace, move, copy or test.`);
  }
}

function pointerOf(operation: JsonObject, name: string, where: string): Pointer {
  const text = member(operation, name);
  const pointer = typeof text === 'string' ? parsePointer(text) : undefined;
  if (pointer !== undefined) return pointer;
  throw malformed(`The ${name} of ${where.toLowerCase()} must be a JSON Pointer, such as /name/0/family.`);
}

const malformed = (text: string) => fhirError('incorrect', 'structure', text);

/** One run of a patch on a copy of a resource. */
class Patching {
  readonly #resourceType: string;
  readonly #work = new Work();
  #root: unknown;
  #at = '';

  constructor(resource: Resource) {
    this.#resourceType = resource.resourceType;
    this.#root = copyTree(resource);
  }

  run(operations: readonly JsonOperation[]): unknown {
    operations.forEach((operation, index) => {
      this.#at = `Operation ${index} (${operation.op})`;
      this.#apply(operation);
    });
    return this.#root;
  }

  #apply(operation: JsonOperation): void {
    const { op, path } = operation;
    switch (op) {
      case 'add':
        return this.#add(path, this.#forPlace(operation.value, path));
      case 'remove':
        this.#remove(path);
        return;
      case 'replace':
        this.#existing(path);
        return this.#set(path, this.#forPlace(operation.value, path));
      case 'copy':
        return this.#add(path, this.#forPlace(this.#existing(operation.from), path));
      case 'move':
        return this.#move(operation.from, path);
      case 'test':
        if (!sameJson(this.#existing(path), operation.value)) {
          throw this.#failed(path, `what is at ${pointerText(path)} is not the value of the test`);
        }
    }
  }

  #move(from: Pointer, path: Pointer): void {
    const isInside = path.length > from.length && from.every((step, i) => step === path[i]);
    if (isInside) throw this.#failed(from, `${pointerText(from)} cannot be moved into itself`);
    const value = this.#forPlace(this.#existing(from), path);
    this.#remove(from);
    this.#add(path, value);
  }

  /** A copy: later operations may change it, and the patch may be applied again. */
  #forPlace(value: unknown, path: Pointer): unknown {
    return copyInto(value, path.length, this.#work);
  }

  #add(path: Pointer, value: unknown): void {
    const [parent, last] = this.#parent(path);
    if (!Array.isArray(parent)) return this.#set(path, value);
    const index = last === AFTER_LAST ? parent.length : arrayIndex(last);
    if (index === undefined || index > parent.length) {
      throw this.#failed(
        path,
        `${pointerText(path)} is no place in the list: its indexes go to ${parent.length}`,
      );
    }
    this.#shift(parent, index);
    parent.splice(index, 0, value);
  }

  #remove(path: Pointer): void {
    this.#existing(path);
    const [parent, last] = this.#parent(path);
    if (Array.isArray(parent)) {
      this.#shift(parent, Number(last));
      parent.splice(Number(last), 1);
    } else if (isJsonObject(parent)) delete parent[last];
    else this.#root = null;
  }

  /** In an array at an index that is there. */
  #set(path: Pointer, value: unknown): void {
    const [parent, last] = this.#parent(path);
    if (Array.isArray(parent)) parent[Number(last)] = value;
    else if (isJsonObject(parent)) setMember(parent, last, value);
    else this.#root = value;
  }

  /** Items of a list that all move up or down cost time. */
  #shift(items: readonly unknown[], index: number): void {
    this.#work.spend((items.length - index) / 8);
  }

  /** The object or array that a pointer leads into, and the name or index there; undefined for the whole document. */
  #parent(path: Pointer): [unknown[] | JsonObject | undefined, string] {
    const last = path.at(-1);
    if (last === undefined) return [undefined, ''];
    const above = path.slice(0, -1);
    const parent = this.#existing(above);
    if (Array.isArray(parent) || isJsonObject(parent)) return [parent, last];
    throw this.#failed(above, `${pointerText(above)} is neither an object nor a list`);
  }

  #existing(path: Pointer): unknown {
    let value = this.#root;
    path.forEach((step, i) => {
      value = childAt(value, step);
      if (value !== undefined) return;
      const missing = path.slice(0, i + 1);
      throw this.#failed(missing, `there is no ${pointerText(missing)}`);
    });
    return value;
  }

  #failed(path: Pointer, why: string) {
    const text = `${this.#at} cannot be applied: ${why}. Nothing was changed.`;
    return fhirError('unprocessable', 'processing', text, pointerExpression(this.#resourceType, path));
  }
}

function childAt(value: unknown, step: string): unknown {
  if (isJsonObject(value)) return member(value, step);
  const index = Array.isArray(value) ? arrayIndex(step) : undefined;
  return index === undefined ? undefined : (value as unknown[])[index];
}
