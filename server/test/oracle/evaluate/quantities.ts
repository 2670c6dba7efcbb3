import type { Comparison } from './comparison.ts';
import { satisfies } from './comparison.ts';
import { exactly, numberComparison } from './numbers.ts';
import type { Typed } from './paths.ts';
import { excluding, HIGHEST, including, LOWEST, type End, type Span } from './span.ts';
import { splitAt, unescape } from './split.ts';
import { convertEnd, toBase } from './units.ts';
import { object, text, type Json } from './world.ts';

const CURRENCIES = 'urn:iso:std:iso:4217';

/** A quantity of a resource: its range in its own unit. */
export interface Measure {
  span: Span;
  system?: string | undefined;
  code?: string | undefined;
  unit?: string | undefined;
}

/** What quantity parameters read (search.html#quantity). Ends of a Range in different units are brought to one. */
export function measureOf({ type, value }: Typed): Measure | undefined {
  const json = object(value);
  switch (type) {
    case 'Range':
      return rangeOf(object(json?.low), object(json?.high));
    case 'SampledData':
      return quantityOf(object(json?.origin));
    case 'Money': {
      if (typeof json?.value !== 'number') return undefined;
      const at = including(exactly(json.value));
      return { span: { low: at, high: at }, system: CURRENCIES, code: text(json.currency) };
    }
    default:
      return quantityOf(json);
  }
}

/** `<5` is everything below 5 (datatypes.html#quantity). */
function quantityOf(json: Json | undefined): Measure | undefined {
  if (typeof json?.value !== 'number') return undefined;
  const value = exactly(json.value);
  const [code, unit] = [text(json.code), text(json.unit)];
  const system = text(json.system);
  const [closed, open] = [including(value), excluding(value)];
  const spans: Record<string, Span> = {
    '<': { low: LOWEST, high: open },
    '<=': { low: LOWEST, high: closed },
    '>': { low: open, high: HIGHEST },
    '>=': { low: closed, high: HIGHEST },
  };
  const span = spans[text(json.comparator) ?? ''] ?? { low: closed, high: closed };
  return { span, system, code, unit };
}

function rangeOf(low: Json | undefined, high: Json | undefined): Measure | undefined {
  const [from, to] = [quantityOf(low), quantityOf(high)];
  const unit = from ?? to;
  return unit && { ...unit, span: { low: from?.span.low ?? LOWEST, high: to?.span.high ?? HIGHEST } };
}

/** `[prefix]number` or `number||`, `number|system|code`, or `number||code` with the code or the printed unit. */
export function quantityMatches(typed: Typed, written: string): boolean {
  const measure = measureOf(typed);
  if (!measure) return false;
  const [number = '', system, code] = splitAt(written, '|').map(unescape);
  const asked = numberComparison(number);
  if (!code) return satisfies(measure.span, asked);
  if (system === '')
    return (measure.code === code || measure.unit === code) && satisfies(measure.span, asked);
  const [own, other] = [toBase(measure.system, measure.code), toBase(system, code)];
  if (own && other) {
    if (own.dimension !== other.dimension) return false;
    const span = { low: convertEnd(measure.span.low, own), high: convertEnd(measure.span.high, own) };
    return satisfies(
      span,
      inBase(asked, (end) => convertEnd(end, other)),
    );
  }
  return measure.system === system && measure.code === code && satisfies(measure.span, asked);
}

function inBase(asked: Comparison, convert: (end: End) => End): Comparison {
  const span = ({ low, high }: Span): Span => ({ low: convert(low), high: convert(high) });
  return {
    prefix: asked.prefix,
    range: span(asked.range),
    above: convert(asked.above),
    below: convert(asked.below),
    atOrAbove: convert(asked.atOrAbove),
    atOrBelow: convert(asked.atOrBelow),
    equal: span(asked.equal),
    near: span(asked.near),
  };
}
