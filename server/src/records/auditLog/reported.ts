import type { PlacedRecord } from '../../audit/encode.ts';

/**
 * A record as the patient may see it whom it is about: who did what, when and from where. Where it is also about others, neither they
 * nor their resources are named; what was searched for, which may name them too, is left out.
 */
export function reported({ place, record }: PlacedRecord, patient: string): PlacedRecord {
  const { query: _, ...rest } = record;
  const isOwnAlone = record.patients.every((id) => id === patient);
  const own = `Patient/${patient}`;
  const resources = isOwnAlone
    ? record.resources
    : record.resources.filter((one) => one === own || one.startsWith(`${own}/`));
  const patients = record.patients.filter((id) => id === patient);
  return { place, record: { ...rest, patients, resources } };
}
