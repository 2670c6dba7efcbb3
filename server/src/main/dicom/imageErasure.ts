import { ImageErasure } from '../../imaging/erasure/imageErasure.ts';
import type { Lifetime } from '../lifetime.ts';
import type { Machine } from '../machine.ts';
import type { StorePlace } from '../storePlace.ts';
import type { StoreRecords } from '../storeRecords.ts';

interface ErasureParts {
  machine: Pick<Machine, 'dicomBridge' | 'toLog'>;
  place: Pick<StorePlace, 'tenant'>;
  opened: Pick<StoreRecords, 'store' | 'audit'>;
}

/** What removes the images of erased patients. The archive is that of the main store; undefined elsewhere, and without a bridge. */
export function startImageErasure(
  { machine: { dicomBridge, toLog: log }, place, opened: { store, audit } }: ErasureParts,
  lifetime: Lifetime,
): ImageErasure | undefined {
  if (!dicomBridge || place.tenant !== undefined) return undefined;
  const studies = store.erasure.erasedStudies;
  const erasure = new ImageErasure({ studies, bridge: dicomBridge.client, audit, log });
  lifetime.atEnd(() => erasure.stop());
  erasure.start();
  return erasure;
}
