#!/usr/bin/env node
import { ConfigError } from '../config.ts';
import { StartError } from '../store/postgres/startError.ts';
import { takeTenant } from './tenantOption.ts';

const USAGE = `maxray COMMAND
  audit verify   find what was altered, removed, added or reordered in the audit log
  dicom status   print what the DICOM bridge of a running server counts
  load PATH...   load bundles, resources, NDJSON, archives or folders into a running server
  reindex        bring the index up to date: search parameters that were added, another release or address
  package ...    add, list or remove FHIR packages: implementation guides with their profiles
  terminology load FOLDER   load a release of SNOMED CT, LOINC or RxNorm
  token          print an access token of the administrator client
  verify         compare every index, history and change row with the content
  ... --tenant NAME   audit, reindex, package, terminology and verify of a tenant instead of the main store`;

/** Commands that open a store themselves. */
const OF_A_STORE = new Set(['audit', 'reindex', 'package', 'terminology', 'verify']);

/** Exit code of shells after Ctrl+C. */
const STOPPED = 130;
/** A signal so soon after another is the same one: npm passes on what the terminal has sent to all. */
const SAME_SIGNAL_MS = 1_000;

const say = (line: string) => console.log(line);

/** Runs one command. @returns the exit code: 0 well, 1 failed, 2 not understood */
async function run([command, ...args]: string[], tenant?: string): Promise<number> {
  if (tenant !== undefined && !OF_A_STORE.has(command ?? '')) {
    say(
      '--tenant is for commands that open a store: name a tenant to the others by the --url of its FHIR base.',
    );
    return 2;
  }
  switch (command) {
    case 'audit':
      if (process.env.INIT_CWD !== undefined) process.chdir(process.env.INIT_CWD); // npm has left it
      return (await import('./audit/audit.ts')).runAudit(args, say, tenant);
    case 'dicom':
      if (process.env.INIT_CWD !== undefined) process.chdir(process.env.INIT_CWD); // npm has left it
      return (await import('./dicom/dicom.ts')).runDicom(args, process);
    case 'load':
      return runStoppable(
        async (stop) => (await import('./load/load.ts')).runLoad(args, process, { stop }),
        'what was sent is answered',
      );
    case 'reindex':
      return (await import('./reindex/reindex.ts')).runReindex(args, say, tenant);
    case 'package':
      if (process.env.INIT_CWD !== undefined) process.chdir(process.env.INIT_CWD); // npm has left it
      return (await import('./package/package.ts')).runPackage(args, say, tenant);
    case 'terminology':
      return runStoppable(async (stop) =>
        (await import('./terminology/terminology.ts')).runTerminology(args, process.stdout, stop, tenant),
      );
    case 'token':
      return (await import('./token/token.ts')).runToken(args, process);
    case 'verify':
      return (await import('./verify/verify.ts')).runVerify(args, say, tenant);
    default:
      say(USAGE);
      return command === undefined || command === '--help' ? 0 : 2;
  }
}

/** The first Ctrl+C lets what is under way be done, another one does not wait. */
async function runStoppable(
  command: (stop: AbortSignal) => Promise<number>,
  underWay = 'what is under way is done',
): Promise<number> {
  const stop = new AbortController();
  let stoppedMs = Infinity;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (performance.now() - stoppedMs > SAME_SIGNAL_MS) process.exit(STOPPED);
      if (stop.signal.aborted) return;
      stoppedMs = performance.now();
      console.error(`Stopping when ${underWay} ...`);
      stop.abort();
    });
  }
  if (process.env.INIT_CWD !== undefined) process.chdir(process.env.INIT_CWD); // npm has left it
  return command(stop.signal);
}

try {
  const args = takeTenant(process.argv.slice(2));
  if (args === undefined) say('--tenant takes the name of one tenant.');
  process.exitCode = args === undefined ? 2 : await run(args.rest, args.tenant);
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof StartError)) throw error;
  console.error(`maxray: ${error.message}`);
  process.exitCode = 1;
}
