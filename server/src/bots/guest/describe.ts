import { pathToFileURL } from 'node:url';

/**
 * The main module of a process that says what the bots in these files are: what their handlers import is loaded here, and not into the
 * server.
 */
const definitions: unknown[] = [];
for (const file of process.argv.slice(2)) {
  const { bot, handler } = (await import(pathToFileURL(file).href)) as { bot?: unknown; handler?: unknown };
  if (bot === undefined || typeof handler !== 'function')
    throw new Error(`${file} must export bot and handler`);
  definitions.push(bot);
}
process.stdout.write(JSON.stringify(definitions), () => process.exit(0));
