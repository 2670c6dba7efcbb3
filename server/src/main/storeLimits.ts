import type { IncomingMessage } from 'node:http';
import type { Audit } from '../audit/audit.ts';
import type { Identified } from '../identity/ports.ts';
import type { StoreLimits } from '../limits/storeLimits.ts';
import type { Caller } from '../records/caller.ts';
import { Refusals } from '../records/trail/refusals.ts';
import { reasonOf } from '../store/postgres/log.ts';
import type { Lifetime } from './lifetime.ts';
import type { Machine } from './machine.ts';

/** The limits of a store, with the log of who ran into them. */
export interface OpenLimits {
  limits: StoreLimits;
  refusals: Refusals;
  addressOf: Machine['addressOf'];
}

/** Opens them until the end of `lifetime`. */
export function openStoreLimits(
  machine: Machine,
  schema: string,
  audit: Audit,
  lifetime: Lifetime,
): OpenLimits {
  const { toLog, metrics, addressOf } = machine;
  const refusals = new Refusals(audit, (error) =>
    toLog('error', `refused requests are not in the audit log: ${reasonOf(error)}`),
  );
  lifetime.atEnd(() => refusals.stop());
  const limits = machine.rateLimits.forStore(schema, ({ limit, address, clientId, userId }) => {
    metrics.limited(limit);
    const agent = {
      ...(clientId !== undefined && { client: clientId }),
      ...(userId !== undefined && { user: userId }),
    };
    refusals.counted({ agent, address }, `429 (${limit})`);
  });
  return { limits, refusals, addressOf };
}

/** The limits as the surfaces ask for them. */
export const limitsOfRequests = ({ limits, addressOf }: OpenLimits) => ({
  web: {
    anonymous: (request: IncomingMessage) => limits.anonymous(addressOf(request)),
    refused: (request: IncomingMessage) => limits.refused(addressOf(request)),
  },
  fhir: {
    anonymous: (address: string | undefined) => limits.anonymous(address),
    refused: (address: string | undefined) => limits.refused(address),
    charge: ({ agent }: Caller, address: string | undefined, units: number) =>
      limits.charge({ clientId: agent.client, userId: agent.user }, address, units),
  },
  /** @throws FhirError throttled */
  signedIn: (identified: Identified, request: IncomingMessage, units: number) =>
    limits.signedIn(identified, addressOf(request), units, identified.unitsPerMinute),
});
