import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino, type Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { readConfig, type Config } from './config.ts';
import { auditUntilEnd } from './main/audit.ts';
import { describeDefect } from './main/defect.ts';
import { demoUsersFile, loadContent } from './main/content.ts';
import { startJobs } from './main/jobs.ts';
import { Lifetime } from './main/lifetime.ts';
import { createMetrics } from './main/metrics.ts';
import { operationRecords } from './main/operationRecords.ts';
import { openIdentity } from './main/identity.ts';
import { identityAudit } from './main/identityAudit.ts';
import { runAsProgram } from './main/program.ts';
import { openRecordStore } from './main/recordStore.ts';
import { secretKey } from './main/secretKey.ts';
import { makeDataDir, openBlobs, openStorage } from './main/storage.ts';
import { openSurface } from './main/surface.ts';
import { startValidator } from './main/validation.ts';
import { allOperations } from './operations/all.ts';
import { ImportSources } from './operations/import/sources.ts';
import type { MessageHandler } from './operations/message/handlers.ts';
import { OperationRegistry } from './operations/operation.ts';
import { AuditEvents } from './records/auditLog/auditEvents.ts';
import { Binaries } from './records/binaries.ts';
import { Cursors } from './records/cursors.ts';
import { oauthUris } from './identity/paths.ts';
import { smartConfiguration } from './identity/smartConfiguration.ts';
import { InstalledPackages } from './records/packages/installedPackages.ts';
import { SupportedProfiles } from './records/packages/supportedProfiles.ts';
import { Records } from './records/records.ts';
import { IndexRecords } from './records/searchParameters.ts';
import { Trails } from './records/trail/trails.ts';
import { FHIR_BASE_PATH, createFhirHandler } from './rest/handler.ts';
import { Origins } from './rest/http/origins.ts';
import { allInteractions } from './rest/interactions/all.ts';
import { loadDefinitions } from './store/definitionsCache.ts';
import { defaultDataDir } from './store/postgres/embedded/layout.ts';
import type { Log } from './store/postgres/log.ts';
import { Settings } from './store/settings.ts';
import { Terminology } from './terminology/terminology.ts';
import { smartConfigurationDocument } from './web/smartConfiguration.ts';
import { createWebApp } from './web/app.ts';

