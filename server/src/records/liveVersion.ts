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

/** The error that there is no such resource. */
export function notFound(type: string, id: string): FhirError {
  return fhirError(
    'not-found',
    'not-found',
    `There is no ${type} with the id ${isId(id) ? id : '(not a FHIR id)'}.`,
  );
}
