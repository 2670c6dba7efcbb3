import type { Definitions } from '../../definitions/types.ts';
import type { PathEngine } from '../../path/engine.ts';
import { fhirError } from '../../outcome.ts';
import type { JsonObject } from '../../resource.ts';
import { isJsonObject } from '../tree.ts';
import { Work } from '../work.ts';
import { OperationFault } from './operationFault.ts';
import { PatchPath } from './paths.ts';

/** Most operations of one FHIRPath Patch. */
export const FHIRPATH_PATCH_OPERATIONS_MAX = 1_000;

/** One operation (http://hl7.org/fhir/R4/fhirpatch.html#concept); a value is the part that brings it. */
export type FhirPathOperation =
  | { type: 'add'; path: PatchPath; name: string; value: JsonObject }
  | { type: 'insert'; path: PatchPath; index: number; value: JsonObject }
  | { type: 'delete'; path: PatchPath }
  | { type: 'replace'; path: PatchPath; value: JsonObject }
  | { type: 'move'; path: PatchPath; source: number; destination: number };

/** The parts that each operation has, besides its type and path. */
const PARTS: Readonly<Record<FhirPathOperation['type'], readonly string[]>> = {
  add: ['name', 'value'],
  insert: ['index', 'value'],
  delete: [],
  replace: ['value'],
  move: ['source', 'destination'],
};

/** FHIRPath of an operation of a patch. */
export const operationExpression = (index: number) => `Parameters.parameter[${index}]`;

/**
 * Reads the operations of a FHIRPath Patch.
 *
 * @param patch a Parameters resource, as exact tree
 * @throws FhirError `incorrect` with the faulty part, `unprocessable` when reading the paths takes too long
 */
export function readOperations(
  patch: unknown,
  definitions: Definitions,
  engine: () => PathEngine,
): FhirPathOperation[] {
  if (!isJsonObject(patch) || patch.resourceType !== 'Parameters') {
    const text =
      'A FHIRPath Patch is a Parameters resource with a parameter named operation for each operation: say by its media type if the patch is another one, application/json-patch+json or application/merge-patch+json.';
    throw fhirError('incorrect', 'structure', text, 'resourceType');
  }
  const parameters: unknown = patch.parameter ?? [];
  if (!Array.isArray(parameters)) {
    throw fhirError('incorrect', 'structure', 'Parameters.parameter must be a list.', 'Parameters.parameter');
  }
  if (parameters.length > FHIRPATH_PATCH_OPERATIONS_MAX) {
    const text = `A FHIRPath Patch may have ${FHIRPATH_PATCH_OPERATIONS_MAX} operations: send fewer, or PUT the whole resource.`;
    throw fhirError('incorrect', 'too-costly', text, 'Parameters.parameter');
  }
  const paths = { definitions, engine, work: new Work() };
  return parameters.map((parameter, index) => new Operation(parameter, index).read(paths));
}

/** What paths are read with. */
interface PathParts {
  definitions: Definitions;
  engine: () => PathEngine;
  work: Work;
}

/** A parameter named operation, with its parts by name. */
class Operation {
  readonly #expression: string;
  readonly #parts = new Map<string, { part: JsonObject; expression: string }>();

  constructor(parameter: unknown, index: number) {
    this.#expression = operationExpression(index);
    if (!isJsonObject(parameter) || parameter.name !== 'operation') {
      throw this.#fault(
        'Every parameter of a FHIRPath Patch is named operation.',
        `${this.#expression}.name`,
      );
    }
    const parts: unknown[] = Array.isArray(parameter.part) ? parameter.part : [];
    parts.forEach((part, i) => this.#take(part, `${this.#expression}.part[${i}]`));
  }

  #take(part: unknown, expression: string): void {
    if (!isJsonObject(part) || typeof part.name !== 'string') {
      throw this.#fault('Every part of an operation has a name.', expression);
    }
    if (this.#parts.has(part.name)) {
      throw this.#fault('An operation has a part of each name once.', expression);
    }
    this.#parts.set(part.name, { part, expression });
  }

  read(paths: PathParts): FhirPathOperation {
    const type = this.#text('type');
    if (!isOperationType(type)) {
      throw this.#fault(
        'The type of an operation is add, insert, delete, replace or move.',
        this.#at('type'),
      );
    }
    for (const [name, { expression }] of this.#parts) {
      if (name === 'type' || name === 'path' || PARTS[type].includes(name)) continue;
      const others = PARTS[type].map((part) => `, ${part}`).join('');
      throw this.#fault(`The parts of the operation ${type} are type, path${others}.`, expression);
    }
    const path = this.#path(paths);
    switch (type) {
      case 'add':
        return { type, path, name: this.#text('name'), value: this.#part('value') };
      case 'insert':
        return { type, path, index: this.#index('index'), value: this.#part('value') };
      case 'delete':
        return { type, path };
      case 'replace':
        return { type, path, value: this.#part('value') };
      case 'move':
        return { type, path, source: this.#index('source'), destination: this.#index('destination') };
    }
  }

  #path({ definitions, engine, work }: PathParts): PatchPath {
    const text = this.#text('path');
    try {
      return new PatchPath(text, definitions, engine, work);
    } catch (error) {
      if (!(error instanceof OperationFault)) throw error;
      throw this.#fault(`The operation cannot be used: ${error.message}.`, this.#at('path'));
    }
  }

  #part(name: string): JsonObject {
    const found = this.#parts.get(name);
    if (found !== undefined) return found.part;
    throw fhirError('incorrect', 'required', `The operation needs a part named ${name}.`, this.#expression);
  }

  #at(name: string): string {
    return this.#parts.get(name)?.expression ?? this.#expression;
  }

  #text(name: string): string {
    const value = valueOf(this.#part(name));
    if (typeof value === 'string') return value;
    throw this.#fault(
      `The ${name} of an operation is a ${name === 'type' ? 'code' : 'string'}.`,
      this.#at(name),
    );
  }

  #index(name: string): number {
    const value = valueOf(this.#part(name));
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
    throw this.#fault(`The ${name} of an operation is an integer from 0.`, this.#at(name));
  }

  #fault(text: string, expression: string) {
    return fhirError('incorrect', 'value', text, expression);
  }
}

const isOperationType = (type: string): type is FhirPathOperation['type'] => Object.hasOwn(PARTS, type);

/** What stands in value[x], of any type: clients write `type` as code and as string. */
function valueOf(part: JsonObject): unknown {
  const name = Object.keys(part).find((key) => /^value[A-Z]/.test(key));
  return name === undefined ? undefined : part[name];
}
