import { existsSync } from 'node:fs';
import { pino, type Logger } from 'pino';
import { readConfig, type Config } from './config.ts';
import { withoutEffect } from './config/planned.ts';
import { auditUntilEnd } from './main/audit.ts';
import { demoUsersFile } from './main/content.ts';
import { startDicomBridge } from './main/dicom/startDicomBridge.ts';
import { Lifetime } from './main/lifetime.ts';
import { dataDirOf, openMachine, type Machine, type Start } from './main/machine.ts';
import { runAsProgram } from './main/program.ts';
import { openServedStore } from './main/servedStore.ts';
import { openBlobs } from './main/storage.ts';
import { storePlace, type StorePlace } from './main/storePlace.ts';
import { createSurface } from './main/surface.ts';
import { openTenants } from './main/tenants/openTenants.ts';
import { FHIR_BASE_PATH } from './rest/handler.ts';

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

async function start(options: Start, lifetime: Lifetime): Promise<Omit<RunningServer, 'stop'>> {
  const { config } = options;
  const surface = createSurface(config);
  lifetime.atEnd(() => surface.drain()); // of a start that fails
  const machine = await openMachine(options, lifetime, () => surface.listen());
  // Only now: whoever got here owns the data folder.
  const blobs = await openBlobs(config, machine.dataDir, lifetime);
  const openAudit = auditUntilEnd(lifetime);
  const ofTenants = new Lifetime();
  lifetime.atEnd(() => ofTenants.end());
  lifetime.atEnd(() => surface.drain());
  machine.ownPorts.push(Number(new URL(surface.url).port));
  const main = mainPlace(machine, surface.publicUrl, blobs);
  const ready = () => !surface.draining && machine.database.ready();
  const tenants = await openTenants({ machine, main, ready }, ofTenants);
  const { keeper } = tenants;
  const served = await openServedStore(machine, main, { ready, openAudit, keeper }, lifetime);
  const { handlers, administratorFile, identity } = served;
  surface.open(handlers, await tenants.start());
  const doors = { ...served, secrets: identity.clientSecrets, root: main.root };
  await startDicomBridge(machine, doors, lifetime);
  return { url: surface.url, ...(administratorFile === undefined ? {} : { administratorFile }) };
}

const mainPlace = (
  { config, database, key, dataDir }: Machine,
  root: string,
  blobs: StorePlace['blobs'],
): StorePlace => storePlace({ schema: config.databaseSchema, database, root, key, dataDir, blobs });

async function run(): Promise<void> {
  const started = performance.now();
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  await runAsProgram(async (stopping) => {
    const config = readConfig(process.env);
    for (const name of withoutEffect(process.env)) say(`${name} is set, and has no effect yet.`);
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
