#!/usr/bin/env node
import { ConfigError } from '../config.ts';
import { StartError } from '../store/postgres/startError.ts';

const USAGE = `maxray COMMAND
  load PATH...   load bundles, resources, NDJSON, archives or folders into a running server
  reindex        bring the index up to date: search parameters that were added, another release or address
  verify         compare every index, history and change row with the content`;

const say = (line: string) => console.log(line);

/** Runs one command. @returns the exit code: 0 well, 1 failed, 2 not understood */
async function run([command, ...args]: string[]): Promise<number> {
  switch (command) {
    case 'load':
      return (await import('./load/load.ts')).runLoad(args);
    case 'reindex':
      return (await import('./reindex/reindex.ts')).runReindex(args, say);
    case 'verify':
      return (await import('./verify/verify.ts')).runVerify(args, say);
    default:
      say(USAGE);
      return command === undefined || command === '--help' ? 0 : 2;
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof StartError)) throw error;
  console.error(`maxray: ${error.message}`);
  process.exitCode = 1;
}
