import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino, type Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { ConfigError, readConfig, type Config } from './config.ts';
import { loadDemo } from './main/demo.ts';
import { drain, listen } from './main/listen.ts';
import { createMetrics } from './main/metrics.ts';
import { loadPackages } from './main/packages.ts';
import { operationRecords } from './main/operationRecords.ts';
import { runAsProgram } from './main/program.ts';
import { secretKey } from './main/secretKey.ts';
import { answerWhileStarting } from './main/starting.ts';
import { validatorParts } from './main/validation.ts';
import type { MessageHandler } from './operations/message/handlers.ts';
import { allOperations, type OperationSettings } from './operations/all.ts';
import { importKind } from './operations/import/kind.ts';
import { ImportSources } from './operations/import/sources.ts';
import { OperationRegistry } from './operations/operation.ts';
import { Binaries } from './records/binaries.ts';
import { ContentRecords } from './records/contents.ts';
import { Cursors } from './records/cursors.ts';
import { Jobs } from './records/jobs/jobs.ts';
import { IndexRecords } from './records/searchParameters.ts';
import { InstalledPackages } from './records/packages/installedPackages.ts';
import { SupportedProfiles } from './records/packages/supportedProfiles.ts';
import { Records } from './records/records.ts';
import { FHIR_BASE_PATH, createFhirHandler, type FhirHandler } from './rest/handler.ts';
import { Origins } from './rest/http/origins.ts';
import { allInteractions } from './rest/interactions/all.ts';
import { JOBS_PATH } from './rest/router.ts';
import { createHttpServer } from './rest/server.ts';
import type { BlobStore } from './store/blob/blobStore.ts';
import { openBlobStore } from './store/blob/open.ts';
import { loadDefinitions } from './store/definitionsCache.ts';
import { openDatabase, type Database, type DatabaseOptions } from './store/postgres/database.ts';
import { defaultDataDir } from './store/postgres/embedded/layout.ts';
import { startEmbeddedPostgres } from './store/postgres/embedded/start.ts';
import { migrate } from './store/postgres/migrations/migrate.ts';
import { readStoreSecret } from './store/postgres/migrations/storeSecret.ts';
import { StartError } from './store/postgres/startError.ts';
import {
  INDEX_BASE_SETTING,
  INDEX_FORM,
  INDEX_FORM_SETTING,
  PUBLIC_BASE_SETTING,
  Settings,
} from './store/settings.ts';
import { openStore, type Store } from './store/store.ts';
import { CoreStructureFiles } from './store/structures/coreStructureFiles.ts';
import { Terminology } from './terminology/terminology.ts';
import { createValidator } from './validation/createValidator.ts';
import { createWebApp } from './web/app.ts';
import { makeFolder } from './store/makeFolder.ts';

