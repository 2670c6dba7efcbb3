import { demoClinic } from '@maxray/seed';
import type { Resource } from '../fhir/resource.ts';
import { LOCAL_CALLER } from '../records/caller.ts';
import type { Records, TransactionOperation } from '../records/records.ts';
import type { Settings } from '../store/settings.ts';

const SETTING = 'demo';
/** How often progress is told. */
const PROGRESS_MS = 1000;

/**
 * Loads the demo clinic into a store that has no resources yet. A load that was cut off goes on at the next start:
 * its resources have fixed ids.
 *
 * @param stopping when it is aborted, the load ends after the bundle under way
 * @param isEmpty whether the store has no resources at all
 */
export async function loadDemo(
  records: Records,
  settings: Settings,
  isEmpty: boolean,
  onProgress: (message: string) => void,
  stopping: AbortSignal,
): Promise<void> {
  const state = await settings.read(SETTING);
  if (state === 'loaded' || (state === undefined && !isEmpty)) return;
  await settings.write(SETTING, 'loading');
  let resources = 0;
  let toldAt = performance.now();
  onProgress('loading the demo clinic ...');
  for (const bundle of demoClinic()) {
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
}

/** The demo writes decimals as exact texts (1.50): what looks at the resource gets plain numbers. */
function asOperation(exact: Resource): TransactionOperation {
  const value = JSON.parse(JSON.stringify(exact)) as Resource;
  return { kind: 'update', type: exact.resourceType, id: exact.id!, resource: { value, exact } };
}
