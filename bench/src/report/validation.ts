import type { ValidationFigures } from '../validation/measure.ts';
import { number, table } from './text.ts';

/** To be reached: how many times as fast as Medplum's validateResource. */
export const OVER_MEDPLUM_TARGET = 6;

const FIGURES = { p50Us: 'p50', meanUs: 'mean' } as const;

/** What validating costs, as Markdown. */
export const validationText = (figures: readonly ValidationFigures[]): string =>
  table(
    [
      'validation',
      'resources',
      'p50 µs',
      'mean µs',
      'JSON µs',
      'to JSON',
      'Medplum µs',
      'times as fast',
      'target',
      '',
    ],
    figures.map((each) => [
      each.title,
      number(each.resources),
      number(each.p50Us, 1),
      number(each.meanUs, 1),
      number(each.jsonUs, 1),
      number(each.toJson, 2),
      number(each.medplumUs),
      number(each.overMedplum, 1),
      `${FIGURES[each.target.of]} <= ${each.target.us} µs, >= ${OVER_MEDPLUM_TARGET} times`,
      isReached(each) ? 'reached' : 'MISSED',
    ]),
  );

const isReached = (each: ValidationFigures): boolean =>
  each[each.target.of] <= each.target.us && each.overMedplum >= OVER_MEDPLUM_TARGET;
