import type { Illness, IllnessKey } from '../codes/conditions.ts';
import { ILLNESSES, likelihoodAt } from '../codes/conditions.ts';
import type { Insurer } from '../clinic/insurers.ts';
import { INSURERS, SENIORS } from '../clinic/insurers.ts';
import type { Member } from '../clinic/staff.ts';
import { STAFF } from '../clinic/staff.ts';
import type { Town } from '../kit/place.ts';
import { STREETS, TOWNS } from '../kit/place.ts';
import type { Random } from '../kit/random.ts';
import { DAY_MS, yearsBetween } from '../kit/time.ts';
import type { FullName } from './names.ts';
import { fullName } from './names.ts';

/** Who a patient is and what ails them: decided once, before any record is written. */
export interface Person {
  /** From 1 on. */
  number: number;
  /** Begins the ids of all records of this patient, e.g. `demo-07`. */
  prefix: string;
  name: FullName;
  bornMs: number;
  /** Completed years at the end of the year of care. */
  age: number;
  heightCm: number;
  weightKg: number;
  smoker: boolean;
  illnesses: ReadonlySet<IllnessKey>;
  insurer: Insurer;
  doctor: Member;
  town: Town;
  street: string;
  latitude: number;
  longitude: number;
}

/** Patient 1 is fixed, so that examples can speak of her. */
const FIRST: { age: number; illnesses: readonly IllnessKey[] } = {
  age: 71,
  illnesses: ['hypertension', 'diabetes', 'hyperlipidemia', 'osteoporosis'],
};
const AGES = { low: 19, high: 88 };
const SENIOR_AGE = 65;
const HEIGHT_CM = { female: { mean: 163, spread: 6.5 }, male: { mean: 177, spread: 7 } };
/** Degrees that a home may lie from the middle of its town. */
const TOWN_RADIUS = 0.03;

/** Draws the person with this number, as of `untilMs`. */
export function drawPerson(number: number, random: Random, untilMs: number): Person {
  const name = fullName(number);
  const age = number === 1 ? FIRST.age : random.int(AGES.low, AGES.high);
  const bornMs = untilMs - Math.round((age * 365.25 + random.int(2, 360)) * DAY_MS);
  const illnesses = number === 1 ? new Set(FIRST.illnesses) : drawIllnesses(random, age, name.gender);
  const heightCm = Math.round(random.around(HEIGHT_CM[name.gender].mean, HEIGHT_CM[name.gender].spread));
  const town = random.pick(TOWNS);
  return {
    number,
    prefix: `demo-${String(number).padStart(2, '0')}`,
    name,
    bornMs,
    age: yearsBetween(bornMs, untilMs),
    heightCm,
    weightKg: drawWeight(random, heightCm, illnesses),
    smoker: random.chance(0.18),
    illnesses,
    insurer: age >= SENIOR_AGE ? SENIORS : random.pick(INSURERS),
    doctor: illnesses.has('heartFailure') ? STAFF.mehta : random.pick([STAFF.okafor, STAFF.garcia]),
    town,
    street: `${random.int(11, 4999)} ${random.pick(STREETS)}`,
    latitude: town.latitude + random.between(-TOWN_RADIUS, TOWN_RADIUS),
    longitude: town.longitude + random.between(-TOWN_RADIUS, TOWN_RADIUS),
  };
}

function drawIllnesses(random: Random, age: number, gender: 'female' | 'male'): Set<IllnessKey> {
  const keys = Object.keys(ILLNESSES) as IllnessKey[];
  return new Set(
    keys.filter((key) => {
      const illness: Illness = ILLNESSES[key];
      const struck = random.chance(likelihoodAt(illness, age));
      return struck && (illness.only ?? gender) === gender;
    }),
  );
}

function drawWeight(random: Random, heightCm: number, illnesses: ReadonlySet<IllnessKey>): number {
  const index = random.around(illnesses.has('diabetes') ? 30 : 25.5, 2.5);
  return index * (heightCm / 100) ** 2;
}
