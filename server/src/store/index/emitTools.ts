import type { Visit } from '../../fhir/path/compileWalk.ts';
import type { KeyHasher } from './keys.ts';
import type { Sink } from './sink.ts';
import type { UnitConverter } from '../../fhir/units/units.ts';
import type { UnitKeys } from './values/quantity.ts';

/** What turns values into rows. One set for each indexer. */
export interface Tools {
  hasher: KeyHasher;
  units: UnitKeys;
  converter: UnitConverter;
  ownBase: string | undefined;
}

export type SinkVisit = Visit<Sink>;

/** Elements of every resource: their prefixes are not searched for, and rows for them would be many. */
export const META_PATH = 'Resource.meta.';
