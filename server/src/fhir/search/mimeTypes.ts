import type { Definitions, ElementDefinition, SearchParameterDefinition } from '../definitions/types.ts';
import { childElements } from '../path/resolvePath.ts';
import type { TokenValue } from './ast.ts';
import { ValueFault } from './faults.ts';

const MIME_TYPES = 'http://hl7.org/fhir/ValueSet/mimetypes';

/** Whether the values of a parameter are MIME types: codes of which `:below` needs no terminology. */
export function hasMimeTypes(
  definitions: Definitions,
  type: string,
  { expression = '' }: SearchParameterDefinition,
): boolean {
  const [root, ...names] = expression.split('.');
  if (root !== type) return false;
  let elements: readonly ElementDefinition[] = definitions.type(type)?.elements ?? [];
  let found: ElementDefinition | undefined;
  for (const name of names) {
    found = elements.find((element) => element.name === name);
    if (!found) return false;
    elements = childElements(definitions, found, found.types[0]?.code ?? '') ?? [];
  }
  return found?.requiredValueSet === MIME_TYPES;
}

/** `text/xml`, or `text`, `text/` or `text/*` for all texts, as they stand in the resource. @throws ValueFault */
export function mimeTypeOf({ system, code = '' }: TokenValue): string {
  if (!system && /^[\w.+-]+(\/([\w.+-]+|\*)?)?$/.test(code)) return code.replace(/\/\*?$/, '');
  throw new ValueFault(
    'is no MIME type without parameters: write one such as text/xml, or text for all texts.',
  );
}
