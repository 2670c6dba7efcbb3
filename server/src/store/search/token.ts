import { splitUnescaped, unescapeValue } from '../../fhir/search/split.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { Criterion } from '../../fhir/search/ast.ts';
import { anyKey, type ConditionContext } from './context.ts';

/** `code`, `system|code`, `|code`, `system|` (http://hl7.org/fhir/R4/search.html#token) */
export function tokenCondition(context: ConditionContext, criterion: Criterion): string {
  const keys = criterion.values.flatMap((value) =>
    context.index.tokenKeys(context.type, criterion.parameter, parseToken(criterion.parameter.code, value)),
  );
  return anyKey(context, keys);
}

/** `system` is '' for `|code` (no system), absent for a bare code. */
export interface TokenValue {
  system?: string;
  code?: string;
}

function parseToken(name: string, value: string): TokenValue {
  const parts = splitUnescaped(value, '|').map(unescapeValue);
  if (parts.length === 1) return { code: parts[0]! };
  const [system, code] = parts as [string, string];
  if (parts.length > 2 || (system === '' && code === '')) {
    throw fhirError(
      'incorrect',
      'invalid',
      `A value of '${name}' must be code, system|code, |code or system|.`,
    );
  }
  return code === '' ? { system } : { system, code };
}
