import { createHash } from 'node:crypto';

/** A UUID of version 8 (RFC 9562 5.8) made of texts: the same for the same ones. */
export function derivedUuid(texts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
