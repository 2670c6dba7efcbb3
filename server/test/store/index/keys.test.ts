import { describe, expect, test } from '@jest/globals';
import { createKeyHasher, FORM, pair } from '../../../src/store/index/keys.ts';
import { createSipHash } from '../../../src/store/index/sipHash.ts';

const SECRET = Uint8Array.from({ length: 16 }, (_, i) => 255 - i);

/** The same by the plain route: form and UTF-8 text through SipHash, read as a signed number, XOR the path's key. */
function expectedKey(pathKey: bigint, form: string, text: string): bigint {
  const bytes = Buffer.from(form + text);
  const sip = createSipHash(SECRET);
  sip.hash(bytes, bytes.length);
  return Buffer.from(sip.result.buffer).readBigInt64LE() ^ pathKey;
}

describe('keys', () => {
  const hasher = createKeyHasher(SECRET);
  const path = hasher.pathKey('Observation.code');

  test.each([
    ['ASCII', pair('http://loinc.org', '8867-4')],
    ['nothing', ''],
    ['letters beyond ASCII', 'Größe 身長'],
    ['characters beyond the basic plane', 'x😀y'],
    ['a text longer than the scratch buffer', 'é'.repeat(5_000)],
    ['an ASCII text longer than the scratch buffer', 'e'.repeat(5_000)],
  ])('are SipHash of form and UTF-8, XOR the path: %s', (_, text) => {
    expect(hasher.key(path, FORM.systemCode, text)).toBe(expectedKey(path.key, 's', text));
  });

  test('are signed 64-bit numbers', () => {
    const keys = Array.from({ length: 1_000 }, (_, i) => hasher.key(path, FORM.code, String(i)));
    expect(keys.every((key) => BigInt.asIntN(64, key) === key)).toBe(true);
    expect(keys.some((key) => key < 0n) && keys.some((key) => key > 0n)).toBe(true);
    expect(new Set(keys).size).toBe(1_000);
  });

  test('differ by path, form and secret', () => {
    const others = [
      hasher.key(hasher.pathKey('Condition.code'), FORM.code, 'x'),
      hasher.key(path, FORM.noSystemCode, 'x'),
      createKeyHasher(new Uint8Array(16)).key(path, FORM.code, 'x'),
    ];
    expect(others).not.toContain(hasher.key(path, FORM.code, 'x'));
  });

  test('lead from a resource to the references to it', () => {
    const reference = hasher.key(path, FORM.reference, 'Patient/p1');
    expect(hasher.self('Patient/p1') ^ path.key).toBe(reference);
  });

  test('tell where the system ends and the code begins', () => {
    expect(hasher.key(path, FORM.systemCode, pair('a|b', 'c'))).not.toBe(
      hasher.key(path, FORM.systemCode, pair('a', 'b|c')),
    );
  });
});
