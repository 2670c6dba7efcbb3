import type { Activities } from '../activity/activities.ts';
import type { Destination } from '../dimse/outgoingAssociation.ts';
import type { DimseService } from '../dimse/services.ts';
import { QueryService } from '../query/queryService.ts';
import { GetService } from '../send/getService.ts';
import { MoveService } from '../send/moveService.ts';
import { Retrievals } from '../send/retrievals.ts';
import type { BridgeParts } from './parts.ts';

/** Query and retrieval (PS3.4 annex C). */
export function queryRetrieveServices(
  parts: BridgeParts,
  activities: Activities,
  destinationOf: (aeTitle: string) => Destination | undefined,
): DimseService[] {
  const { config, server, archive, ledger, allowList: peers, log } = parts;
  const { aeTitle } = config;
  const retrievals = new Retrievals({ server, archive, ledger, peers, log, activities });
  return [
    new QueryService({ aeTitle, server, peers, log }),
    new MoveService({ aeTitle, retrievals, destinationOf }),
    new GetService(retrievals),
  ];
}
