import type { BenchCase } from './case.ts';
import { create } from './create.ts';
import { read } from './read.ts';
import { OBSERVATION_SEARCHES } from './search/observations.ts';
import { pageDeep, pageFirst } from './search/pages.ts';
import { PATIENT_SEARCHES } from './search/patients.ts';
import { SIGNED_IN_CASES } from './signedIn/all.ts';
import { transaction } from './transaction.ts';
import { update } from './update.ts';
import { vread } from './vread.ts';

/** Every case, in the order in which they run: those that only read come first, on the data as it was loaded. */
export const CASES: readonly BenchCase[] = [
  read,
  vread,
  ...PATIENT_SEARCHES,
  ...OBSERVATION_SEARCHES,
  pageFirst,
  pageDeep,
  ...SIGNED_IN_CASES,
  create,
  update,
  transaction,
];

/** The case of that name; an unknown name is an error that lists the known ones. */
export const caseNamed = (name: string): BenchCase => {
  const found = CASES.find((each) => each.name === name);
  if (!found) throw new Error(`no case '${name}'; there are: ${CASES.map((each) => each.name).join(', ')}`);
  return found;
};
