import { createHash } from 'node:crypto';
import { NO_KEYS, RECORD_FORM } from '../../store/audit/recordHashSql.ts';
import { int8Array } from '../../store/resource/binaryArray.ts';
import type { StoredAuditRow } from '../../store/audit/auditRow.ts';
import type { Checkpoint } from '../../store/audit/checkpointTable.ts';

/** Before what is hashed, so that no record has the bytes of a checkpoint. A change of the form takes another number. */
const CHECKPOINT_FORM = Buffer.from('maxray audit checkpoint 1\n');
/** Bytes of a place in a leaf, and of the beginning of a record's hash. */
const PLACE_BYTES = 8;
const HASH_BYTES = 8;
const LEAF_BYTES = PLACE_BYTES + HASH_BYTES;

/** The chain before the first checkpoint. */
export const NO_CHAIN = Buffer.alloc(32);

/** SHA-256 over every column of a record, its place among them: what `recordHashSql` makes of a row. */
export function recordHash(row: StoredAuditRow): Buffer {
  const head = Buffer.alloc(8 + 8 + 2 + 2 + 1 + 4);
  let at = head.writeBigInt64BE(BigInt(row.place));
  at = head.writeBigInt64BE(BigInt(row.recordedMs), at);
  at = head.writeInt16BE(row.kind, at);
  at = head.writeInt16BE(row.outcome, at);
  at = head.writeUInt8(row.version === null ? 0 : 1, at);
  head.writeInt32BE(row.version ?? 0, at);
  const keys = row.keys.length === 0 ? NO_KEYS : int8Array(row.keys);
  return createHash('sha256').update(RECORD_FORM).update(head).update(keys).update(row.payload).digest();
}

/** A record as a checkpoint names it. */
export interface Leaf {
  place: number;
  /** Beginning of its hash. */
  hash: Buffer;
}

/** Gathers the records of a range. */
export class RangeHash {
  readonly #leaves: Buffer[] = [];
  readonly #records = createHash('sha256');

  add(place: number, hash: Buffer): void {
    this.#records.update(hash);
    const leaf = Buffer.alloc(LEAF_BYTES);
    leaf.writeBigInt64BE(BigInt(place));
    hash.copy(leaf, PLACE_BYTES, 0, HASH_BYTES);
    this.#leaves.push(leaf);
  }

  get records(): number {
    return this.#leaves.length;
  }

  leaves(): Buffer {
    return Buffer.concat(this.#leaves);
  }

  /** Hash over all records. */
  digest(): Buffer {
    return this.#records.digest();
  }
}

export function leavesOf(bytes: Buffer): Leaf[] {
  return Array.from({ length: Math.floor(bytes.length / LEAF_BYTES) }, (_, i) => {
    const at = i * LEAF_BYTES;
    return {
      place: Number(bytes.readBigInt64BE(at)),
      hash: bytes.subarray(at + PLACE_BYTES, at + LEAF_BYTES),
    };
  });
}

/** The link of a checkpoint: SHA-256 over the one before, what the checkpoint says, and its records. */
export function chainHash(
  before: Buffer,
  { number, last, records, sealedMs, leaves, key }: Omit<Checkpoint, 'chain' | 'signature'>,
  digest: Buffer,
): Buffer {
  const head = Buffer.alloc(32);
  [number, last, records, sealedMs].forEach((value, i) => head.writeBigInt64BE(BigInt(value), i * 8));
  return createHash('sha256')
    .update(CHECKPOINT_FORM)
    .update(before)
    .update(head)
    .update(digest)
    .update(createHash('sha256').update(leaves).digest())
    .update(key)
    .digest();
}
