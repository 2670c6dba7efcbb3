import { isId } from '../fhir/id.ts';
import { FhirError, fhirError } from '../fhir/outcome.ts';
import type { StoredVersion } from '../store/resource/types.ts';

/** The version, if it is one that can be read. @throws FhirError `not-found`, or `gone` when it is a deletion */
export function live(
  type: string,
  id: string,
  found: StoredVersion | undefined,
): StoredVersion & { content: string } {
  if (found === undefined) throw notFound(type, id);
  if (found.content === null) throw new GoneError(type, id, found.version);
  return found as StoredVersion & { content: string };
}

/** The resource was deleted; tells which version the deletion made. */
export class GoneError extends FhirError {
  readonly version: number;

  constructor(type: string, id: string, version: number) {
    const diagnostics = `${type}/${id} was deleted; its earlier versions are in ${type}/${id}/_history.`;
    super('gone', [{ severity: 'error', code: 'deleted', diagnostics }]);
    this.version = version;
  }
}

/**
 * One version. That there is none is said of the version, and in the same words where there is no such resource, or the caller may not see
 * it.
 *
 * @throws FhirError as `found`
 */
export async function versionNamed<T>(
  type: string,
  id: string,
  versionId: string,
  found: Promise<T>,
): Promise<T> {
  try {
    return await found;
  } catch (error) {
    if (!(error instanceof FhirError) || error.category !== 'not-found') throw error;
    const text = `There is no version ${shownId(versionId)} of a ${type} with the id ${shownId(id)}: those that there are are in its _history.`;
    throw fhirError('not-found', 'not-found', text);
  }
}

/** The error that there is no such resource. */
export function notFound(type: string, id: string): FhirError {
  return fhirError('not-found', 'not-found', `There is no ${type} with the id ${shownId(id)}.`);
}

const shownId = (id: string) => (isId(id) ? id : '(not a FHIR id)');
