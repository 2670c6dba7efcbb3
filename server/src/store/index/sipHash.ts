/** Length of the secret, in bytes. */
export const SIPHASH_SECRET_BYTES = 16;

/** Computes SipHash-2-4 (64 bits) of the first `length` bytes; the halves are left in `result` ([low, high]). */
export interface SipHash {
  readonly result: Int32Array;
  hash(bytes: Uint8Array, length: number): void;
}

const COMPRESSION_ROUNDS = 2;
const FINALIZATION_ROUNDS = 4;

/**
 * SipHash-2-4 as published by Aumasson and Bernstein (2012), on pairs of 32-bit halves, since JavaScript has no
 * fast 64-bit integers.
 *
 * @param secret 16 bytes; two stores with different secrets have unrelated hashes
 */
export function createSipHash(secret: Uint8Array): SipHash {
  if (secret.length !== SIPHASH_SECRET_BYTES) {
    throw new Error(`The index secret must be ${SIPHASH_SECRET_BYTES} bytes, not ${secret.length}`);
  }
  const words = new DataView(secret.buffer, secret.byteOffset, secret.byteLength);
  const key = Int32Array.from([0, 4, 8, 12], (at) => words.getInt32(at, true));
  const result = new Int32Array(2);
  return { result, hash: (bytes, length) => sipHash24(key, bytes, length, result) };
}

function sipHash24(key: Int32Array, bytes: Uint8Array, length: number, result: Int32Array): void {
  const k0l = key[0]!;
  const k0h = key[1]!;
  const k1l = key[2]!;
  const k1h = key[3]!;
  let v0l = k0l ^ 0x70736575;
  let v0h = k0h ^ 0x736f6d65;
  let v1l = k1l ^ 0x6e646f6d;
  let v1h = k1h ^ 0x646f7261;
  let v2l = k0l ^ 0x6e657261;
  let v2h = k0h ^ 0x6c796765;
  let v3l = k1l ^ 0x79746573;
  let v3h = k1h ^ 0x74656462;
  const blocks = length >>> 3;
  // One pass for each block of 8 bytes, one for the rest with the length, one to finish.
  for (let block = 0; block <= blocks + 1; block++) {
    let ml = 0;
    let mh = 0;
    let rounds = COMPRESSION_ROUNDS;
    if (block < blocks) {
      const i = block << 3;
      ml = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
      mh = bytes[i + 4]! | (bytes[i + 5]! << 8) | (bytes[i + 6]! << 16) | (bytes[i + 7]! << 24);
    } else if (block === blocks) {
      mh = length << 24;
      for (let i = block << 3, shift = 0; i < length; i++, shift += 8) {
        if (shift < 32) ml |= bytes[i]! << shift;
        else mh |= bytes[i]! << (shift - 32);
      }
    } else {
      v2l ^= 0xff;
      rounds = FINALIZATION_ROUNDS;
    }
    v3l ^= ml;
    v3h ^= mh;
    for (; rounds > 0; rounds--) {
      let l: number;
      let h: number;
      // v0 += v1; v1 <<<= 13; v1 ^= v0; v0 <<<= 32
      l = (v0l + v1l) | 0;
      v0h = (v0h + v1h + (l >>> 0 < v0l >>> 0 ? 1 : 0)) | 0;
      v0l = l;
      l = (v1l << 13) | (v1h >>> 19);
      h = (v1h << 13) | (v1l >>> 19);
      v1l = l ^ v0l;
      v1h = h ^ v0h;
      l = v0l;
      v0l = v0h;
      v0h = l;
      // v2 += v3; v3 <<<= 16; v3 ^= v2
      l = (v2l + v3l) | 0;
      v2h = (v2h + v3h + (l >>> 0 < v2l >>> 0 ? 1 : 0)) | 0;
      v2l = l;
      l = (v3l << 16) | (v3h >>> 16);
      h = (v3h << 16) | (v3l >>> 16);
      v3l = l ^ v2l;
      v3h = h ^ v2h;
      // v0 += v3; v3 <<<= 21; v3 ^= v0
      l = (v0l + v3l) | 0;
      v0h = (v0h + v3h + (l >>> 0 < v0l >>> 0 ? 1 : 0)) | 0;
      v0l = l;
      l = (v3l << 21) | (v3h >>> 11);
      h = (v3h << 21) | (v3l >>> 11);
      v3l = l ^ v0l;
      v3h = h ^ v0h;
      // v2 += v1; v1 <<<= 17; v1 ^= v2; v2 <<<= 32
      l = (v2l + v1l) | 0;
      v2h = (v2h + v1h + (l >>> 0 < v2l >>> 0 ? 1 : 0)) | 0;
      v2l = l;
      l = (v1l << 17) | (v1h >>> 15);
      h = (v1h << 17) | (v1l >>> 15);
      v1l = l ^ v2l;
      v1h = h ^ v2h;
      l = v2l;
      v2l = v2h;
      v2h = l;
    }
    v0l ^= ml;
    v0h ^= mh;
  }
  result[0] = v0l ^ v1l ^ v2l ^ v3l;
  result[1] = v0h ^ v1h ^ v2h ^ v3h;
}
