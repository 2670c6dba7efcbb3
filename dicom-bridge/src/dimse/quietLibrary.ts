import { createRequire } from 'node:module';
import dimse from 'dcmjs-dimse';

/**
 * Keeps the DICOM library from writing to standard error. What it would tell stands in its errors and callbacks, which are logged; what it reads
 * commands with would tell values of peers, once for each bad command.
 */
export function quietLibrary(): void {
  dimse.log.setLevel('silent');
  // The library requires dcmjs, which is another module than the one that is imported.
  const dcmjs = createRequire(import.meta.url)('dcmjs') as { log: { setLevel(level: 'silent'): void } };
  dcmjs.log.setLevel('silent');
}
