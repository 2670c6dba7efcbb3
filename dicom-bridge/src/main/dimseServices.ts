import type { Activities } from '../activity/activities.ts';
import type { DimseService } from '../dimse/services.ts';
import { destinationOf } from '../peers/destinations.ts';
import { commitmentService } from './commitment.ts';
import type { Lifetime } from './lifetime.ts';
import { orderServices } from './orderServices.ts';
import type { BridgeParts } from './parts.ts';
import { queryRetrieveServices } from './queryRetrieve.ts';
import type { TlsFiles } from './tlsFiles.ts';

/** The services of associations besides C-ECHO and C-STORE. */
export function dimseServices(
  parts: BridgeParts,
  activities: Activities,
  lifetime: Lifetime,
  tls: TlsFiles | undefined,
): DimseService[] {
  const destination = (aeTitle: string) => destinationOf(parts.allowList.find(aeTitle), tls);
  return [
    ...orderServices(parts, lifetime),
    ...queryRetrieveServices(parts, activities, destination),
    commitmentService(parts, lifetime, destination),
  ];
}
