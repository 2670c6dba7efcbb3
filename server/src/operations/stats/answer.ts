import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { CodeGroup, Measurement } from './measurements.ts';
import { COUNTS, type StatsRequest } from './request.ts';
import { STATISTICS, type Figure, type Point, type StatisticUnit } from './statistics.ts';
import { UCUM_SYSTEM, type UnitConversion } from './unitConversion.ts';

const STATISTICS_SYSTEM = 'http://terminology.hl7.org/CodeSystem/observation-statistics';
const ABSENT_SYSTEM = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
/** Digits of a figure: the last ones of a double are the noise of computing. */
const DIGITS = 12;

/**
 * The observation that holds the statistics of a code: one component for each figure.
 *
 * @throws FhirError `unprocessable` where the values are in units that cannot be converted
 */
export function statisticsObservation(
  units: UnitConversion,
  request: StatsRequest,
  group: CodeGroup,
): JsonObject {
  const { subject, fromMs, toMs, statistics } = request;
  const measurements = [...group.measurements.values()];
  const unit = commonUnit(measurements);
  const points = pointsOf(units, measurements, unit?.code, group.code);
  const times = measurements.flatMap(({ atMs }) => (atMs === undefined ? [] : [atMs]));
  const start = fromMs ?? smallest(times);
  const end = toMs ?? largest(times);
  const component = statistics.flatMap((code): JsonObject[] => {
    if (code === 'count') return [{ code: codeOf(code), valueInteger: points.length }];
    if (code === 'total-count') return [{ code: codeOf(code), valueInteger: measurements.length }];
    const figures = STATISTICS.get(code)!.figures(points, start ?? 0);
    return figures.map((figure) => ({ code: codeOf(code, figure.text), ...valueOf(figure, unit) }));
  });
  const effectivePeriod = { ...instant('start', start), ...instant('end', end) };
  return {
    resourceType: 'Observation',
    status: 'final',
    code: group.code,
    subject: { reference: subject },
    ...(Object.keys(effectivePeriod).length > 0 && { effectivePeriod }),
    component,
  };
}

interface Unit {
  code: string;
  unit: string;
}

/** The unit that most values have; of several, the first by its code. */
function commonUnit(measurements: readonly Measurement[]): Unit | undefined {
  const counts = new Map<string, { unit: string; count: number }>();
  for (const { quantity } of measurements) {
    if (!quantity) continue;
    const seen = counts.get(quantity.code) ?? { unit: quantity.unit, count: 0 };
    counts.set(quantity.code, { ...seen, count: seen.count + 1 });
  }
  const [best] = [...counts].sort(([a, { count: m }], [b, { count: n }]) => n - m || (a < b ? -1 : 1));
  return best && { code: best[0], unit: best[1].unit };
}

/** Sorted by value, in the unit. */
function pointsOf(
  units: UnitConversion,
  measurements: readonly Measurement[],
  unit: string | undefined,
  code: JsonObject,
): Point[] {
  const points = measurements.flatMap(({ quantity, atMs }): Point[] => {
    if (!quantity) return [];
    const value = units.convert(quantity.value, quantity.code, unit!);
    if (value === undefined) throw differentUnits(code, quantity.code, unit!);
    return [{ value, ...(atMs !== undefined && { atMs }) }];
  });
  return points.sort((a, b) => a.value - b.value);
}

function differentUnits(code: JsonObject, one: string, other: string) {
  const coding = (code.coding as { code?: string }[] | undefined)?.find((each) => each.code !== undefined);
  const of = coding?.code === undefined || coding.code.length > 64 ? 'one code' : `the code ${coding.code}`;
  const text = `The values of ${of} are in ${one} and in ${other}, which UCUM cannot convert: ask for a period in which one unit was used.`;
  return fhirError('unprocessable', 'business-rule', text);
}

function valueOf(figure: Figure, unit: Unit | undefined): JsonObject {
  if (figure.value === undefined || unit === undefined) {
    return { dataAbsentReason: { coding: [{ system: ABSENT_SYSTEM, code: 'not-applicable' }] } };
  }
  const value = Number(figure.value.toPrecision(DIGITS));
  return { valueQuantity: { value, ...unitOf(figure.unit, unit) } };
}

function unitOf(kind: StatisticUnit, { code, unit }: Unit): JsonObject {
  switch (kind) {
    case 'value':
      return { unit, system: UCUM_SYSTEM, code };
    case 'squared':
      return { system: UCUM_SYSTEM, code: `(${code}).(${code})` };
    case 'per-hour':
      return { system: UCUM_SYSTEM, code: `(${code})/h` };
    case 'none':
      return { system: UCUM_SYSTEM, code: '1' };
  }
}

function codeOf(code: string, text?: string): JsonObject {
  const display = COUNTS.get(code) ?? STATISTICS.get(code)!.display;
  const coding = [{ system: STATISTICS_SYSTEM, code, display }];
  return text === undefined ? { coding } : { coding, text };
}

const instant = (name: string, ms: number | undefined) =>
  ms === undefined ? {} : { [name]: new Date(ms).toISOString() };

// No spread: there can be more of them than a call takes arguments.
const smallest = (values: readonly number[]) => extreme(values, Math.min);
const largest = (values: readonly number[]) => extreme(values, Math.max);
const extreme = (values: readonly number[], of: (a: number, b: number) => number) =>
  values.length === 0 ? undefined : values.reduce((a, b) => of(a, b));
