import { rmSync } from 'node:fs';

const TRIES_MAX = 20;
const PAUSE_MS = 50;

/**
 * Removes a folder in which programs have run. One that was just told to end, or that another has begun, such as the compiler of definitions,
 * may still write into it: then it is tried again.
 */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: TRIES_MAX, retryDelay: PAUSE_MS });
}
