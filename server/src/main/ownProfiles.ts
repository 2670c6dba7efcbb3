import { loadPublished, type PublishedResource } from '@maxray/fhir-profiles';
import { createHash } from 'node:crypto';
import type { Resource } from '../fhir/resource.ts';
import { LOCAL_CALLER } from '../records/caller.ts';
import { isStored } from '../records/packages/storedDefinition.ts';
import type { Records } from '../records/records.ts';
import type { IndexRecords } from '../records/searchParameters.ts';
import type { Settings } from '../store/settings.ts';
import { putOperation } from './putOperation.ts';

const SETTING = 'own-profiles';

/** What the profiles are stored with. */
export interface ProfileDoors {
  records: Records;
  index: IndexRecords;
  settings: Settings;
}

/**
 * Stores MaxRay's own profiles at their fixed ids, and has their search parameters indexed. Once for each edition of
 * them: what is changed or deleted afterwards stays so until another edition comes, and then only what differs from
 * it is written.
 *
 * @returns how many definitions were written
 */
export async function loadOwnProfiles(
  { records, index, settings }: ProfileDoors,
  definitions: readonly PublishedResource[] = loadPublished(),
): Promise<number> {
  const edition = createHash('sha256').update(JSON.stringify(definitions)).digest('hex');
  if ((await settings.read(SETTING)) === edition) return 0;
  const areStored = await Promise.all(
    definitions.map((one) => isStored(records, LOCAL_CALLER, one as unknown as Resource)),
  );
  const missing = definitions.filter((_, at) => !areStored[at]);
  await records.transact(LOCAL_CALLER, missing.map(putOperation));
  await indexParameters(index, new Set(definitions.map(({ id }) => id)));
  await settings.write(SETTING, edition);
  return missing.length;
}

/** Only the types of these parameters: those that somebody else added wait until that somebody asks. */
async function indexParameters(index: IndexRecords, ids: ReadonlySet<string>): Promise<void> {
  const { parameters } = await index.status(LOCAL_CALLER);
  const pending = parameters.filter(({ id, ready, fault }) => ids.has(id) && !ready && fault === undefined);
  const types = new Set(pending.flatMap((parameter) => parameter.types));
  await Promise.all([...types].map((type) => index.reindex(LOCAL_CALLER, { type })));
}
