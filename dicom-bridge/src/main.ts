import path from 'node:path';
import { pino, type Logger } from 'pino';
import { readConfig, type BridgeConfig } from './config.ts';
import { bridgeSecret } from './config/secret.ts';
import { BridgeLog } from './log/bridgeLog.ts';
import { openActivities, type ActivityParts } from './main/activities.ts';
import { apiRoutes } from './main/apiRoutes.ts';
import { openDocuments } from './main/documents.ts';
import { openErasures } from './main/erasures.ts';
import { Lifetime } from './main/lifetime.ts';
import { openListeners, type Listeners } from './main/listeners.ts';
import { tellParent } from './main/parent.ts';
import { openPictures } from './main/pictures.ts';
import { openParts, type BridgeParts } from './main/parts.ts';
import { runAsProgram } from './main/program.ts';
import { openRetrieval } from './main/retrieval.ts';
import { PeerFile } from './peers/peerFile.ts';
import { PeerRefresh } from './peers/peerRefresh.ts';
import { InternalApi } from './web/internalApi.ts';
import { statusOf, type StatusParts } from './web/status.ts';

/** A bridge that runs. */
export interface RunningBridge {
  dicomPort: number;
  /** With TLS, where it has that. */
  tlsPort?: number;
  /** Of the internal API, without a slash at its end. */
  apiUrl: string;
  /** Ends connections and what is under way; safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Composition root: configuration -> parts -> listen. It needs neither archive nor server to start: what comes meanwhile waits in the spool.
 *
 * @throws ConfigError, DatabaseTakenError, errors of the file system and of ports
 */
export async function startBridge(config: BridgeConfig, logger: Logger): Promise<RunningBridge> {
  const lifetime = new Lifetime();
  try {
    const started = await start(config, new BridgeLog(logger), lifetime);
    return { ...started, stop: () => lifetime.end() };
  } catch (error) {
    await lifetime.end();
    throw error;
  }
}

async function start(
  config: BridgeConfig,
  bridgeLog: BridgeLog,
  lifetime: Lifetime,
): Promise<Omit<RunningBridge, 'stop'>> {
  const { log } = bridgeLog;
  const secret = bridgeSecret(config.secretFile);
  const parts = await openParts(config, log, lifetime);
  const { allowList, server, uploads, recorder } = parts;
  const file = new PeerFile(path.join(config.folder, 'peers.json'));
  const refresh = new PeerRefresh({ server, allowList, file, configured: config.allow, log });
  lifetime.atEnd(() => refresh.stop());
  const activities = openActivities(parts, lifetime);
  const listeners = await openListeners(parts, activities, lifetime);
  const status = () => statusOf(statusParts({ ...parts, ...activities }, listeners, refresh, bridgeLog));
  const retrieval = await openRetrieval(parts, lifetime);
  const { store } = listeners;
  const pictures = openPictures(parts, store, lifetime);
  const documents = openDocuments(parts, store);
  const erasures = openErasures(parts, { store, copies: retrieval.copies }, lifetime);
  const routes = apiRoutes(parts, { store, pictures, documents, erasures }, retrieval, status);
  const { apiHost: host, apiPort: port } = config;
  const api = await InternalApi.listen({ host, port, secret, routes, log });
  lifetime.atEnd(() => api.close());
  refresh.start();
  uploads.wake();
  recorder.wake();
  erasures.wake();
  const { plain, tls } = listeners;
  return { dicomPort: plain.port, ...(tls && { tlsPort: tls.port }), apiUrl: api.url };
}

function statusParts(
  {
    config,
    ledger,
    studies,
    steps,
    erasures,
    spool,
    archive,
    allowList,
    server,
    activityLedger,
  }: BridgeParts & ActivityParts,
  { plain, tls }: Listeners,
  refresh: PeerRefresh,
  bridgeLog: BridgeLog,
): StatusParts {
  const { aeTitle, orthanc } = config;
  return {
    ...{ aeTitle, ledger, studies, steps, erasures, spool, archive },
    activities: activityLedger,
    archiveKind: orthanc ? 'orthanc' : 'files',
    isServerAway: () => server.isAway,
    peers: () => ({ ...refresh.state, admitted: allowList.peers }),
    associations: () => plain.connections + (tls?.connections ?? 0),
    faults: () => bridgeLog.faults,
  };
}

async function run(): Promise<void> {
  await runAsProgram(async () => {
    const config = readConfig(process.env);
    const logger = pino({ level: config.logLevel });
    const bridge = await startBridge(config, logger);
    const { aeTitle, dicomHost } = config;
    const { apiUrl, dicomPort, tlsPort } = bridge;
    logger.info({ aeTitle, dicomHost, dicomPort, tlsPort, apiUrl }, 'the DICOM bridge is ready');
    tellParent({ apiUrl, aeTitle, dicomHost, dicomPort });
    return bridge;
  });
}

if (import.meta.main) await run();
