import { dateSpan } from '../fhir/dates.ts';
import type { JsonObject } from '../fhir/resource.ts';
import { UCUM_SYSTEM, type UnitConverter } from '../fhir/units/units.ts';
import { isObject } from './state.ts';

/** Numbers in converted units that are closer than this share of them are the same: conversion rounds. */
const ROUNDING = 1e-12;

/**
 * The order of a value and a limit of it: below, equal or above zero; undefined where they have none. Quantities in
 * different units of UCUM are converted.
 *
 * @param units absent: quantities in different units have no order
 */
export function orderOf(value: unknown, limit: unknown, units?: UnitConverter): number | undefined {
  if (typeof value === 'number' && typeof limit === 'number') return value - limit;
  if (typeof value === 'string' && typeof limit === 'string') return textOrder(value, limit);
  if (isObject(value) && isObject(limit)) return quantityOrder(value, limit, units);
  return undefined;
}

/** Times by their digits; dates by what they cover: only what lies wholly beyond the limit is beyond it. */
function textOrder(value: string, limit: string): number | undefined {
  if (value.charAt(2) === ':') return value < limit ? -1 : Number(value > limit);
  const a = dateSpan(value);
  const b = dateSpan(limit);
  if (a === undefined || b === undefined) return undefined;
  if (a.hiMs < b.loMs) return -1;
  return a.loMs > b.hiMs ? 1 : 0;
}

function quantityOrder(value: JsonObject, limit: JsonObject, units?: UnitConverter): number | undefined {
  const order = amountOrder(value, limit, units);
  const { comparator } = value;
  if (order === undefined || comparator === undefined) return order;
  // Of `< 5` it is only known what it is less than.
  const isBelow = comparator === '<' || comparator === '<=';
  if (isBelow) return order < 0 || (order === 0 && comparator === '<') ? -1 : undefined;
  return order > 0 || (order === 0 && comparator === '>') ? 1 : undefined;
}

function amountOrder(value: JsonObject, limit: JsonObject, units?: UnitConverter): number | undefined {
  if (typeof value.value !== 'number' || typeof limit.value !== 'number') return undefined;
  const isSameSystem = value.system === limit.system || limit.system === undefined;
  if (value.code === limit.code && isSameSystem) return value.value - limit.value;
  const a = inBaseUnits(value, units);
  const b = inBaseUnits(limit, units);
  if (a === undefined || b === undefined || a.unit !== b.unit) return undefined;
  const difference = a.lo - b.lo;
  return Math.abs(difference) <= ROUNDING * Math.max(Math.abs(a.lo), Math.abs(b.lo)) ? 0 : difference;
}

function inBaseUnits({ system, code, value }: JsonObject, units: UnitConverter | undefined) {
  if (system !== UCUM_SYSTEM || typeof code !== 'string' || typeof value !== 'number') return undefined;
  return units?.canonicalSpan({ lo: value, hi: value }, code);
}
