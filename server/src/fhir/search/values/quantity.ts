import type { Comparison, Prefix, QuantityComparison } from '../ast.ts';
import { ValueFault } from '../faults.ts';
import { splitUnescaped, unescapeValue } from '../split.ts';
import { compareNumber, parseNumber } from './number.ts';

/**
 * `[prefix]number`, `[prefix]number|system|code` or `[prefix]number||code` (http://hl7.org/fhir/R4/search.html#quantity).
 * `number||` is a number alone: so HAPI's client writes one without a unit.
 *
 * @throws ValueFault
 */
export function parseQuantity(text: string): QuantityComparison {
  return readQuantity(text, parseNumber);
}

/** A quantity without prefix. @throws ValueFault */
export function compareQuantity(prefix: Prefix, text: string): QuantityComparison {
  return readQuantity(text, (number) => compareNumber(prefix, number));
}

function readQuantity(text: string, readNumber: (text: string) => Comparison): QuantityComparison {
  const [number = '', ...unit] = splitUnescaped(text, '|');
  const [system = '', code = ''] = unit.map(unescapeValue);
  const isWhole = unit.length === 0 || unit.length === 2;
  if (!isWhole || (system !== '' && code === '')) {
    throw new ValueFault(
      'is no quantity: write number, number|system|code or number||code (the unit in any system).',
    );
  }
  const comparison = readNumber(number);
  if (code === '') return comparison;
  return system === '' ? { ...comparison, code } : { ...comparison, system, code };
}
