import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { readTar } from '../../../src/records/packages/tar.ts';
import { folder, tar, tarMember } from './support.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function contents(bytes: Buffer, size = 100): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const file of readTar(inPieces(bytes, size))) {
    const pieces: Uint8Array[] = [];
    for await (const chunk of file.chunks) pieces.push(chunk);
    found.push([file.name, Buffer.concat(pieces).toString()]);
  }
  return found;
}

const paxRecord = (text: string): string => {
  const length = (digits: number): number => Buffer.byteLength(text) + digits + 2;
  const digits = String(length(String(length(1)).length)).length;
  return `${length(digits)} ${text}\n`;
};

describe('readTar', () => {
  const LONG = `${'folder/'.repeat(30)}Zoë.json`;

  test.each([1, 511, 512, 513, 100_000])('gives files whole when chunks have %i bytes', async (size) => {
    const big = 'x'.repeat(1300);
    const archive = tar(
      tarMember('a.json', '{}'),
      tarMember('big', big),
      tarMember('empty', ''),
      tarMember('z', 'end'),
    );
    expect(await contents(archive, size)).toEqual([
      ['a.json', '{}'],
      ['big', big],
      ['empty', ''],
      ['z', 'end'],
    ]);
  });

  test('passes over folders and links', async () => {
    const archive = tar(tarMember('d/', '', '5'), tarMember('l', '', '2'), tarMember('f', 'text'));
    expect(await contents(archive)).toEqual([['f', 'text']]);
  });

  test('knows long names: ustar prefix, GNU, pax', async () => {
    const archive = tar(
      tarMember('b.json', '1', '0', 'some/folder'),
      tarMember('././@LongLink', `${LONG}\0`, 'L'),
      tarMember('short', '2'),
      tarMember('pax', paxRecord('mtime=1.5') + paxRecord(`path=${LONG}`), 'x'),
      tarMember('short', '3'),
      tarMember('pax', paxRecord('comment=all'), 'g'),
      tarMember('plain', '4'),
    );
    expect(await contents(archive)).toEqual([
      ['some/folder/b.json', '1'],
      [LONG, '2'],
      [LONG, '3'],
      ['plain', '4'],
    ]);
  });

  test('goes on behind a file that was not read', async () => {
    const names: string[] = [];
    const archive = tar(
      tarMember('a', 'x'.repeat(5000)),
      tarMember('b', 'y'.repeat(5000)),
      tarMember('c', ''),
    );
    for await (const file of readTar(inPieces(archive, 700))) {
      names.push(file.name);
      if (file.name === 'b') for await (const chunk of file.chunks) if (chunk.length > 0) break;
    }
    expect(names).toEqual(['a', 'b', 'c']);
  });

  test('says when it is no archive, and when it breaks off', async () => {
    const archive = tar(tarMember('a', 'x'.repeat(3000)));
    await expect(contents(Buffer.alloc(1024, 'no'))).rejects.toThrow('no tar archive');
    await expect(contents(archive.subarray(0, 1500))).rejects.toThrow('breaks off');
    await expect(contents(archive.subarray(0, 300))).rejects.toThrow('breaks off');
  });
});

describe('readTar, in practice,', () => {
  test.each(['ustar', 'pax', 'gnu'])('reads what tar --format=%s writes', async (format) => {
    const { path: root, write, remove } = await folder();
    try {
      const deep = path.join('one', 'n'.repeat(format === 'ustar' ? 60 : 140));
      await mkdir(path.join(root, deep), { recursive: true });
      const name = path.join(deep, 'résumé.json');
      await write(name, '{"a":1.50}');
      const archive = execFileSync('tar', [`--format=${format}`, '-C', root, '-cf', '-', 'one']);
      expect(await contents(archive)).toEqual([[name, '{"a":1.50}']]);
    } finally {
      await remove();
    }
  });

  test('holds no more than a chunk of a large file', async () => {
    const size = 64 * 1024 * 1024;
    const header = tarMember('large', '').subarray(0, 512);
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write(
      `${header
        .reduce((total, byte) => total + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    const chunk = Buffer.alloc(64 * 1024);
    const stream = Readable.from(
      (function* () {
        yield header;
        for (let sent = 0; sent < size; sent += chunk.length) yield chunk;
      })(),
    );
    let [bytes, largest] = [0, 0];
    for await (const file of readTar(stream)) {
      for await (const piece of file.chunks) {
        bytes += piece.byteLength;
        largest = Math.max(largest, piece.byteLength);
      }
    }
    expect([bytes, largest]).toEqual([size, chunk.length]);
  });
});
