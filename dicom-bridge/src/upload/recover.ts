import type { Ledger } from '../ledger/ledger.ts';
import { readObjectFile } from './objectFile.ts';
import { ObjectError } from '../objects/objectHeader.ts';
import type { Spool } from '../spool/spool.ts';

export interface RecoverParts {
  spool: Spool;
  ledger: Ledger;
  log: (event: string, details: Record<string, unknown>) => void;
}

/**
 * Brings spool and ledger together at a start: an object may have been answered Success, and its row be lost with the power; one that is
 * recorded may have been left in the spool; one that was not answered may have lost a part. To be called before anything is received.
 */
export async function recover({ spool, ledger, log }: RecoverParts): Promise<void> {
  for (const file of await spool.names()) {
    const known = ledger.findFile(file);
    if (known?.state === 'recorded') await spool.remove(file);
    if (known) continue;
    if (!(await spool.isWhole(file))) {
      log('object that was not received to its end removed', { file });
      await spool.remove(file);
      continue;
    }
    await spool.secure(file);
    try {
      ledger.note({ ...(await readObjectFile(spool.pathOf(file))), file }, Date.now());
      log('object noted again', { file });
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error;
      log('file in the spool is no object', { file, reason: error.message });
    }
  }
}
