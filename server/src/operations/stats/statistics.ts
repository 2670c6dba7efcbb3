/** One measurement: its value, and when it was taken (milliseconds since 1970 UTC), where that is known. */
export interface Point {
  value: number;
  atMs?: number;
}

/** In what a statistic is measured: like the values, by their square, per hour, or without a unit. */
export type StatisticUnit = 'value' | 'squared' | 'per-hour' | 'none';

export interface Figure {
  unit: StatisticUnit;
  /** Undefined where the values are too few for it, or all the same. */
  value: number | undefined;
  /** Tells the two figures of a regression apart. */
  text?: string;
}

export interface Statistic {
  display: string;
  /** @param points sorted by value @param startMs from where a regression counts its hours */
  figures(points: readonly Point[], startMs: number): Figure[];
}

const HOUR_MS = 3_600_000;

/**
 * The statistics of http://terminology.hl7.org/CodeSystem/observation-statistics, but for the two counts. Where R4 leaves the
 * method open: variance and standard deviation are those of a sample (n - 1), percentiles are interpolated between the
 * neighbouring values (the smallest is at 0, the largest at 100 %), skew and kurtosis are the third and fourth standardized
 * moment (a normal distribution has 0 and 3), and a regression counts hours.
 */
export const STATISTICS: ReadonlyMap<string, Statistic> = new Map<string, Statistic>([
  ['average', one('Average', 'value', mean)],
  ['maximum', one('Maximum', 'value', (values) => values.at(-1))],
  ['minimum', one('Minimum', 'value', (values) => values[0])],
  ['median', one('Median', 'value', (values) => percentile(values, 0.5))],
  ['std-dev', one('Standard Deviation', 'value', (values) => root(variance(values)))],
  ['sum', one('Sum', 'value', sum)],
  ['variance', one('Variance', 'squared', variance)],
  ['20-percent', one('20th Percentile', 'value', (values) => percentile(values, 0.2))],
  ['80-percent', one('80th Percentile', 'value', (values) => percentile(values, 0.8))],
  ['4-lower', one('Lower Quartile', 'value', (values) => percentile(values, 0.25))],
  ['4-upper', one('Upper Quartile', 'value', (values) => percentile(values, 0.75))],
  ['4-dev', one('Quartile Deviation', 'value', quartileDeviation)],
  ['5-1', one('1st Quintile', 'value', (values) => percentile(values, 0.2))],
  ['5-2', one('2nd Quintile', 'value', (values) => percentile(values, 0.4))],
  ['5-3', one('3rd Quintile', 'value', (values) => percentile(values, 0.6))],
  ['5-4', one('4th Quintile', 'value', (values) => percentile(values, 0.8))],
  ['skew', one('Skew', 'none', (values) => standardizedMoment(values, 3))],
  ['kurtosis', one('Kurtosis', 'none', (values) => standardizedMoment(values, 4))],
  ['regression', { display: 'Regression', figures: regression }],
]);

function one(
  display: string,
  unit: StatisticUnit,
  figure: (values: readonly number[]) => number | undefined,
): Statistic {
  return { display, figures: (points) => [{ unit, value: figure(points.map(({ value }) => value)) }] };
}

function sum(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number | undefined {
  const total = sum(values);
  return total === undefined ? undefined : total / values.length;
}

function variance(values: readonly number[]): number | undefined {
  return values.length < 2 ? undefined : (moment(values, 2) * values.length) / (values.length - 1);
}

const root = (value: number | undefined) => (value === undefined ? undefined : Math.sqrt(value));

/** About the mean. @param values at least one */
function moment(values: readonly number[], power: number): number {
  const centre = mean(values)!;
  return mean(values.map((value) => (value - centre) ** power))!;
}

function standardizedMoment(values: readonly number[], power: number): number | undefined {
  const spread = values.length === 0 ? 0 : moment(values, 2);
  return spread === 0 ? undefined : moment(values, power) / spread ** (power / 2);
}

/** @param values sorted */
function percentile(values: readonly number[], fraction: number): number | undefined {
  const place = (values.length - 1) * fraction;
  const below = values[Math.floor(place)];
  const above = values[Math.ceil(place)];
  if (below === undefined || above === undefined) return undefined;
  return below + (above - below) * (place - Math.floor(place));
}

function quartileDeviation(values: readonly number[]): number | undefined {
  const [lower, upper] = [percentile(values, 0.25), percentile(values, 0.75)];
  return lower === undefined || upper === undefined ? undefined : (upper - lower) / 2;
}

/** The straight line through the points, by least squares. */
function regression(points: readonly Point[], startMs: number): Figure[] {
  const dated = points.filter(({ atMs }) => atMs !== undefined);
  const hours = dated.map(({ atMs }) => (atMs! - startMs) / HOUR_MS);
  const values = dated.map(({ value }) => value);
  const spread = dated.length === 0 ? 0 : moment(hours, 2);
  let gradient: number | undefined;
  let intercept: number | undefined;
  if (spread > 0) {
    const [centreX, centreY] = [mean(hours)!, mean(values)!];
    gradient = mean(hours.map((x, i) => (x - centreX) * (values[i]! - centreY)))! / spread;
    intercept = centreY - gradient * centreX;
  }
  return [
    { unit: 'per-hour', value: gradient, text: 'gradient' },
    { unit: 'value', value: intercept, text: 'intercept' },
  ];
}
