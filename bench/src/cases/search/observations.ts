import { MEASUREMENTS } from '../../data/measurements.ts';
import type { BenchCase } from '../case.ts';
import { searchCase } from './searchCase.ts';
import {
  codeAboveTerm,
  codeTerm,
  measurements,
  mrnTerm,
  nameTerm,
  patientTerm,
  periodTerm,
} from './terms.ts';

/** Codes by the parts in 1,000 that they are of all observations. */
const RARE = measurements(0, 1);
const COMMON = measurements(100);
/** Of these there are enough in PERIOD_DAYS, and enough high values, to fill a page at scale 1. */
const FREQUENT = measurements(16);
const PERIOD_DAYS = 60;

const STATUSES = ['final', 'amended', 'preliminary'] as const;

const LATEST = '_sort=-date&_count=20';

/** Searches for observations. */
export const OBSERVATION_SEARCHES: readonly BenchCase[] = [
  searchCase({
    name: 'search-patient-code',
    title: 'Observation?patient&code, latest 20',
    target: 0.6,
    likeness: 'dates',
    path: (plan, random) =>
      `/Observation?patient=${patientTerm(plan, random)}&code=${codeTerm(random.pickWeighted(MEASUREMENTS))}&${LATEST}`,
    maybeEmpty: true,
  }),
  searchCase({
    name: 'search-patient-category',
    title: 'Observation?patient&category',
    target: 0.4,
    likeness: 'count',
    path: (plan, random) =>
      `/Observation?patient=${patientTerm(plan, random)}&category=${random.pickWeighted(MEASUREMENTS).category}`,
    maybeEmpty: true,
  }),
  searchCase({
    name: 'search-chain-name',
    title: 'Observation?patient.name=',
    target: 0.4,
    likeness: 'count',
    path: (_plan, random) => `/Observation?patient.name=${nameTerm(random)}`,
  }),
  searchCase({
    name: 'search-chain-identifier',
    title: 'Observation?subject:Patient.identifier=',
    target: 0.4,
    likeness: 'count',
    path: (plan, random) =>
      `/Observation?subject:Patient.identifier=${mrnTerm(plan, random.below(plan.patients))}`,
  }),
  searchCase({
    name: 'search-include',
    title: 'Observation?patient&_include=encounter, latest 20',
    target: 0.4,
    likeness: 'ids',
    path: (plan, random) =>
      `/Observation?patient=${patientTerm(plan, random)}&_include=Observation:encounter&${LATEST}`,
  }),
  searchCase({
    name: 'search-code-date',
    title: 'Observation?code&date of two months',
    target: 0.4,
    likeness: 'count',
    path: (_plan, random) =>
      `/Observation?code=${codeTerm(random.pick(FREQUENT))}&${periodTerm(random, PERIOD_DAYS)}&_count=20`,
    maybeEmpty: true,
  }),
  searchCase({
    name: 'search-status-updated',
    title: 'Observation?status, last updated 20',
    target: 0.4,
    likeness: 'count',
    path: (_plan, random) => `/Observation?status=${random.pick(STATUSES)}&_sort=-_lastUpdated&_count=20`,
  }),
  searchCase({
    name: 'search-code-rare',
    title: 'Observation?code (1 in 2,000), latest 20',
    target: 0.4,
    likeness: 'dates',
    path: (_plan, random) => `/Observation?code=${codeTerm(random.pick(RARE))}&${LATEST}`,
    maybeEmpty: true,
  }),
  searchCase({
    name: 'search-code-common',
    title: 'Observation?code (1 in 5 to 8), latest 20',
    target: 0.4,
    likeness: 'dates',
    path: (_plan, random) => `/Observation?code=${codeTerm(random.pick(COMMON))}&${LATEST}`,
  }),
  searchCase({
    name: 'search-not',
    title: 'Observation?code:not=, latest 20',
    target: 0.4,
    likeness: 'dates',
    path: (_plan, random) => `/Observation?code:not=${codeTerm(random.pickWeighted(MEASUREMENTS))}&${LATEST}`,
  }),
  searchCase({
    name: 'search-composite',
    title: 'Observation?code-value-quantity=code$gt',
    target: 0.4,
    likeness: 'count',
    path: (_plan, random) =>
      `/Observation?code-value-quantity=${codeAboveTerm(random, random.pick(FREQUENT))}&_count=20`,
    maybeEmpty: true,
  }),
];
