import { dateSpan } from '../../../fhir/dates.ts';
import type { TypedConstant } from '../../../fhir/structures/structure.ts';
import { isObject } from '../../state.ts';
import type { CompileContext, ItemCheck } from './types.ts';

const BOUND_RULE = { minValue: 'profile-min-value', maxValue: 'profile-max-value' } as const;

/** `minValue[x]` and `maxValue[x]`, both inclusive (http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_). */
export function boundCheck(
  { demander }: CompileContext,
  side: 'minValue' | 'maxValue',
  bound: TypedConstant,
): ItemCheck {
  const sign = side === 'minValue' ? 1 : -1;
  return (value, _sibling, _type, at, depth, name, index) => {
    const order = compared(value, limitNow(bound, sign));
    if (order === undefined || order * sign >= 0) return;
    const advice = side === 'minValue' ? 'is less than the least' : 'is more than the greatest';
    const text = `The element '${name}' ${advice} value that ${demander} allows: correct it.`;
    at.report(BOUND_RULE[side], depth, name, index, text);
  };
}

/** Of a date, a duration is a distance from now: into the past for the least value, into the future for the greatest. */
function limitNow({ type, value }: TypedConstant, sign: number): unknown {
  if (type !== 'Duration' || !isObject(value)) return value;
  const months = DURATION_MONTHS[String(value.code)];
  const days = DURATION_DAYS[String(value.code)];
  const amount = -sign * Number(value.value);
  const now = new Date();
  if (months !== undefined) now.setUTCMonth(now.getUTCMonth() + amount * months);
  else if (days !== undefined) now.setTime(now.getTime() + amount * days * DAY_MS);
  else return undefined;
  return Number.isNaN(now.getTime()) ? undefined : now.toISOString();
}

const DAY_MS = 86_400_000;
/** UCUM's units of time, by calendar where they mean it. */
const DURATION_MONTHS: Readonly<Record<string, number>> = { a: 12, mo: 1 };
const DURATION_DAYS: Readonly<Record<string, number>> = {
  wk: 7,
  d: 1,
  h: 1 / 24,
  min: 1 / 1440,
  s: 1 / 86_400,
};

/** Below, equal or above zero; undefined where the two cannot be compared. */
function compared(value: unknown, limit: unknown): number | undefined {
  if (typeof value === 'number' && typeof limit === 'number') return value - limit;
  if (typeof value === 'string' && typeof limit === 'string') return comparedText(value, limit);
  if (isObject(value) && isObject(limit)) {
    const sameUnit =
      value.code === limit.code && (value.system === limit.system || limit.system === undefined);
    return sameUnit ? compared(value.value, limit.value) : undefined;
  }
  return undefined;
}

/** Times by their digits; dates by what they cover: only what lies wholly beyond the limit is beyond it. */
function comparedText(value: string, limit: string): number | undefined {
  if (value.charAt(2) === ':') return value < limit ? -1 : Number(value > limit);
  const a = dateSpan(value);
  const b = dateSpan(limit);
  if (a === undefined || b === undefined) return undefined;
  if (a.hiMs < b.loMs) return -1;
  return a.loMs > b.hiMs ? 1 : 0;
}

/** `maxLength`, in characters as Unicode counts them. */
export function lengthCheck({ demander }: CompileContext, maxLength: number): ItemCheck {
  return (value, _sibling, _type, at, depth, name, index) => {
    if (typeof value !== 'string' || value.length <= maxLength || [...value].length <= maxLength) return;
    const text = `The element '${name}' is longer than the ${maxLength} characters that ${demander} allows: shorten it.`;
    at.report('profile-max-length', depth, name, index, text);
  };
}
