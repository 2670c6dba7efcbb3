import { demoClinic } from '@maxray/seed';
import type { Resource } from '../fhir/resource.ts';
import { LOCAL_CALLER } from '../records/caller.ts';
import type { TransactionOperation } from '../records/records.ts';
import { loadOwnProfiles, type ProfileDoors } from './ownProfiles.ts';

const SETTING = 'demo';
/** Last day of the clinic's year: the same in a load that goes on. */
const LAST_DAY_SETTING = 'demo-last-day';
const DAY_MS = 24 * 3600 * 1000;
/** How often progress is told. */
const PROGRESS_MS = 1000;

/**
 * Loads the demo clinic into a store that has no resources yet, after the profiles that it claims. A load that was cut
 * off goes on at the next start: its resources have fixed ids. A store that has it gets what of the profiles is new.
 *
 * @param stopping when it is aborted, the load ends after the bundle under way
 * @param isEmpty whether the store has no resources at all
 * @returns whether the store has the demo clinic
 */
export async function loadDemo(
  doors: ProfileDoors,
  isEmpty: boolean,
  onProgress: (message: string) => void,
  stopping: AbortSignal,
): Promise<boolean> {
  const { records, settings } = doors;
  const state = await settings.read(SETTING);
  if (state === undefined && !isEmpty) return false;
  if (state !== 'loaded') await settings.write(SETTING, 'loading');
  const profiles = await loadOwnProfiles(doors);
  if (profiles > 0) onProgress(`MaxRay's own profiles are loaded: ${profiles} definitions`);
  if (state === 'loaded') return true;
  let resources = 0;
  let toldAt = performance.now();
  onProgress('loading the demo clinic ...');
  for (const bundle of demoClinic({ until: await lastDay(settings) })) {
    stopping.throwIfAborted();
    const operations = bundle.entry.map((entry) => asOperation(entry.resource as unknown as Resource));
    await records.transact(LOCAL_CALLER, operations);
    resources += operations.length;
    if (performance.now() - toldAt > PROGRESS_MS) {
      toldAt = performance.now();
      onProgress(`loading the demo clinic: ${resources} resources`);
    }
  }
  await settings.write(SETTING, 'loaded');
  onProgress(`the demo clinic is loaded: ${resources} resources`);
  return true;
}

/** The day before the first load (UTC), `YYYY-MM-DD`: what the clinic did is past, and what is free can be booked. */
async function lastDay(settings: ProfileDoors['settings']): Promise<string> {
  const begun = await settings.read(LAST_DAY_SETTING);
  if (begun !== undefined) return begun;
  const yesterday = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
  await settings.write(LAST_DAY_SETTING, yesterday);
  return yesterday;
}

/** The demo writes decimals as exact texts (1.50): what looks at the resource gets plain numbers. */
function asOperation(exact: Resource): TransactionOperation {
  const value = JSON.parse(JSON.stringify(exact)) as Resource;
  return { kind: 'update', type: exact.resourceType, id: exact.id!, resource: { value, exact } };
}