const CHECKOUT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A server that runs. */
export interface RunningServer {
  /** Root URL, without a slash at its end. */
  url: string;
  /** Where the credentials of the first administrator client stand; absent: in the configuration. */
  administratorFile?: string;
  /** Drains requests, closes the database; safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Composition root: configuration -> parts -> listen. The only place that knows all parts.
 *
 * @param onProgress told what goes on while starting
 * @param stopping given up at the next step of the start when it is aborted; then it does nothing any more
 * @throws ConfigError, StartError with a message for people
 */
export async function startServer(
  config: Config,
  log: Logger,
  onProgress: (message: string) => void,
  stopping: AbortSignal = new AbortController().signal,
): Promise<RunningServer> {
  const lifetime = new Lifetime();
  try {
    const started = await start({ config, log, onProgress, stopping }, lifetime);
    return { ...started, stop: () => lifetime.end() };
  } catch (error) {
    await lifetime.end();
    throw error;
  }
}

interface Start {
  config: Config;
  log: Logger;
  onProgress: (message: string) => void;
  stopping: AbortSignal;
}

async function start(
  { config, log, onProgress, stopping }: Start,
  lifetime: Lifetime,
): Promise<Omit<RunningServer, 'stop'>> {
  const dataDir = dataDirOf(config);
  makeDataDir(dataDir);
  const toLog: Log = (level, message) => log[level](message);
  const key = secretKey(config.secretKeyFile ?? path.join(dataDir, 'secret.key'));
  const cacheDir = path.join(dataDir, 'cache');
  const definitionsLoading = loadDefinitions(cacheDir);
  definitionsLoading.catch(() => undefined); // awaited below; until then a failure must not end the process
  const { database, connection } = await openStorage(
    { config, dataDir, log: toLog, onProgress, stopping },
    lifetime,
  );
  // Only now: whoever got here owns the data folder.
  const blobs = await openBlobs(config, dataDir, lifetime);
  const fhir = await definitionsLoading;
  stopping.throwIfAborted();

  const openAudit = auditUntilEnd(lifetime);
  const surface = await openSurface(config, lifetime);
  const base = `${surface.publicUrl}${FHIR_BASE_PATH}`;
  const settings = new Settings(database, config.databaseSchema);
  const storeParts = {
    database,
    schema: config.databaseSchema,
    settings,
    definitions: fhir,
    base,
    log: toLog,
  };
  const store = await openRecordStore(storeParts, lifetime);
  const audit = await openAudit({ config, database, dataDir, base, log: toLog });
  const { definitions } = store;
  const terminology = new Terminology(store, config.databaseSchema, definitions, cacheDir);
  const validator = startValidator({ store, terminology, cacheDir, log: toLog, config }, lifetime);
  const cursors = new Cursors(key);
  const { conditionalDeletesMax } = config;
  const { meanings } = terminology;
  const auditEvents = new AuditEvents(audit, cursors, base);
  const records = new Records(
    store,
    definitions,
    validator,
    cursors,
    conditionalDeletesMax,
    meanings,
    auditEvents,
  );
  const binaries = new Binaries(store, { definitions, validator }, records, blobs, config.binaryBytesMax);
  const index = new IndexRecords(store);
  const { publicUrl } = surface;
  const trails = new Trails(audit, base);
  const { identity, authenticate, me, administratorFile } = await openIdentity(
    {
      ...{ config, dataDir, store, records, connection, key, publicUrl, base, log: toLog },
      trails,
      onEvent: identityAudit(audit, toLog),
      onDefect: (error) => log.error({ defect: describeDefect(error) }, 'a request to sign in failed'),
    },
    lifetime,
  );
  const installed = new InstalledPackages(settings);
  const supported = new SupportedProfiles(store.structures, installed);
  await loadContent({
    ...{ config, dataDir, store, records, index, settings, installed, log: toLog, onProgress, stopping },
    passwords: identity.passwords,
  });

  const importSources = new ImportSources(config.importAllow);
  const operationSettings = { base, importSources, messageHandlers: MESSAGE_HANDLERS };
  const jobs = startJobs(store, records, operationSettings, { log, trails }, lifetime);
  const doors = operationRecords(store, {
    ...{ records, binaries, cursors, jobs, base, terminology, auditEvents },
    accounts: identity,
  });
  const operations = new OperationRegistry(allOperations(doors, definitions, operationSettings));
  const metrics = createMetrics();
  const interactions = allInteractions(
    { records, binaries, definitions, operations, jobs, terminology: doors.terminology, supported },
    { ...config, base, softwareVersion: packageJson.version, oauth: oauthUris(surface.publicUrl) },
  );
  const smart = smartConfiguration(surface.publicUrl, config.clientRegistration);
  const answerSmart = smartConfigurationDocument(FHIR_BASE_PATH, smart);
  surface.open({
    identity: (request, response) => identity.callback(request, response) || answerSmart(request, response),
    app: createWebApp({
      ready: () => !surface.draining && database.ready(),
      metrics: metrics.registry,
      fhirBase: base,
      authenticate,
      me,
    }),
    fhir: createFhirHandler({
      definitions,
      interactions,
      origins: new Origins(config.corsOrigins, surface.publicUrl),
      authenticate,
      trails,
      onDefect: (error, requestId) =>
        log.error({ requestId, defect: describeDefect(error) }, 'a request failed'),
      onAnswer: metrics.answered,
    }),
  });
  return { url: surface.url, ...(administratorFile === undefined ? {} : { administratorFile }) };
}

/** What acts on the events of messages: nothing yet. */
const MESSAGE_HANDLERS: readonly MessageHandler[] = [];

const dataDirOf = (config: Config): string => config.dataDir ?? defaultDataDir(CHECKOUT);

async function run(): Promise<void> {
  const started = performance.now();
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  await runAsProgram(async (stopping) => {
    const config = readConfig(process.env);
    const server = await startServer(config, pino({ level: config.logLevel }), say, stopping);
    const base = `${server.url}${FHIR_BASE_PATH}`;
    say(`MaxRay is ready at ${base} after ${((performance.now() - started) / 1000).toFixed(1)} s.`);
    if (existsSync(demoUsersFile(dataDirOf(config))))
      say(`Demo users and their passwords: ${demoUsersFile(dataDirOf(config))}`);
    if (server.administratorFile !== undefined) say(`Administrator client: ${server.administratorFile}`);
    say(
      `Try:  curl -H "Authorization: Bearer $(npm run -s token -- --url ${base})" '${base}/Patient?_count=1'`,
    );
    return server;
  }, say);
}

if (import.meta.main) await run();
