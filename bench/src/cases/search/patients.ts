import { patientId } from '../../data/plan.ts';
import { MEASUREMENTS } from '../../data/measurements.ts';
import type { BenchCase } from '../case.ts';
import { searchCase } from './searchCase.ts';
import { codeTerm, mrnTerm, nameTerm, patientTerm } from './terms.ts';

/** Searches for patients. */
export const PATIENT_SEARCHES: readonly BenchCase[] = [
  searchCase({
    name: 'search-name',
    title: 'Patient?name=',
    target: 0.6,
    likeness: 'count',
    path: (_plan, random) => `/Patient?name=${nameTerm(random)}`,
  }),
  searchCase({
    name: 'search-identifier',
    title: 'Patient?identifier=',
    target: 0.6,
    likeness: 'ids',
    path: (plan, random) => `/Patient?identifier=${mrnTerm(plan, random.below(plan.patients))}`,
  }),
  searchCase({
    name: 'search-has',
    title: 'Patient?_has:Observation:patient:code=',
    target: 0.4,
    likeness: 'count',
    path: (_plan, random) => `/Patient?_has:Observation:patient:code=${codeTerm(random.pick(MEASUREMENTS))}`,
    maybeEmpty: true,
  }),
  searchCase({
    name: 'search-revinclude',
    title: 'Patient?_id&_revinclude=Encounter:patient',
    target: 0.4,
    likeness: 'ids',
    path: (plan, random) =>
      `/Patient?_id=${patientId(random.below(plan.patients))}&_revinclude=Encounter:patient`,
  }),
  searchCase({
    name: 'everything',
    title: 'Patient/$everything',
    target: 0.4,
    likeness: 'ids',
    path: (plan, random) => `/${patientTerm(plan, random)}/$everything`,
  }),
];
