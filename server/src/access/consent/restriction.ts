import type { DateSpan } from '../../fhir/dates.ts';
import type { TokenValue } from '../../fhir/search/ast.ts';

/** Which resources of one patient and type: all (`true`), none, or those with something. Plain data, so that equal ones have equal texts. */
export type Restriction =
  | boolean
  /** Their main date has something in common with the span, or there is none; `within`: it lies within the span. */
  | { kind: 'overlapping' | 'within'; span: DateSpan }
  /** With one of these security labels. */
  | { kind: 'labelled'; labels: readonly TokenValue[] }
  /** That say of themselves (meta.profile) that they conform to one of these. */
  | { kind: 'profiled'; profiles: readonly string[] }
  | { kind: 'named'; ids: readonly string[] }
  | { kind: 'and' | 'or'; parts: readonly Restriction[] }
  | { kind: 'not'; part: Restriction };

export const allOf = (...parts: readonly Restriction[]): Restriction => combined('and', parts);
export const anyOf = (...parts: readonly Restriction[]): Restriction => combined('or', parts);

export function not(part: Restriction): Restriction {
  if (typeof part === 'boolean') return !part;
  return part.kind === 'not' ? part.part : { kind: 'not', part };
}

function combined(kind: 'and' | 'or', parts: readonly Restriction[]): Restriction {
  /** What says nothing in such a combination. */
  const neutral = kind === 'and';
  const kept = new Map<string, Restriction>();
  for (const part of parts) {
    if (part === neutral) continue;
    if (typeof part === 'boolean') return part;
    kept.set(textOf(part), part);
  }
  const [only, ...others] = [...kept.values()];
  if (only === undefined) return neutral;
  return others.length === 0 ? only : { kind, parts: [only, ...others] };
}

/** The same text for the same restriction, and for no other. */
export function textOf(restriction: Restriction): string {
  return JSON.stringify(restriction, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}
