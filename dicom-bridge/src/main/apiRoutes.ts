import type { StoreService } from '../dimse/storeService.ts';
import type { DocumentStore } from '../documents/documentStore.ts';
import type { StudyErasures } from '../erasure/studyErasures.ts';
import type { PictureStore } from '../pictures/pictureStore.ts';
import { documentRoute } from '../web/documentRoute.ts';
import type { Route } from '../web/internalApi.ts';
import { metricsOf } from '../web/metrics.ts';
import { objectRoutes } from '../web/objectRoutes.ts';
import { pictureRoute } from '../web/pictureRoute.ts';
import { rawObjectRoute } from '../web/rawObjectRoute.ts';
import type { BridgeStatus } from '../web/status.ts';
import { statusRoute } from '../web/statusRoute.ts';
import { storeRoute } from '../web/storeRoute.ts';
import { studyRoute } from '../web/studyRoute.ts';
import type { BridgeParts } from './parts.ts';
import type { OpenedRetrieval } from './retrieval.ts';

/** What changes images. */
interface Receivers {
  store: StoreService;
  pictures: PictureStore;
  documents: DocumentStore;
  erasures: StudyErasures;
}

/** All that the internal API answers. */
export function apiRoutes(
  { ledger }: BridgeParts,
  { store, pictures, documents, erasures }: Receivers,
  { retrieval, files }: Pick<OpenedRetrieval, 'retrieval' | 'files'>,
  status: () => Promise<BridgeStatus>,
): Route[] {
  return [
    statusRoute(status, metricsOf(status)),
    storeRoute(store, ledger),
    pictureRoute(pictures),
    documentRoute(documents),
    rawObjectRoute(files, ledger),
    objectRoutes(retrieval),
    studyRoute(erasures),
  ];
}
