import type { Definitions, SearchParameterDefinition } from '../../definitions/types.ts';
import type { PartValue } from '../ast.ts';
import { ValueFault } from '../faults.ts';
import { splitUnescaped } from '../split.ts';
import { parseDate } from './date.ts';
import { parseNumber } from './number.ts';
import { parseQuantity } from './quantity.ts';
import { parseReference } from './reference.ts';
import { parseString } from './string.ts';
import { parseToken } from './token.ts';
import { parseUri } from './uri.ts';

/** The parameters whose values a composite joins; undefined when one of them is not defined here. */
export function compositeParts(
  definitions: Definitions,
  parameter: SearchParameterDefinition,
): SearchParameterDefinition[] | undefined {
  const parts = (parameter.component ?? []).map((part) => definitions.searchParameterByUrl(part.definition));
  return parts.length === 0 || parts.includes(undefined) ? undefined : (parts as SearchParameterDefinition[]);
}

/** `part$part` (http://hl7.org/fhir/R4/search.html#composite). @throws ValueFault */
export function parseComposite(
  definitions: Definitions,
  parts: readonly SearchParameterDefinition[],
  text: string,
): PartValue[] {
  const texts = splitUnescaped(text, '$');
  if (texts.length !== parts.length || texts.includes('')) {
    const form = parts.map((part) => part.code).join('$');
    throw new ValueFault(`has not its ${parts.length} parts: write ${form}; a $ within a part is \\$.`);
  }
  return parts.map((part, i) => inPart(i + 1, () => parsePart(definitions, part, texts[i]!)));
}

function inPart(number: number, read: () => PartValue): PartValue {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValueFault)
      throw new ValueFault(`has a wrong part ${number}, which ${error.message}`);
    throw error;
  }
}

function parsePart(definitions: Definitions, part: SearchParameterDefinition, text: string): PartValue {
  switch (part.type) {
    case 'token':
      return { kind: 'token', token: parseToken(text) };
    case 'reference':
      return { kind: 'reference', reference: parseReference(definitions, part, text) };
    case 'string':
      return { kind: 'string', value: parseString(text) };
    case 'uri':
      return { kind: 'uri', value: parseUri(text) };
    case 'number':
      return { kind: 'number', comparison: parseNumber(text) };
    case 'date':
      return { kind: 'date', comparison: parseDate(text) };
    case 'quantity':
      return { kind: 'quantity', quantity: parseQuantity(text) };
    default:
      throw new ValueFault(`cannot be searched, as a part of type ${part.type} has no values of its own.`);
  }
}
