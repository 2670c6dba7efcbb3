import { loadRoles } from '@maxray/fhir-profiles';
import { LOCAL_CALLER } from '../records/caller.ts';
import type { Records } from '../records/records.ts';
import type { Settings } from '../store/settings.ts';
import { putOperation } from './putOperation.ts';

const SETTING = 'roles';
/** The Project that all memberships of a store belong to. */
export const PROJECT_ID = 'maxray';

/**
 * Stores the policies of MaxRay's roles, and the store's Project: each once. What somebody changes or deletes afterwards stays so.
 */
export async function loadRolePolicies(records: Records, settings: Settings): Promise<void> {
  const known = new Set(JSON.parse((await settings.read(SETTING)) ?? '[]') as string[]);
  const project = { resourceType: 'Project', id: PROJECT_ID, name: 'MaxRay' };
  const all = [project, ...loadRoles().map(({ policy }) => policy)];
  const missing = all.filter(({ resourceType, id }) => !known.has(`${resourceType}/${id}`));
  if (missing.length === 0) return;
  await records.transact(LOCAL_CALLER, missing.map(putOperation));
  const now = [...known, ...missing.map(({ resourceType, id }) => `${resourceType}/${id}`)];
  await settings.write(SETTING, JSON.stringify(now));
}
