import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Definitions } from '../fhir/definitions/types.ts';
import type { AuditSettings } from '../audit/audit.ts';
import { auditLayout } from '../audit/layout.ts';
import { loadDefinitions } from '../store/definitionsCache.ts';
import type { Database } from '../store/postgres/database.ts';
import { defaultDataDir } from '../store/postgres/embedded/layout.ts';
import type { Log } from '../store/postgres/log.ts';
import { Notices } from '../store/postgres/notices.ts';
import type { RateLimits } from '../limits/rateLimits.ts';
import type { BullQueues } from '../queue/bull/bullQueues.ts';
import type { BundledPages } from '../web/viewer/pages.ts';
import { BundleLimiter } from '../rest/bundle/limiter.ts';
import { BodyRoom } from '../rest/http/bodyRoom.ts';
import { clientAddress, type AddressOf } from '../rest/http/clientAddress.ts';
import { openDicomBridge, type DicomBridge } from './dicom/dicomBridge.ts';
import type { Lifetime } from './lifetime.ts';
import { WorkerPool } from '../bots/workers/pool.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { openQueues } from './queues.ts';
import { openRateLimits } from './rateLimits.ts';
import { secretKey } from './secretKey.ts';
import { makeDataDir, openStorage } from './storage.ts';
import { openViewerPages } from './viewerPages.ts';
import type { SchemaRights } from './tenants/schemaRights.ts';
import { auditSettings } from './auditSettings.ts';

/** Root of the release. */
export const CHECKOUT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** What a server is started with. */
export interface Start {
  config: Config;
  log: Logger;
  /** Told what goes on while starting. */
  onProgress: (message: string) => void;
  /** Given up at the next step when it is aborted. */
  stopping: AbortSignal;
}

/** What a process has once, whatever stores it serves. */
export interface Machine extends Start {
  toLog: Log;
  dataDir: string;
  cacheDir: string;
  /** Of SECRET_KEY_FILE. */
  key: Uint8Array;
  database: Database;
  /** What the servers of this database tell each other. */
  notices: Notices;
  schemaRights: SchemaRights;
  auditSettings: AuditSettings;
  /** FHIR's own. */
  definitions: Definitions;
  metrics: Metrics;
  /** Memory for requests, which all stores share. */
  bodies: BodyRoom;
  bundles: BundleLimiter;
  /** Whom a request comes from. */
  addressOf: AddressOf;
  rateLimits: RateLimits;
  queues: BullQueues;
  /** Processes in which bots run, of all stores. */
  botPool: WorkerPool;
  /** Absent with DICOM=off. */
  dicomBridge?: DicomBridge;
  viewerPages: BundledPages;
  /** On which this process itself, or its bridge, listens, as soon as it does. */
  ownPorts: number[];
}

/**
 * Opens it; closed at the end of `lifetime`.
 *
 * @param beforeStore what else may keep this server from starting: asked before anything in the database is changed
 * @throws ConfigError, StartError with a message for people
 */
export async function openMachine(
  start: Start,
  lifetime: Lifetime,
  beforeStore?: () => Promise<void>,
): Promise<Machine> {
  const { config, log, stopping } = start;
  const dataDir = dataDirOf(config);
  makeDataDir(dataDir);
  const toLog: Log = (level, message) => log[level](message);
  const key = secretKey(config.secretKeyFile ?? path.join(dataDir, 'secret.key'));
  const cacheDir = path.join(dataDir, 'cache');
  const definitionsLoading = loadDefinitions(cacheDir, stopping);
  definitionsLoading.catch(() => undefined); // awaited below; until then a failure must not end the process
  const { database, connection, schemaRights } = await openStorage(
    { ...start, dataDir, log: toLog, beforeStore },
    lifetime,
  );
  const notices = new Notices({ connection, log: toLog });
  lifetime.atEnd(() => notices.stop());
  await notices.start();
  const definitions = await definitionsLoading;
  stopping.throwIfAborted();
  const dicomBridge = openDicomBridge(config, dataDir, lifetime);
  return {
    ...start,
    ...{ toLog, dataDir, cacheDir, key, database, schemaRights, notices, definitions },
    auditSettings: { ...auditSettings(config), keyFile: config.auditKeyFile ?? auditLayout(dataDir).key },
    ...(dicomBridge && { dicomBridge }),
    viewerPages: openViewerPages(start, lifetime),
    metrics: createMetrics(),
    bodies: new BodyRoom(),
    bundles: new BundleLimiter(),
    ownPorts: [],
    botPool: openBotPool(config, lifetime),
    addressOf: clientAddress(config.trustProxy),
    rateLimits: openRateLimits(config, { database, log: toLog }, lifetime),
    queues: openQueues(config, { connection, log: toLog }, lifetime),
  };
}

export const dataDirOf = (config: Config): string => config.dataDir ?? defaultDataDir(CHECKOUT);

function openBotPool({ botRunsMax }: Config, lifetime: Lifetime): WorkerPool {
  const pool = new WorkerPool(botRunsMax);
  lifetime.atEnd(() => pool.stop());
  return pool;
}
