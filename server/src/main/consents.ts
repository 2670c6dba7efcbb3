import { Consents } from '../records/consents/consents.ts';
import { consentChannelOf } from '../store/consents/consentNotices.ts';
import type { Notices } from '../store/postgres/notices.ts';
import type { Store } from '../store/store.ts';
import type { Lifetime } from './lifetime.ts';
import type { StorePlace } from './storePlace.ts';

interface ConsentsParts {
  store: Pick<Store, 'consents' | 'consentNotices'>;
  place: Pick<StorePlace, 'schema' | 'fhirBase'>;
  notices: Notices;
}

/** What patients withhold, here and on other servers of the store; hears of it until the end of `lifetime`. */
export async function openConsents(
  { store, place, notices }: ConsentsParts,
  lifetime: Lifetime,
): Promise<Consents> {
  const { consentNotices } = store;
  const hearing = notices.hearing(consentChannelOf(place.schema), {
    onNotice: (payload) => consentNotices.heard(payload),
    onGap: () => consentNotices.missed(),
  });
  lifetime.atEnd(() => hearing.stop());
  await hearing.start();
  return new Consents({
    reader: store.consents,
    notices: consentNotices,
    trusted: () => hearing.trusted(),
    base: place.fhirBase,
  });
}
