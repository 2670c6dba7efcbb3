import type { Definitions } from '../../definitions/types.ts';
import { createPathEngine, type PathEngine } from '../../path/engine.ts';
import { fhirError } from '../../outcome.ts';
import type { Resource } from '../../resource.ts';
import { copyTree } from '../tree.ts';
import { Work } from '../work.ts';
import { Editor } from './edit.ts';
import { Elements } from './elements.ts';
import { OperationFault } from './operationFault.ts';
import { operationExpression, readOperations, type FhirPathOperation } from './operations.ts';

/**
 * Reads a FHIRPath Patch (http://hl7.org/fhir/R4/fhirpatch.html).
 *
 * @param patch a Parameters resource, as exact tree
 * @throws FhirError `incorrect` with the faulty part
 */
export function readFhirPathPatch(
  patch: unknown,
  definitions: Definitions,
): (resource: Resource) => Resource {
  let engine: PathEngine | undefined;
  const operations = readOperations(patch, definitions, () => (engine ??= createPathEngine()));
  return (resource) => applied(operations, definitions, resource);
}

function applied(
  operations: readonly FhirPathOperation[],
  definitions: Definitions,
  resource: Resource,
): Resource {
  const patched = copyTree(resource) as Resource;
  const elements = new Elements(definitions, patched);
  const work = new Work();
  const editor = new Editor(elements, work);
  operations.forEach((operation, index) => {
    try {
      apply(operation, elements, editor, work);
    } catch (error) {
      if (!(error instanceof OperationFault)) throw error;
      const text = `Operation ${index} (${operation.type}) cannot be applied: ${error.message}. Nothing was changed.`;
      throw fhirError('unprocessable', 'processing', text, operationExpression(index));
    }
  });
  return patched;
}

function apply(operation: FhirPathOperation, elements: Elements, editor: Editor, work: Work): void {
  const found = operation.path.locate(elements, work);
  switch (operation.type) {
    case 'add':
      return editor.add(found, operation.name, operation.value);
    case 'insert':
      return editor.insert(found, operation.index, operation.value);
    case 'delete':
      return editor.delete(found);
    case 'replace':
      return editor.replace(found, operation.value);
    case 'move':
      return editor.move(found, operation.source, operation.destination);
  }
}
