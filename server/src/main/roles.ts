import { createHash } from 'node:crypto';
import { loadRoles } from '@maxray/fhir-profiles';
import { LOCAL_CALLER } from '../records/caller.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Records } from '../records/records.ts';
import { stored } from '../records/stored.ts';
import type { Settings } from '../store/settings.ts';
import { putOperation } from './putOperation.ts';

const SETTING = 'roles';
/** The Project that all memberships of a store belong to. */
export const PROJECT_ID = 'maxray';

/** Something of a release, under an id of its own. */
export type Shipped = Resource & { id: string };

/** What was stored, by `Type/id`: the SHA-256 of its text. */
type Stored = Record<string, string>;

/**
 * Stores the policies of MaxRay's roles, and the store's Project. What somebody changes or deletes afterwards stays so; what nobody has touched is
 * replaced where a release has another one, since that may close a gap.
 */
export async function loadRolePolicies(
  records: Records,
  settings: Settings,
  log: (message: string) => void,
  policies: readonly Shipped[] = loadRoles().map(({ policy }) => policy as unknown as Shipped),
): Promise<void> {
  const known = readStored(await settings.read(SETTING));
  const project: Shipped = { resourceType: 'Project', id: PROJECT_ID, name: 'MaxRay' };
  const all = [project, ...policies];
  const other = all.filter((one) => known[nameOf(one)] !== digestOf(one));
  if (other.length === 0) return;
  const own: Shipped[] = [];
  for (const one of other) {
    const digest = known[nameOf(one)];
    if (digest === undefined || (await isUntouched(records, one, digest))) own.push(one);
    else
      log(`${nameOf(one)} was changed or deleted in this store and stays so; this release has another one`);
  }
  if (own.length > 0) await records.transact(LOCAL_CALLER, own.map(putOperation));
  const now = Object.fromEntries([
    ...Object.entries(known),
    ...own.map((one) => [nameOf(one), digestOf(one)]),
  ]);
  await settings.write(SETTING, JSON.stringify(now));
}

const nameOf = ({ resourceType, id }: Shipped): string => `${resourceType}/${id}`;

/** Earlier releases kept the names alone: of those, the first version is untouched. */
function readStored(text: string | undefined): Stored {
  const kept = JSON.parse(text ?? '{}') as string[] | Stored;
  return Array.isArray(kept) ? Object.fromEntries(kept.map((name) => [name, FIRST_VERSION])) : kept;
}

const FIRST_VERSION = '1';

/** @param one of this release @param digest of what was stored before */
async function isUntouched(records: Records, one: Shipped, digest: string): Promise<boolean> {
  const found = await stored(records, one.resourceType, one.id);
  if (found === undefined) return false;
  if (digest === FIRST_VERSION && (found.meta as { versionId?: string }).versionId === FIRST_VERSION)
    return true;
  // It may be there already, by a start that was cut off before it was noted.
  return [digest, digestOf(one)].includes(digestOf(found));
}

/** Of all but what the store adds. */
function digestOf({ meta: _meta, ...rest }: Resource): string {
  const members = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(members)).digest('hex');
}
