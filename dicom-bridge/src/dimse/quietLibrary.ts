import { createRequire } from 'node:module';
import dimse from 'dcmjs-dimse';

/**
 * Keeps the DICOM library from writing to standard error. What it would tell stands in its errors and callbacks, which are logged; what it reads
 * commands with would tell values of peers, once for each bad command.
 */
export function quietLibrary(): void {
  dimse.log.setLevel('silent');
  // The library requires dcmjs, which is another module than the one that is imported.
  const { log } = createRequire(import.meta.url)('dcmjs') as { log: RootLog };
  for (const one of [log, ...Object.values(log.getLoggers())]) one.setLevel('silent');
}

/** Of loglevel, as far as it is used. */
interface Log {
  setLevel(level: 'silent'): void;
}
interface RootLog extends Log {
  getLoggers(): Record<string, Log>;
}
