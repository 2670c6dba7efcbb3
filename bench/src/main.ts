import { parseOptions, USAGE } from './options.ts';
import { run } from './run.ts';

/** `npm run bench`: server and floors in turn on the same PostgreSQL, under the same load. */
const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2));
  if (!options) return console.log(USAGE);
  if (process.platform !== 'linux') throw new Error('the benchmark reads /proc, so it needs Linux');
  process.exitCode = (await run(options)) ? 0 : 1;
};

// Without this an interrupt would leave server and floors running.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
