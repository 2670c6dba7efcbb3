import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isThrottled } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Identified } from '../identity/ports.ts';
import type { Callers } from '../records/callers/callers.ts';
import type { Me, WhoAmI } from '../records/callers/me.ts';
import type { Refusals } from '../records/trail/refusals.ts';
import { OUTCOME, type Asked } from '../records/trail/trail.ts';
import type { Trails } from '../records/trail/trails.ts';
import { recordFault } from '../rest/http/recording.ts';

export interface MeParts {
  identified(request: IncomingMessage): Promise<Identified>;
  callers: Pick<Callers, 'of'>;
  whoAmI: Pick<WhoAmI, 'of'>;
  trails: Trails;
  refusals: Pick<Refusals, 'isRecorded'>;
  addressOf(request: IncomingMessage): string | undefined;
}

const ASKED: Asked = { event: 'read', query: 'auth/me' };

/** What `/auth/me` tells somebody, in the audit log before it leaves; of refusals that come in a flood, that they do. */
export function recordedMe(parts: MeParts): (request: IncomingMessage) => Promise<Me> {
  const { identified, callers, whoAmI, trails, refusals, addressOf } = parts;
  return async (request) => {
    const origin = { address: addressOf(request), requestId: randomUUID() };
    let trail = trails.begin({ ...origin, agent: {} }, ASKED);
    let isKnown = false;
    try {
      const who = await identified(request);
      const { agent } = await callers.of(who);
      trail = trails.begin({ ...origin, agent }, ASKED);
      isKnown = true;
      const me = await whoAmI.of(who);
      for (const shown of Object.values(me) as Resource[])
        trail.shows({ type: shown.resourceType, id: shown.id!, content: JSON.stringify(shown) });
      await trail.end(OUTCOME.success);
      return me;
    } catch (error) {
      const isRecorded = isKnown || refusals.isRecorded({ agent: {}, ...origin }, 'auth/me');
      throw isThrottled(error) || !isRecorded ? error : await recordFault(trail, error);
    }
  };
}
