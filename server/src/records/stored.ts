import { FhirError } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import { LOCAL_CALLER } from './caller.ts';
import { GoneError, type Records } from './records.ts';

/** What the server itself has stored under an id; undefined where there is nothing, or nothing any more. */
export async function stored(
  records: Pick<Records, 'read'>,
  type: string,
  id: string,
): Promise<Resource | undefined> {
  try {
    return JSON.parse((await records.read(LOCAL_CALLER, type, id)).content) as Resource;
  } catch (error) {
    if (error instanceof GoneError || (error instanceof FhirError && error.category === 'not-found'))
      return undefined;
    throw error;
  }
}
