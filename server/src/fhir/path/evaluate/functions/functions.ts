import type { PathFunctions } from '../scope.ts';
import { BOUNDARIES } from './boundaries.ts';
import { COMBINING, SORTING, SUBSETTING, TREE } from './collections.ts';
import { CONVERSION } from './conversion.ts';
import { EXISTENCE } from './existence.ts';
import { FHIR } from './fhir.ts';
import { FILTERING } from './filtering.ts';
import { MATH } from './math.ts';
import { MOMENTS } from './moments.ts';
import { STRINGS } from './strings.ts';

/** All functions of FHIRPath, by name. */
export const FUNCTIONS: PathFunctions = {
  ...EXISTENCE,
  ...FILTERING,
  ...SUBSETTING,
  ...COMBINING,
  ...TREE,
  ...SORTING,
  ...CONVERSION,
  ...STRINGS,
  ...MATH,
  ...MOMENTS,
  ...BOUNDARIES,
  ...FHIR,
};
