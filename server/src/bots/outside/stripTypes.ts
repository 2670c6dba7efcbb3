import { Worker } from 'node:worker_threads';
import type { Stripped } from './stripThread.ts';

const TIMEOUT_MS = 20_000;
const HEAP_MB_MAX = 512;
const TOO_MUCH = 'it takes too long, or too much memory.';

/**
 * Code without its types, in a thread of its own that ends with it: the parser of Node takes no other code any more in a thread where nested code has broken it, and
 * meanwhile nobody else would have a turn.
 */
export async function stripTypes(code: string, timeoutMs = TIMEOUT_MS): Promise<Stripped> {
  const thread = new Worker(new URL('./stripThread.ts', import.meta.url), {
    ...{ workerData: code, env: {}, execArgv: ['--disable-warning=ExperimentalWarning'] },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
  });
  const { promise, resolve } = Promise.withResolvers<Stripped>();
  const failed = () => resolve({ fault: TOO_MUCH });
  const timer = setTimeout(failed, timeoutMs);
  thread.once('message', resolve).once('error', failed).once('exit', failed);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
