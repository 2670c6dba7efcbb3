import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundleFolder } from '@maxray/console/bundle';
import type { LinkToViewer } from '../operations/viewStudy.ts';
import { createViewerHandler, type ViewerHandlerParts } from '../web/viewer/handler.ts';
import { BundledPages } from '../web/viewer/pages.ts';
import { VIEWER_PATH } from '../web/viewer/viewerUrl.ts';
import { describeDefect } from './defect.ts';
import type { OpenIdentity } from './identity.ts';
import type { Lifetime } from './lifetime.ts';
import type { Machine, Start } from './machine.ts';
import { limitsOfRequests, type OpenLimits } from './storeLimits.ts';
import type { StorePlace } from './storePlace.ts';

/** To bundle the pages takes some seconds; on the slowest machine not so long. */
const BUILD_MS_MAX = 300_000;

/** The pages of the viewer, of all stores. They are bundled by a process of their own, so that nobody waits meanwhile. */
export function openViewerPages({ log }: Pick<Start, 'log'>, lifetime: Lifetime): BundledPages {
  const stopping = new AbortController();
  lifetime.atEnd(() => stopping.abort());
  return new BundledPages({
    folder: bundleFolder,
    make: () => bundle(stopping.signal),
    onFailed: (error) =>
      log.error({ defect: describeDefect(error) }, 'the pages of the viewer could not be bundled'),
  });
}

function bundle(signal: AbortSignal): Promise<void> {
  const script = fileURLToPath(import.meta.resolve('@maxray/console/build'));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], {
      signal,
      timeout: BUILD_MS_MAX,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { PATH: process.env.PATH },
      windowsHide: true,
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`bundling ended with ${code}`));
    });
  });
}

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
