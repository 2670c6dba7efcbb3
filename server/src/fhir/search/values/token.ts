import type { TokenValue } from '../ast.ts';
import { ValueFault } from '../faults.ts';
import { splitUnescaped, unescapeValue } from '../split.ts';

/** `code`, `system|code`, `|code` or `system|` (http://hl7.org/fhir/R4/search.html#token). @throws ValueFault */
export function parseToken(text: string): TokenValue {
  const parts = splitUnescaped(text, '|').map(unescapeValue);
  const [first = '', second] = parts;
  if (parts.length > 2 || (first === '' && !second)) {
    throw new ValueFault(
      'is no token: write code, system|code, |code (without a system) or system| (any of its codes); a | within a part is \\|.',
    );
  }
  if (second === undefined) return { code: first };
  return second === '' ? { system: first } : { system: first, code: second };
}

/** `system|code|value` of `:of-type`: an identifier by its type. @throws ValueFault */
export function parseOfType(text: string): { system: string; code: string; value: string } {
  const parts = splitUnescaped(text, '|').map(unescapeValue);
  const [system = '', code = '', value = ''] = parts;
  if (parts.length !== 3 || parts.includes('')) {
    throw new ValueFault(
      'does not name an identifier by its type: write system|code|value, the system and code of Identifier.type and the identifier, none of them empty.',
    );
  }
  return { system, code, value };
}
