import { ObjectMaker } from '../creation/objectMaker.ts';
import type { StoreService } from '../dimse/storeService.ts';
import { DocumentStore } from '../documents/documentStore.ts';
import { LocalClock } from '../fhir/localTime.ts';
import type { BridgeParts } from './parts.ts';

/** What makes objects of reports. */
export function openDocuments({ config, ledger, server }: BridgeParts, store: StoreService): DocumentStore {
  const maker = new ObjectMaker(store, ledger);
  return new DocumentStore({ maker, server, clock: new LocalClock(config.timeZone) });
}
