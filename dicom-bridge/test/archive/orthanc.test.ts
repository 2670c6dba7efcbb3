import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArchiveAwayError } from '../../src/archive/imageArchive.ts';
import { Orthanc } from '../../src/archive/orthanc/orthanc.ts';

const TIMEOUT_MS = 200;
/** More than sockets hold. */
const FILE = Buffer.alloc(32 * 2 ** 20, 'file');

/** Answers in place of an Orthanc: a whole file, the beginning of one, or half an answer. */
let server: Server;
let orthanc: Orthanc;
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    if (request.url === '/instances/whole/file') response.end(FILE);
    else if (request.url === '/instances/half/file') response.write(FILE.subarray(0, 10));
    else response.write('[{"ID":');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  orthanc = new Orthanc({ url, username: 'u', password: 'p', timeoutMs: TIMEOUT_MS });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function bytesOf(file: Readable, pauseMs = 0): Promise<number> {
  let bytes = 0;
  for await (const piece of file as AsyncIterable<Buffer>) {
    if (bytes === 0) await sleep(pauseMs);
    bytes += piece.length;
  }
  return bytes;
}

test('a file is read as slowly as a receiver takes it', async () => {
  const file = await orthanc.file('whole');
  expect(await bytesOf(file!, 5 * TIMEOUT_MS)).toBe(FILE.length);
});

test('an Orthanc that falls silent in a file or an answer is away', async () => {
  const file = await orthanc.file('half');
  await expect(bytesOf(file!)).rejects.toThrow(ArchiveAwayError);
  await expect(orthanc.instances('1.2.3')).rejects.toThrow(ArchiveAwayError);
});

test('a file that nobody reads may be given up', async () => {
  const file = await orthanc.file('whole');
  file!.destroy();
  await once(file!, 'close');
});
