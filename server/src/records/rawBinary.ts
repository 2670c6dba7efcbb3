import { fhirError } from '../fhir/outcome.ts';
import type { Store } from '../store/store.ts';

/**
 * Refuses to make a new version of a Binary from what FHIR sees of it: it would be without its bytes, which belong to a version.
 *
 * @throws FhirError `unprocessable` where the bytes were uploaded as they are
 */
export async function refuseRawBinary(
  { binaryBlobs }: Pick<Store, 'binaryBlobs'>,
  type: string,
  id: string,
  version: number,
): Promise<void> {
  if (type !== 'Binary' || (await binaryBlobs.find(id, version)) === undefined) return;
  const text =
    'The bytes of this Binary were uploaded as they are, so it cannot be changed in part: PUT it as a FHIR resource with data.';
  throw fhirError('unprocessable', 'not-supported', text);
}
