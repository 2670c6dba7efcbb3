import { UCUM } from '../../data/observation.ts';
import { MRN_SYSTEM, mrnOf } from '../../data/patient.ts';
import { FIRST_DAY_MS, DAY_MS, DAYS, patientId, type DataPlan } from '../../data/plan.ts';
import type { Random } from '../../data/random.ts';
import { LOINC, MEASUREMENTS, type Measurement } from '../../data/measurements.ts';
import { FAMILY, GIVEN_FEMALE, GIVEN_MALE } from '../../data/vocabulary.ts';

/** What searches ask for, chosen at random and ready for a URL. */

const NAMES = [...FAMILY, ...GIVEN_FEMALE, ...GIVEN_MALE];
/** As much of a name as people type. */
const LETTERS = 4;

/** The beginning of a name that dozens in a thousand patients have. */
export const nameTerm = (random: Random): string =>
  encodeURIComponent([...random.pick(NAMES)].slice(0, LETTERS).join(''));

/** The medical record number of a patient. */
export const mrnTerm = (plan: DataPlan, index: number): string =>
  encodeURIComponent(`${MRN_SYSTEM}|${mrnOf(plan, index)}`);

export const patientTerm = (plan: DataPlan, random: Random): string =>
  `Patient/${patientId(random.below(plan.patients))}`;

/** A code of what is measured. */
export const codeTerm = ({ loinc }: Measurement): string => encodeURIComponent(`${LOINC}|${loinc}`);

/** Measurements of at least (and below) so much weight, 1,000 of which are all. */
export const measurements = (least: number, below = Infinity): Measurement[] =>
  MEASUREMENTS.filter(({ weight }) => weight >= least && weight < below);

/** From one day up to another, `days` later, somewhere in the time that the data cover. */
export const periodTerm = (random: Random, days: number): string => {
  const start = FIRST_DAY_MS + random.below(DAYS - days) * DAY_MS;
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 'yyyy-mm-dd'.length);
  return `date=ge${day(start)}&date=lt${day(start + days * DAY_MS)}`;
};

/** A code with values above the middle of the normal range, between two that can be measured. */
export const codeAboveTerm = (random: Random, measured: Measurement): string => {
  const { low, high, decimals, loinc, ucum } = measured;
  const step = 10 ** -decimals;
  const least = Math.floor(random.between((low + high) / 2, high) / step) * step + step / 2;
  return encodeURIComponent(`${LOINC}|${loinc}$gt${least.toFixed(decimals + 1)}|${UCUM}|${ucum}`);
};
