import type { IncomingMessage, ServerResponse } from 'node:http';
import { accountSignIn, QUEUES_PAGE } from '../identity/account/accountClient.ts';
import { QUEUES_PATH } from '../identity/paths.ts';
import type { BullStoreQueue } from '../queue/bull/bullStoreQueue.ts';
import { createQueueBoard, type Visitor } from '../web/queueBoard.ts';
import { describeDefect } from './defect.ts';
import type { OpenIdentity } from './identity.ts';
import type { Machine } from './machine.ts';
import { limitsOfRequests, type OpenLimits } from './storeLimits.ts';
import type { StorePlace } from './storePlace.ts';

interface BoardParts {
  machine: Pick<Machine, 'log'>;
  place: StorePlace;
  identity: OpenIdentity;
  limits: OpenLimits;
  queue: BullStoreQueue;
}

/** The page of the queue of a store, for administrators of that store, signed in there or with a token. */
export function queueBoard({ machine, place, identity, limits, queue }: BoardParts) {
  const { web } = limitsOfRequests(limits);
  const visitor = async (request: IncomingMessage, response: ServerResponse): Promise<Visitor> => {
    if (request.headers.authorization !== undefined)
      return (await identity.authenticate(request)).isAdministrator ? 'administrator' : 'other';
    web.anonymous(request);
    const user = await identity.identity.signedIn(request, response);
    if (user === undefined) return 'nobody';
    const { isAdministrator } = await identity.callers.ofAccount(`User/${user}`);
    return isAdministrator ? 'administrator' : 'other';
  };
  return createQueueBoard({
    path: QUEUES_PATH,
    publicPath: `${new URL(place.root).pathname.replace(/\/$/, '')}${QUEUES_PATH}`,
    queue,
    visitor,
    signInUrl: () => accountSignIn(place.root, QUEUES_PAGE),
    onDefect: (error) => machine.log.error({ defect: describeDefect(error) }, 'the queue could not be shown'),
  });
}
