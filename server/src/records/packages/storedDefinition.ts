import { isDeepStrictEqual } from 'node:util';
import { FhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Caller } from '../caller.ts';
import type { Records } from '../records.ts';

/** Whether a definition is stored under its id, and says the same as this one: its next version would differ by the server's part of `meta` only. */
export async function isStored(
  records: Pick<Records, 'read'>,
  caller: Caller,
  definition: Resource,
): Promise<boolean> {
  try {
    const { content } = await records.read(caller, definition.resourceType, definition.id!);
    return isDeepStrictEqual(
      withoutServerMeta(JSON.parse(content) as Resource),
      withoutServerMeta(definition),
    );
  } catch (error) {
    if (error instanceof FhirError && (error.category === 'not-found' || error.category === 'gone'))
      return false;
    throw error;
  }
}

function withoutServerMeta({ meta, ...resource }: Resource): unknown {
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...rest } = meta ?? {};
  return Object.keys(rest).length === 0 ? resource : { ...resource, meta: rest };
}
