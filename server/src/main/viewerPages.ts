import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundleFolder } from '@maxray/console/bundle';
import type { Logger } from 'pino';
import { BundledPages } from '../web/viewer/pages.ts';
import { describeDefect } from './defect.ts';
import type { Lifetime } from './lifetime.ts';

/** To bundle the pages takes some seconds; on the slowest machine not so long. */
const BUILD_MS_MAX = 300_000;

/** The pages of the viewer, of all stores. They are bundled by a process of their own, so that nobody waits meanwhile. */
export function openViewerPages({ log }: { log: Logger }, lifetime: Lifetime): BundledPages {
  const stopping = new AbortController();
  lifetime.atEnd(() => stopping.abort());
  return new BundledPages({
    folder: bundleFolder,
    make: () => bundle(stopping.signal),
    onFailed: (error) =>
      log.error({ defect: describeDefect(error) }, 'the pages of the viewer could not be bundled'),
  });
}

function bundle(signal: AbortSignal): Promise<void> {
  const script = fileURLToPath(import.meta.resolve('@maxray/console/build'));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], {
      signal,
      timeout: BUILD_MS_MAX,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { PATH: process.env.PATH },
      windowsHide: true,
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`bundling ended with ${code}`));
    });
  });
}
