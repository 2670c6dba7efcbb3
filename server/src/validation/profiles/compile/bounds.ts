import type { TypedConstant } from '../../../fhir/structures/structure.ts';
import { orderOf } from '../../order.ts';
import { isObject } from '../../state.ts';
import type { CompileContext, ItemCheck } from './types.ts';

const BOUND_RULE = { minValue: 'profile-min-value', maxValue: 'profile-max-value' } as const;

/** `minValue[x]` and `maxValue[x]`, both inclusive (http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_). */
export function boundCheck(
  { demander, units }: CompileContext,
  side: 'minValue' | 'maxValue',
  bound: TypedConstant,
): ItemCheck {
  const sign = side === 'minValue' ? 1 : -1;
  return (value, _sibling, type, at, depth, name, index) => {
    const order = orderOf(value, limitNow(bound, type, sign), units);
    if (order === undefined || order * sign >= 0) return;
    const advice = side === 'minValue' ? 'is less than the least' : 'is more than the greatest';
    const text = `The element '${name}' ${advice} value that ${demander} allows: correct it.`;
    at.report(BOUND_RULE[side], depth, name, index, text);
  };
}

/** Of a date, a duration is a distance from now: into the past for the least value, into the future for the greatest. */
function limitNow({ type, value }: TypedConstant, of: string, sign: number): unknown {
  if (!DURATIONS.has(type) || !DATES.has(of) || !isObject(value)) return value;
  const months = DURATION_MONTHS[String(value.code)];
  const days = DURATION_DAYS[String(value.code)];
  const amount = -sign * Number(value.value);
  const now = new Date();
  if (months !== undefined) now.setUTCMonth(now.getUTCMonth() + amount * months);
  else if (days !== undefined) now.setTime(now.getTime() + amount * days * DAY_MS);
  else return undefined;
  return Number.isNaN(now.getTime()) ? undefined : now.toISOString();
}

const DURATIONS: ReadonlySet<string> = new Set(['Duration', 'Quantity']);
const DATES: ReadonlySet<string> = new Set(['date', 'dateTime', 'instant']);
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

/** `maxLength`, in characters as Unicode counts them. */
export function lengthCheck({ demander }: CompileContext, maxLength: number): ItemCheck {
  return (value, _sibling, _type, at, depth, name, index) => {
    if (typeof value !== 'string' || value.length <= maxLength || [...value].length <= maxLength) return;
    const text = `The element '${name}' is longer than the ${maxLength} characters that ${demander} allows: shorten it.`;
    at.report('profile-max-length', depth, name, index, text);
  };
}
