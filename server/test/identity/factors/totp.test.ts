import { describe, expect, test } from '@jest/globals';
import jsqr from 'jsqr';
import { base32, newTotpSecret, totpCode, totpStep, totpUri } from '../../../src/identity/factors/totp.ts';
import { qrCode } from '../../../src/identity/pages/qrCode.ts';

/** Key of RFC 6238, appendix B. */
const SECRET = base32(Buffer.from('12345678901234567890'));

describe('codes', () => {
  // Appendix B has eight digits; six are the last ones.
  test.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('are those of RFC 6238 at %d s', (atS, code) => {
    expect(totpCode(SECRET, atS * 1000)).toBe(code);
  });

  test('are right a step before and after, and no further', () => {
    const atMs = 1_234_567_890_000;
    const steps = [-60, -30, 0, 30, 60].map((s) => totpStep(SECRET, totpCode(SECRET, atMs + s * 1000), atMs));
    const now = Math.floor(atMs / 30_000);
    expect(steps).toEqual([undefined, now - 1, now, now + 1, undefined]);
  });

  test.each(['', '28708', '2870820', '000000', 'abcdef', '２８７０８２'])('%j is wrong', (code) => {
    expect(totpStep(SECRET, code, 59_000)).toBeUndefined();
  });

  test('secrets are in base32 (RFC 4648, 10), and each is another', () => {
    expect(['f', 'fo', 'foo', 'foobar'].map((text) => base32(Buffer.from(text)))).toEqual([
      'MY',
      'MZXQ',
      'MZXW6',
      'MZXW6YTBOI',
    ]);
    expect(newTotpSecret()).toMatch(/^[A-Z2-7]{32}$/);
    expect(newTotpSecret()).not.toBe(newTotpSecret());
  });
});

/** The pixels that a camera would see of the SVG. */
function pixelsOf(svg: string, scale: number): { data: Uint8ClampedArray; size: number } {
  const modules = Number(/viewBox="0 0 (\d+) /.exec(svg)![1]);
  const size = modules * scale;
  const data = new Uint8ClampedArray(size * size * 4).fill(255);
  for (const [, x, y] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let dy = 0; dy < scale; dy++)
      for (let dx = 0; dx < scale; dx++) {
        const at = ((Number(y) * scale + dy) * size + Number(x) * scale + dx) * 4;
        data.fill(0, at, at + 3);
      }
  return { data, size };
}

test('the picture holds the address that apps read, whatever is in it', () => {
  for (const email of ['nurse@clinic.example', `${'long.'.repeat(40)}ä"&<@clinic.example`]) {
    const uri = totpUri(SECRET, 'MaxRay clinic.example:8103', email);
    const svg = qrCode(uri, 'picture').text;
    expect(svg).not.toMatch(/style=|<script|href/);
    const { data, size } = pixelsOf(svg, 3);
    expect(jsqr.default(data, size, size)?.data).toBe(uri);
    const url = new URL(uri);
    expect(decodeURIComponent(url.pathname)).toBe(`/MaxRay clinic.example:8103:${email}`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      secret: SECRET,
      issuer: 'MaxRay clinic.example:8103',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  }
});
