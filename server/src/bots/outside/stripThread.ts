import { stripTypeScriptTypes } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

/** What came of the code: itself without types, or why it cannot be parsed. */
export type Stripped = { code: string } | { fault: string };

/** The thread of one deployment (see stripTypes). */
parentPort?.postMessage(stripped(String(workerData)));

function stripped(code: string): Stripped {
  try {
    return { code: stripTypeScriptTypes(code) };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}
