import path from 'node:path';
import { UploadFiles } from '../../imaging/upload/uploadFiles.ts';
import { describeDefect } from '../defect.ts';
import type { Lifetime } from '../lifetime.ts';
import type { Machine } from '../machine.ts';
import type { StorePlace } from '../storePlace.ts';

const FOLDER = 'uploads';
const SWEEP_MS = 60 * 60_000;

/** Files that come in pieces, in the data folder of a store. They may show patients: those that nobody goes on with are removed, also when nobody begins others. */
export function openUploads(
  { machine: { log }, place }: { machine: Pick<Machine, 'log'>; place: Pick<StorePlace, 'dataDir'> },
  lifetime: Lifetime,
): UploadFiles {
  const files = new UploadFiles(path.join(place.dataDir, FOLDER));
  let sweeping = Promise.resolve();
  const sweep = () =>
    (sweeping = files
      .removeExpired()
      .catch((error: unknown) => log.warn({ defect: describeDefect(error) }, 'old uploads remain')));
  void sweep();
  const timer = setInterval(() => void sweep(), SWEEP_MS).unref();
  lifetime.atEnd(() => {
    clearInterval(timer);
    return sweeping;
  });
  return files;
}