/** Time that running requests get to end after SIGTERM: the rest of 10 s is for the database's own end. */
const DRAIN_TIMEOUT_MS = 6_500;
const CHECKOUT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A server that runs. */
export interface RunningServer {
  /** Root URL, without a slash at its end. */
  url: string;
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
  const closers: (() => Promise<void>)[] = [];
  const stop = once(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  try {
    return { url: await start(config, log, onProgress, closers, stopping), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  config: Config,
  log: Logger,
  onProgress: (message: string) => void,
  closers: (() => Promise<void>)[],
  stopping: AbortSignal,
): Promise<string> {
  const dataDir = config.dataDir ?? defaultDataDir(CHECKOUT);
  makeDataDir(dataDir);
  const toLog = (level: 'info' | 'warn' | 'error', message: string) => log[level](message);
  const key = secretKey(config.secretKeyFile ?? path.join(dataDir, 'secret.key'));
  const definitionsLoading = loadDefinitions(path.join(dataDir, 'cache'));
  definitionsLoading.catch(() => undefined); // awaited below; until then a failure must not end the process

  const options = { store: config.databaseSchema, searchTimeoutMs: config.searchTimeoutMs, log: toLog };
  let database: Database;
  if (config.databaseUrl === undefined) {
    const postgres = await startEmbeddedPostgres({ dataDir, onProgress, log: toLog });
    closers.push(() => postgres.stop());
    stopping.throwIfAborted();
    database = await openDatabase({ ...options, connection: { ...postgres.connection } });
  } else database = await openOwnDatabase({ ...options, connection: config.databaseUrl });
  closers.push(() => database.close());
  stopping.throwIfAborted();
  await prepareSchema(database, config, onProgress);
  // Only now: whoever got here owns the data folder.
  const blobs = await openBlobs(config, dataDir);
  closers.push(() => blobs.close());
  const secret = await readStoreSecret(database, config.databaseSchema);
  const fhir = await definitionsLoading;
  stopping.throwIfAborted();

  const parts: { fhir?: FhirHandler; app?: ReturnType<typeof createWebApp> } = {};
  const server = createHttpServer({
    fhir: (request, response) => parts.fhir?.(request, response) ?? false,
    app: (request, response) => (parts.app ?? answerWhileStarting)(request, response),
    requestTimeoutMs: config.requestTimeoutMs,
  });
  const port = await listen(server, config.port, config.host);
  let draining = false;
  closers.push(() => {
    draining = true;
    return drain(server, DRAIN_TIMEOUT_MS);
  });

  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
  const publicUrl = config.publicUrl ?? url;
  const base = `${publicUrl}${FHIR_BASE_PATH}`;
  const settings = new Settings(database, config.databaseSchema);
  await rememberBase(settings, base, log);
  if ((await settings.read(INDEX_FORM_SETTING)) === undefined)
    await settings.write(INDEX_FORM_SETTING, INDEX_FORM);
  const store = openStore(database, config.databaseSchema, fhir, secret, base, toLog);
  await openIndex(store, log);
  closers.push(() => store.reindexing.stop());
  const { definitions } = store;
  const cacheDir = path.join(dataDir, 'cache');
  const terminology = new Terminology(store, config.databaseSchema, definitions, cacheDir);
  const core = new CoreStructureFiles(cacheDir);
  const validator = createValidator(
    definitions,
    validatorParts({ store, terminology, core, log: toLog, config }),
  );
  store.structures.start();
  core.prepare().catch((error: Error) => log.error(`R4's own profiles cannot be used: ${error.message}`));
  closers.push(async () => store.structures.stop());
  const cursors = new Cursors(key);
  const records = new Records(
    store,
    definitions,
    validator,
    cursors,
    config.conditionalDeletesMax,
    terminology.meanings,
  );
  const binaries = new Binaries(store, { definitions, validator }, records, blobs, config.binaryBytesMax);
  if (config.demo) {
    const isEmpty = (await store.types.existing()).length === 0;
    const doors = { records, index: new IndexRecords(store), settings };
    await loadDemo(doors, isEmpty, onProgress, stopping);
  }
  const installed = new InstalledPackages(settings);
  const supported = new SupportedProfiles(store.structures, installed);
  const packageDoors = { records, index: new IndexRecords(store), installed, log: toLog };
  await loadPackages(packageDoors, config.fhirPackages, onProgress);
  const importSources = new ImportSources(config.importAllow);
  const operationSettings = { base, importSources, messageHandlers: MESSAGE_HANDLERS };
  const jobs = jobsOf(store, records, operationSettings, log);
  jobs.start();
  closers.push(() => jobs.stop());
  const doors = operationRecords(store, { records, binaries, cursors, jobs, base, terminology });
  const operations = new OperationRegistry(allOperations(doors, definitions, operationSettings));
  const metrics = createMetrics();
  parts.app = createWebApp({
    ready: () => !draining && database.ready(),
    metrics: metrics.registry,
    fhirBase: base,
  });
  parts.fhir = createFhirHandler({
    definitions,
    interactions: allInteractions(
      { records, binaries, definitions, operations, jobs, terminology: doors.terminology, supported },
      { ...config, base, softwareVersion: packageJson.version },
    ),
    origins: new Origins(config.corsOrigins, publicUrl),
    onDefect: (error, requestId) => log.error({ requestId, defect: describe(error) }, 'a request failed'),
    onAnswer: metrics.answered,
  });
  return url;
}

/** What acts on the events of messages: nothing yet. */
const MESSAGE_HANDLERS: readonly MessageHandler[] = [];

/** Every sort of job that goes on after its request. */
function jobsOf(store: Store, records: Records, settings: OperationSettings, log: Logger): Jobs {
  const onDefect = (error: unknown, { id, kind }: { id: string; kind: string }) =>
    log.error({ job: id, kind, defect: describe(error) }, 'a job failed');
  const { base, importSources: sources } = settings;
  const contents = new ContentRecords(store);
  const kinds = [importKind({ records, contents, sources, base, jobsPath: JOBS_PATH, onDefect })];
  return new Jobs(store.jobs, kinds, { onDefect });
}

/** As root, PostgreSQL's account must get through to its own folder in it; nobody may list it. */
function makeDataDir(dataDir: string): void {
  try {
    makeFolder(dataDir, 0o711);
  } catch (error) {
    throw new ConfigError(
      'MAXRAY_DATA_DIR',
      `is ${dataDir}, which cannot be made (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

/** The database that DATABASE_URL names. @throws StartError that says so: which database is meant is not obvious otherwise */
async function openOwnDatabase(options: DatabaseOptions): Promise<Database> {
  try {
    return await openDatabase(options);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new StartError(`DATABASE_URL: ${error.message}`, { cause: error });
  }
}

/** SQLSTATE of what the database user may not do. */
const INSUFFICIENT_PRIVILEGE = '42501';

async function prepareSchema(
  database: Database,
  config: Config,
  onProgress: (message: string) => void,
): Promise<void> {
  try {
    await migrate(database, config.databaseSchema, { onProgress });
  } catch (error) {
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new StartError(
      `DATABASE_URL: its user cannot make the schema "${config.databaseSchema}": ${(error as Error).message}. GRANT CREATE ON DATABASE to it, or make the schema and let it own that.`,
      { cause: error },
    );
  }
}

/** Absolute references to this base are indexed as relative ones; command-line tools must know it to check them. */
async function rememberBase(settings: Settings, base: string, log: Logger): Promise<void> {
  const before = await settings.read(PUBLIC_BASE_SETTING);
  if ((await settings.read(INDEX_BASE_SETTING)) === undefined)
    await settings.write(INDEX_BASE_SETTING, before ?? base);
  if (before === base) return;
  if (before !== undefined) log.warn({ before, base }, 'the public address has changed');
  await settings.write(PUBLIC_BASE_SETTING, base);
}

/** The index as this server knows it. One that was written for other conditions finds less than it should, and nothing else would tell. */
async function openIndex({ reindexing }: Store, log: Logger): Promise<void> {
  await reindexing.load();
  for (const reason of await reindexing.outdated()) {
    const todo = 'Searches may miss what was written before: run POST $reindex, or npx maxray reindex.';
    log.warn(`${reason} ${todo}`);
  }
  reindexing.start();
}

async function openBlobs(config: Config, dataDir: string): Promise<BlobStore> {
  const { awsAccessKeyId, awsSecretAccessKey } = config;
  const credentials =
    awsAccessKeyId === undefined || awsSecretAccessKey === undefined
      ? {}
      : { s3Credentials: { accessKeyId: awsAccessKeyId, secretAccessKey: awsSecretAccessKey } };
  try {
    return await openBlobStore(config.blobUrl ?? 'file:blobs', { dataDir, ...credentials });
  } catch (error) {
    throw new ConfigError('BLOB_URL', `cannot be used: ${(error as Error).message}`);
  }
}

/** Where and how something failed, without its message, which may quote content. */
function describe(error: unknown): { name: string; code?: string; stack?: string } {
  if (!(error instanceof Error)) return { name: typeof error };
  const stack = error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
  const code = (error as { code?: string }).code;
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack }),
  };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

async function run(): Promise<void> {
  const started = performance.now();
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  await runAsProgram(async (stopping) => {
    const config = readConfig(process.env);
    const server = await startServer(config, pino({ level: config.logLevel }), say, stopping);
    const base = `${server.url}${FHIR_BASE_PATH}`;
    say(`MaxRay is ready at ${base} after ${((performance.now() - started) / 1000).toFixed(1)} s.`);
    say('It listens on this machine only: sign-in is not in place yet.');
    say(`Try:  curl '${base}/Patient?_count=1'`);
    return server;
  }, say);
}

if (import.meta.main) await run();
