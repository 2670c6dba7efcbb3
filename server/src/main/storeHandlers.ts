import { randomUUID } from 'node:crypto';
import packageJson from '../../package.json' with { type: 'json' };
import type { Bots } from '../bots/bots.ts';
import type { Events } from '../events/startEvents.ts';
import { oauthUris } from '../identity/paths.ts';
import { smartConfiguration } from '../identity/smartConfiguration.ts';
import { Reconciliation } from '../imaging/reconcile/reconciliation.ts';
import { Uploads } from '../imaging/upload/uploads.ts';
import { WriteBack } from '../imaging/writeback/writeBack.ts';
import { allOperations } from '../operations/all.ts';
import { botOperations } from '../operations/bots.ts';
import { dicomActivityOperation } from '../operations/dicomActivity.ts';
import { dicomStatusOperation } from '../operations/dicomStatus.ts';
import { reconcileOperations } from '../operations/reconcile.ts';
import { ImportSources } from '../operations/import/sources.ts';
import type { MessageHandler } from '../operations/message/handlers.ts';
import { OperationRegistry } from '../operations/operation.ts';
import { liveSubscriptionOperations } from '../operations/liveSubscriptions.ts';
import { subscriptionOperations } from '../operations/subscriptions.ts';
import { tenantOperations } from '../operations/tenants.ts';
import { uploadOperation } from '../operations/upload.ts';
import { viewStudyOperation } from '../operations/viewStudy.ts';
import { writeBackOperation } from '../operations/writeBack.ts';
import type { BullStoreQueue } from '../queue/bull/bullStoreQueue.ts';
import type { SupportedProfiles } from '../records/packages/supportedProfiles.ts';
import { DicomActivities } from '../records/auditLog/dicomActivities.ts';
import { TenantRecords, type TenantKeeper } from '../records/tenants.ts';
import { FHIR_BASE_PATH, createFhirHandler } from '../rest/handler.ts';
import { Origins } from '../rest/http/origins.ts';
import { securityHeaders } from '../rest/http/securityHeaders.ts';
import { createWebSocketHandler } from '../rest/websocket/webSocketHandler.ts';
import { allInteractions } from '../rest/interactions/all.ts';
import { createWebApp } from '../web/app.ts';
import { UPLOADS_PATH } from '../web/dicomweb/handler.ts';
import { smartConfigurationDocument } from '../web/smartConfiguration.ts';
import { allMetrics } from './allMetrics.ts';
import { describeDefect } from './defect.ts';
import { openDicomweb } from './dicom/dicomweb.ts';
import { startImageErasure } from './dicom/imageErasure.ts';
import { openUploads } from './dicom/uploads.ts';
import type { OpenIdentity } from './identity.ts';
import { startJobs } from './jobs.ts';
import type { Lifetime } from './lifetime.ts';
import type { Machine } from './machine.ts';
import { queueBoard } from './queueBoard.ts';
import { operationRecords } from './operationRecords.ts';
import { limitsOfRequests, type OpenLimits } from './storeLimits.ts';
import type { StorePlace } from './storePlace.ts';
import type { StoreRecords } from './storeRecords.ts';
import type { Handlers } from './surface.ts';
import { linkToViewer, openViewer } from './viewer.ts';

/** What acts on the events of messages: nothing yet. */
const MESSAGE_HANDLERS: readonly MessageHandler[] = [];

export interface HandlerParts {
  machine: Machine;
  place: StorePlace;
  opened: StoreRecords;
  identity: OpenIdentity;
  supported: SupportedProfiles;
  limits: OpenLimits;
  events: Events;
  queue: BullStoreQueue;
  bots: Bots;
  /** Whether requests may come. */
  ready: () => boolean;
  /** Present in the main store. */
  keeper?: TenantKeeper;
}

