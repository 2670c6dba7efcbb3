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
/** Bytes of a whole hash of a record, SHA-256. */
const RECORD_HASH_BYTES = 32;

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
  readonly #hash = createHash('sha256');
  #records = 0;

  add(place: number, hash: Buffer): void {
    const places = Buffer.alloc(PLACE_BYTES);
    places.writeBigInt64BE(BigInt(place));
    this.addAll(places, hash);
  }

  /** @param places and hashes of records, one behind the other */
  addAll(places: Buffer, hashes: Buffer): void {
    const count = places.length / PLACE_BYTES;
    const leaves = Buffer.allocUnsafe(count * LEAF_BYTES);
    for (let i = 0; i < count; i += 1) {
      places.copy(leaves, i * LEAF_BYTES, i * PLACE_BYTES, (i + 1) * PLACE_BYTES);
      const from = i * RECORD_HASH_BYTES;
      hashes.copy(leaves, i * LEAF_BYTES + PLACE_BYTES, from, from + HASH_BYTES);
    }
    this.#hash.update(hashes);
    this.#leaves.push(leaves);
    this.#records += count;
  }

  get records(): number {
    return this.#records;
  }

  leaves(): Buffer {
    return Buffer.concat(this.#leaves);
  }

  /** Hash over all records. */
  digest(): Buffer {
    return this.#hash.digest();
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
