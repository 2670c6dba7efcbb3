import type { Ledger } from '../ledger/ledger.ts';
import type { Spool } from '../spool/spool.ts';
import type { ErasureLedger } from './erasureLedger.ts';

export interface RemoveErasedFilesParts {
  erasures: Pick<ErasureLedger, 'files'>;
  ledger: Pick<Ledger, 'findFile'>;
  spool: Pick<Spool, 'remove'>;
}

/** Removes what a bridge before has not come to, but for what has come again: to be called at a start, before files of the spool are noted anew. */
export async function removeErasedFiles({ erasures, ledger, spool }: RemoveErasedFilesParts): Promise<void> {
  for (const file of erasures.files()) if (!ledger.findFile(file)) await spool.remove(file);
}