/** Begins the jobs of a store, and makes what answers requests for it: their URLs are below its root. */
export function storeHandlers(parts: HandlerParts, lifetime: Lifetime): Handlers {
  const { machine, place, opened, identity, supported, limits, ready } = parts;
  const { config, log, metrics, dicomBridge } = machine;
  const { store, records, trails, binaries } = opened;
  const { fhirBase: base, root } = place;
  const importSources = new ImportSources(config.importAllow);
  const operationSettings = { base, importSources, messageHandlers: MESSAGE_HANDLERS };
  const jobs = startJobs(
    store,
    records,
    operationSettings,
    { log, trails, callers: identity.callers },
    lifetime,
  );
  const images = startImageErasure(parts, lifetime);
  const doors = operationRecords(store, {
    ...{ ...opened, jobs, base, blobs: place.blobs, breakGlassMinutes: config.breakGlassMinutes },
    accounts: identity.identity,
    ...(images && { images }),
  });
  doors.erasures
    .removeFiles()
    .catch((error: unknown) =>
      log.warn({ defect: describeDefect(error) }, 'files of erased patients remain'),
    );
  const { definitions } = store;
  const uploadFiles = openUploads(parts, lifetime);
  const operations = new OperationRegistry([
    ...allOperations(doors, definitions, operationSettings),
    ...subscriptionOperations(parts.events.queries),
    ...liveSubscriptionOperations(parts.events.liveQueries),
    ...botOperations({ bots: parts.bots, records }),
    ...reconcileOperations(new Reconciliation(records), base),
    viewStudyOperation(records, linkToViewer(place, identity)),
    dicomActivityOperation(new DicomActivities(opened.audit, records, base)),
    ...(parts.keeper ? tenantOperations(new TenantRecords(parts.keeper)) : []),
    ...(dicomBridge && images
      ? [
          dicomStatusOperation(dicomBridge.client, images),
          uploadOperation(new Uploads(records, dicomBridge.client), uploadFiles, {
            base,
            uploads: `${root}${UPLOADS_PATH}`,
          }),
          writeBackOperation(new WriteBack({ records, binaries, bridge: dicomBridge.client, base }), base),
        ]
      : []),
  ]);
  const interactions = allInteractions(
    {
      records,
      binaries,
      definitions,
      operations,
      jobs,
      terminology: doors.terminology,
      supported,
      subscriptions: parts.events.support,
    },
    {
      ...config,
      bundles: machine.bundles,
      base,
      softwareVersion: packageJson.version,
      oauth: oauthUris(root),
    },
  );
  const smart = smartConfiguration(root, config.clientRegistration);
  const headers = securityHeaders(root.startsWith('https:'));
  const answerSmart = smartConfigurationDocument(FHIR_BASE_PATH, smart, headers);
  const { authenticate, me } = identity;
  const { web, fhir: limitsOfFhir } = limitsOfRequests(limits);
  const surface = {
    origins: new Origins(config.corsOrigins, root),
    addressOf: limits.addressOf,
    limits: limitsOfFhir,
    refusals: limits.refusals,
    trails,
    onDefect: (error: unknown, requestId: string) =>
      log.error({ requestId, defect: describeDefect(error) }, 'a request failed'),
  };
  const showQueue = queueBoard(parts);
  const answerDicomweb = openDicomweb(parts, { ...surface, authenticate }, uploadFiles);
  const openWebSocket = createWebSocketHandler({ ...surface, live: parts.events.live });
  const fhir = createFhirHandler({
    bodies: machine.bodies,
    definitions,
    interactions,
    ...surface,
    headers,
    authenticate,
    onAnswer: metrics.answered,
  });
  const services = { fhir, dicomweb: answerDicomweb };
  const showViewer = openViewer(parts, { services, headers });
  return {
    identity: (request, response) =>
      openWebSocket(request, response) ||
      showQueue(request, response) ||
      showViewer(request, response) ||
      answerDicomweb(request, response) ||
      identity.identity.callback(request, response) ||
      answerSmart(request, response),
    app: createWebApp({
      ...(place.tenant === undefined && { machine: { ready, metrics: allMetrics(machine, store.outbox) } }),
      ...{ fhirBase: base, limits: web, authenticate, me, onDefect: surface.onDefect },
      webhook: (bot, call, request) => {
        const address = limits.addressOf(request);
        const origin = { ...(address !== undefined && { address }), requestId: randomUUID() };
        return parts.bots.runWebhook(bot, call, origin);
      },
    }),
    fhir,
  };
}
