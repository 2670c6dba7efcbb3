import type { AuditTable } from '../../store/audit/auditTable.ts';
import type { Checkpoint, CheckpointTable } from '../../store/audit/checkpointTable.ts';
import { NO_CHAIN, RangeHash, chainHash, leavesOf, recordHash, type Leaf } from './canonical.ts';
import { copyOf, type CheckpointCopy } from './copies.ts';
import { Finding } from './finding.ts';
import { isSignedBy, type TrustedKeys } from './signingKey.ts';

export interface VerifyOptions {
  table: Pick<AuditTable, 'between'>;
  checkpoints: Pick<CheckpointTable, 'after'>;
  trusted: TrustedKeys;
  /** Read before the database, which may grow meanwhile. */
  copies: readonly CheckpointCopy[];
  /** Told now and then how far it is. */
  onProgress?: (text: string) => void;
}

export interface Verified {
  checkpoints: number;
  records: number;
  /** Records that no checkpoint covers yet. */
  unsealed: number;
  /** The first thing that is not as it was sealed, in words. */
  finding?: string;
}

/** Checkpoints between two words on the progress. */
const PROGRESS_CHECKPOINTS = 1_000;

/** No record is sealed with a place below 1, but one may have been put there. */
const BEFORE_ALL = Number.MIN_SAFE_INTEGER;

/**
 * Reads the whole log and compares it with its checkpoints, and these with each other, their signatures and the copies outside the
 * database. It ends at the first record or checkpoint that is altered, missing, inserted or in another order.
 */
export async function verifyAudit(options: VerifyOptions): Promise<Verified> {
  const done: Verified = { checkpoints: 0, records: 0, unsealed: 0 };
  const copies = Map.groupBy(options.copies, (copy) => copy.number);
  let before: Checkpoint | undefined;
  try {
    for await (const page of options.checkpoints.after(-1)) {
      for (const checkpoint of page) {
        checkOrder(before, checkpoint);
        for (const copy of copies.get(checkpoint.number) ?? []) checkCopy(checkpoint, copy);
        checkSignature(checkpoint, options.trusted);
        await checkRecords(options.table, before, checkpoint);
        before = checkpoint;
        done.checkpoints += 1;
        done.records += checkpoint.records;
        if (done.checkpoints % PROGRESS_CHECKPOINTS === 0)
          options.onProgress?.(`${done.checkpoints} checkpoints, ${done.records} records ...`);
      }
    }
    checkEnd(before, options.copies);
    for await (const page of options.table.between(before?.last ?? BEFORE_ALL, Number.MAX_SAFE_INTEGER))
      done.unsealed += page.length;
    return done;
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    return { ...done, finding: error.message };
  }
}

function checkOrder(before: Checkpoint | undefined, { number, last }: Checkpoint): void {
  const expected = (before?.number ?? 0) + 1;
  if (number > expected) throw new Finding(`checkpoint ${expected} is missing`);
  if (number < expected) throw new Finding(`checkpoint ${number} was inserted`);
  if (last <= (before?.last ?? 0)) throw new Finding(`checkpoint ${number} is out of order`);
}

function checkCopy(checkpoint: Checkpoint, copy: CheckpointCopy): void {
  const { chain, last, signature } = copyOf(checkpoint);
  if (chain !== copy.chain || last !== copy.last || signature !== copy.signature)
    throw new Finding(`checkpoint ${checkpoint.number} is not that of its copy outside the database`);
}

function checkSignature({ number, chain, key, signature }: Checkpoint, trusted: TrustedKeys): void {
  const publicKey = trusted.get(key);
  if (publicKey === undefined)
    throw new Finding(`checkpoint ${number} is signed by a key that is not known here, ${key}`);
  if (!isSignedBy(publicKey, chain, signature))
    throw new Finding(`checkpoint ${number} was altered: its signature is of something else`);
}

async function checkRecords(
  table: Pick<AuditTable, 'between'>,
  before: Checkpoint | undefined,
  checkpoint: Checkpoint,
): Promise<void> {
  const range = new RangeHash();
  for await (const page of table.between(before?.last ?? BEFORE_ALL, checkpoint.last))
    for (const row of page) range.add(row.place, recordHash(row));
  const { number, chain, leaves } = checkpoint;
  const chainBefore = before?.chain ?? NO_CHAIN;
  const digest = range.digest();
  if (chainHash(chainBefore, checkpoint, digest).equals(chain)) return;
  const found = range.leaves();
  const facts = { ...checkpoint, leaves: found, records: range.records };
  const isOurs = chainHash(chainBefore, facts, digest).equals(chain);
  if (isOurs) throw new Finding(`checkpoint ${number} was altered: what it says of its records`);
  throw new Finding(firstDifference(leavesOf(leaves), leavesOf(found), number));
}

function firstDifference(sealed: readonly Leaf[], found: readonly Leaf[], number: number): string {
  for (let i = 0; i < Math.max(sealed.length, found.length); i += 1) {
    const [was, is] = [sealed[i], found[i]];
    const inRange = `, in the range of checkpoint ${number}`;
    if (is === undefined || (was !== undefined && was.place < is.place))
      return `record ${was!.place} is missing${inRange}`;
    if (was === undefined || is.place < was.place) return `record ${is.place} was inserted${inRange}`;
    if (!was.hash.equals(is.hash)) return `record ${is.place} was altered${inRange}`;
  }
  return `checkpoint ${number} was altered, or follows another one than when it was made`;
}

/** What is outside must be inside, to the last one. */
function checkEnd(last: Checkpoint | undefined, copies: readonly CheckpointCopy[]): void {
  const end = last?.number ?? 0;
  const cut = copies.find((copy) => copy.number > end);
  if (cut !== undefined)
    throw new Finding(
      `the log was cut: checkpoint ${end + 1}, and what it sealed, are missing, but a copy of checkpoint ${cut.number} is there`,
    );
  // Servers that share a data folder each add every checkpoint.
  const numbers = [...new Set(copies.map((copy) => copy.number))].sort((a, b) => a - b);
  for (const [i, number] of numbers.slice(1).entries())
    if (number !== numbers[i]! + 1)
      throw new Finding(`the copy of checkpoint ${numbers[i]! + 1} outside the database is missing`);
}
