import type { DateSpan } from '../../fhir/dates.ts';
import type { PatientSet } from '../../fhir/search/ast.ts';
import type { Key } from '../index/rows.ts';
import { float8Array, int8Array } from '../resource/binaryArray.ts';

/** A set of patients; what a statement needs of it is made when it is first asked for. */
class KeyedPatients implements PatientSet {
  readonly spans: ReadonlyMap<Key, DateSpan | undefined>;
  #arrays: readonly Uint8Array[] | undefined;

  constructor(spans: ReadonlyMap<Key, DateSpan | undefined>) {
    this.spans = spans;
  }

  get arrays(): readonly Uint8Array[] {
    return (this.#arrays ??= this.#encoded());
  }

  #encoded(): readonly Uint8Array[] {
    const keys = int8Array([...this.spans.keys()]);
    const spans = [...this.spans.values()].filter((span) => span !== undefined);
    if (spans.length === 0) return [keys];
    return [keys, float8Array(spans.map(({ loMs }) => loMs)), float8Array(spans.map(({ hiMs }) => hiMs))];
  }
}

/** @param spans of all, or of none, a span of time */
export const patientSet = (spans: ReadonlyMap<Key, DateSpan | undefined>): PatientSet =>
  new KeyedPatients(spans);
