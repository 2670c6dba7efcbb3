import type { LinkToViewer } from '../operations/viewStudy.ts';
import { createViewerHandler, type ViewerHandlerParts } from '../web/viewer/handler.ts';
import { VIEWER_PATH } from '../web/viewer/viewerUrl.ts';
import { describeDefect } from './defect.ts';
import type { OpenIdentity } from './identity.ts';
import type { Machine } from './machine.ts';
import { limitsOfRequests, type OpenLimits } from './storeLimits.ts';
import type { StorePlace } from './storePlace.ts';

/** Makes links to the viewer of a store. */
export const linkToViewer =
  ({ root }: StorePlace, { identity }: Pick<OpenIdentity, 'identity'>): LinkToViewer =>
  async (studyId, authorization) => {
    const page = `${VIEWER_PATH}/${studyId}`;
    const holder = await identity.authenticate(authorization);
    const { ticket, expiresAtMs } = await identity.visits.invite({ page, authorization, holder });
    return { url: `${root}${page}?ticket=${ticket}`, expiresAtMs };
  };

interface OpenParts {
  machine: Pick<Machine, 'log' | 'viewerPages'>;
  place: StorePlace;
  identity: Pick<OpenIdentity, 'identity'>;
  limits: OpenLimits;
}

/** The viewer of a store, over the services that have what it shows. */
export function openViewer(
  { machine: { log, viewerPages: pages }, place: { root }, identity, limits }: OpenParts,
  { services, headers }: Pick<ViewerHandlerParts, 'services' | 'headers'>,
): ReturnType<typeof createViewerHandler> {
  return createViewerHandler({
    ...{ root, pages, services, headers },
    visits: identity.identity.visits,
    anonymous: limitsOfRequests(limits).web.anonymous,
    onDefect: (error) => log.error({ defect: describeDefect(error) }, 'the viewer could not be shown'),
  });
}
