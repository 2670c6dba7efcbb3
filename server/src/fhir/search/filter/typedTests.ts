import type { Definitions, SearchParameterDefinition } from '../../definitions/types.ts';
import type { Condition, Prefix, StringMatch, TokenValue, UriMatch } from '../ast.ts';
import { escapeValue } from '../split.ts';
import { compareDate } from '../values/date.ts';
import { compositeParts, parseComposite } from '../values/composite.ts';
import { parseNear } from '../values/near.ts';
import { compareNumber } from '../values/number.ts';
import { compareQuantity } from '../values/quantity.ts';
import { parseReference } from '../values/reference.ts';
import { parseString } from '../values/string.ts';
import { parseToken } from '../values/token.ts';
import { parseUri } from '../values/uri.ts';
import { ValueFault, unusable } from '../faults.ts';

/** Short names of code systems (http://hl7.org/fhir/R4/search_filter.html#ops). */
const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['loinc', 'http://loinc.org'],
  ['snomed', 'http://snomed.info/sct'],
  ['rxnorm', 'http://www.nlm.nih.gov/research/umls/rxnorm'],
  ['ucum', 'http://unitsofmeasure.org'],
]);

const STRING_MATCH: Readonly<Record<string, StringMatch>> = {
  co: 'contains',
  sw: 'starts-with',
  ew: 'ends-with',
};

/** Operators on what has an order: as the prefixes of parameters. @throws ValueFault */
export function ordering(
  parameter: SearchParameterDefinition,
  operator: string,
  text: string,
): Condition | undefined {
  const prefix = operator as Prefix;
  switch (parameter.type) {
    case 'date':
      return { kind: 'date', parameter, comparisons: [compareDate(prefix, text)] };
    case 'number':
      return { kind: 'number', parameter, comparisons: [compareNumber(prefix, text)] };
    case 'quantity':
      return { kind: 'quantity', parameter, quantities: [withSystem(compareQuantity(prefix, text))] };
    default:
      return undefined;
  }
}

/** `co`, `sw` and `ew`; on tokens of the texts that go with them, as `:text`. @throws ValueFault */
export function matching(
  parameter: SearchParameterDefinition,
  operator: string,
  text: string,
): Condition | undefined {
  const match = STRING_MATCH[operator];
  if (match === undefined) return undefined;
  const value = parseString(escapeValue(text));
  if (parameter.type === 'string') return { kind: 'string', parameter, match, values: [value] };
  if (parameter.type === 'uri') return { kind: 'uri', parameter, match: match as UriMatch, uris: [value] };
  const textMatch = match === 'contains' ? 'contains' : 'starts-with';
  return { kind: 'token-text', parameter, match: textMatch, texts: [value] };
}

/** `eq`, `re`, and `ne` of what has one value: it is there, and not equal. @throws ValueFault */
export function equality(
  definitions: Definitions,
  parameter: SearchParameterDefinition,
  operator: string,
  text: string,
): Condition {
  const condition = equal(definitions, parameter, text);
  if (operator !== 'ne') return condition;
  return {
    kind: 'and',
    conditions: [
      { kind: 'missing', parameter, missing: false },
      { kind: 'not', condition },
    ],
  };
}

function equal(definitions: Definitions, parameter: SearchParameterDefinition, text: string): Condition {
  switch (parameter.type) {
    case 'string':
      return { kind: 'string', parameter, match: 'equals', values: [parseString(escapeValue(text))] };
    case 'uri':
      return { kind: 'uri', parameter, match: 'exact', uris: [parseUri(escapeValue(text))] };
    case 'token':
      return { kind: 'token', parameter, tokens: [withSystem(parseToken(text))] };
    case 'reference':
      return {
        kind: 'reference',
        parameter,
        references: [parseReference(definitions, parameter, escapeValue(text))],
      };
    case 'composite': {
      const parts = compositeParts(definitions, parameter);
      if (!parts) throw unusable(`the parts of the composite '${parameter.code}' are not defined here.`);
      return { kind: 'composite', parameter, values: [parseComposite(definitions, parts, text)] };
    }
    case 'special':
      if (parameter.code === 'near') return { kind: 'near', parameter, places: [parseNear(text)] };
      throw unusable(`the special parameter '${parameter.code}' has no meaning here.`);
    default:
      throw new ValueFault(`cannot be compared with '${parameter.code}'.`);
  }
}

/** A short name of a system instead of its URI. */
export function withSystem<T extends TokenValue>(value: T): T {
  const system = value.system === undefined ? undefined : SYSTEMS.get(value.system);
  return system === undefined ? value : { ...value, system };
}
