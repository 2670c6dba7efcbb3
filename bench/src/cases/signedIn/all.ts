import type { BenchCase } from '../case.ts';
import { readAsDoctor, readAsPatient, readWithoutPolicy } from './reads.ts';
import { searchAsPatient, searchWithoutPolicy } from './searches.ts';

/** What access costs: requests of callers who are limited by policies, and the same ones of a caller who is not. */
export const SIGNED_IN_CASES: readonly BenchCase[] = [
  readWithoutPolicy,
  readAsPatient,
  readAsDoctor,
  searchWithoutPolicy,
  searchAsPatient,
];
