import { ObjectMaker } from '../creation/objectMaker.ts';
import type { StoreService } from '../dimse/storeService.ts';
import { LocalClock } from '../fhir/localTime.ts';
import { PictureStore } from '../pictures/pictureStore.ts';
import { Renderer } from '../rendering/renderer.ts';
import type { Lifetime } from './lifetime.ts';
import type { BridgeParts } from './parts.ts';

/** What makes objects of pictures. Its decoder is its own: viewers do not wait for uploads. */
export function openPictures(
  { config, ledger, server }: BridgeParts,
  store: StoreService,
  lifetime: Lifetime,
): PictureStore {
  const renderer = new Renderer();
  lifetime.atEnd(() => renderer.close());
  const maker = new ObjectMaker(store, ledger);
  return new PictureStore({ maker, server, renderer, clock: new LocalClock(config.timeZone) });
}
