import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { DownloadError, download } from '../../../src/operations/import/download.ts';
import { sourceServer, type Served, type Source } from './source.ts';

const PATIENT = { connectMs: 10_000, silenceMs: 10_000 };
/** Quick enough to see a source that stalls; but a busy machine may take its time to connect. */
const HASTY = { connectMs: 10_000, silenceMs: 2_000 };
const TEXT = 'one\ntwo\n'.repeat(50_000);

let source: Source;
let leave: AbortController;
beforeEach(async () => {
  source = await sourceServer();
  leave = new AbortController();
});
afterEach(() => source.close());

const open = (path: string, times = PATIENT) => download(new URL(source.url + path), leave.signal, times);

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return Buffer.concat(pieces).toString();
}

async function fetched(served: Served, times = PATIENT): Promise<string> {
  source.files.set('f', served);
  return textOf((await open('f', times)).chunks);
}

describe('a file comes', () => {
  const zipped = gzipSync(TEXT);
  test.each<[string, Served, string]>([
    ['as it is', TEXT, TEXT],
    ['empty', '', ''],
    ['as a single byte', '{', '{'],
    ['from gzip that is the file', zipped, TEXT],
    [
      'from gzip that is how it is sent',
      (_request, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(zipped),
      TEXT,
    ],
    ['from several gzips one behind the other', Buffer.concat([zipped, zipped]), TEXT + TEXT],
    [
      'byte by byte',
      (_request, response) => {
        const small = gzipSync('small');
        void (async () => {
          for (const byte of small) {
            response.write(Buffer.from([byte]));
            await sleep(1);
          }
          response.end();
        })();
      },
      'small',
    ],
  ])('%s', async (_how, served, text) => {
    expect(await fetched(served)).toBe(text);
  });

  test('with what tells its version', async () => {
    const head = { ETag: '"7"', 'Last-Modified': 'yesterday' };
    source.files.set('f', (_request, response) => response.writeHead(200, head).end());
    source.files.set('g', (_request, response) =>
      response.writeHead(200, { 'Last-Modified': 'yesterday' }).end(),
    );
    expect([(await open('f')).version, (await open('g')).version]).toEqual(['"7"', 'yesterday']);
  });

  test('however long its reader takes', async () => {
    source.files.set('f', 'x'.repeat(20_000_000));
    const { chunks } = await open('f', HASTY);
    let bytes = 0;
    for await (const chunk of chunks) {
      if (bytes === 0) await sleep(1.5 * HASTY.silenceMs);
      bytes += chunk.length;
    }
    expect(bytes).toBe(20_000_000);
  });
});

describe('a file does not come', () => {
  const gzip = gzipSync(TEXT);
  test.each<[string, Served, string, boolean]>([
    [
      'by a redirect, which is not followed',
      (request, response) =>
        response.writeHead(302, { Location: `http://${request.headers.host}/elsewhere` }).end(),
      'a redirect (302), which is not followed',
      false,
    ],
    ['that is forbidden', (_request, response) => response.writeHead(403).end(), 'answered 403', false],
    ['in parts', (_request, response) => response.writeHead(206).end('x'), 'answered 206', false],
    ['from a server that fails', (_request, response) => response.writeHead(503).end(), 'answered 503', true],
    [
      'in an encoding that nobody asked for',
      (_request, response) =>
        response.writeHead(200, { 'Content-Encoding': 'br' }).end(brotliCompressSync(TEXT)),
      'encoding',
      false,
    ],
    ['as half of a gzip', gzip.subarray(0, gzip.length / 2), 'gzip data breaks off', false],
    ['as damaged gzip', Buffer.from([0x1f, 0x8b, 0x09, 0, 0, 0, 0, 0, 0, 0]), 'gzip data is damaged', false],
    ['from a server that says nothing', () => undefined, 'sent nothing for too long', true],
    [
      'from a server that stalls',
      (_request, response) => void response.write('some'),
      'sent nothing for too long',
      true,
    ],
    [
      'from a server that breaks off',
      (_request, response) => {
        response.writeHead(200, { 'Content-Length': '100' }).write('some');
        setTimeout(() => response.destroy(), 20);
      },
      'connection broke (ECONNRESET)',
      true,
    ],
    [
      'from a server that breaks off in the middle of gzip',
      (_request, response) => {
        response.writeHead(200, { 'Content-Length': String(gzip.length) }).write(gzip.subarray(0, 100));
        setTimeout(() => response.destroy(), 20);
      },
      'connection broke',
      true,
    ],
  ])('%s', async (_how, served, message, passing) => {
    const times = message.includes('too long') ? HASTY : PATIENT;
    const error = await fetched(served, times).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DownloadError);
    expect(error).toMatchObject({ message: expect.stringContaining(message), passing });
    expect(source.asked).toEqual(['f']);
  });

  test('that is not there, and whose page is not shown', async () => {
    const error = (await open('absent').catch((thrown: unknown) => thrown)) as DownloadError;
    expect([error.message, error.passing]).toEqual(['The source answered 404.', false]);
  });

  test('from where nobody listens', async () => {
    const { port } = new URL(source.url);
    await source.close();
    const error = download(new URL(`http://127.0.0.1:${port}/f`), leave.signal, HASTY);
    await expect(error).rejects.toMatchObject({
      message: expect.stringContaining('ECONNREFUSED'),
      passing: true,
    });
    source = await sourceServer();
  });

  test('from what is no TLS although the URL says so', async () => {
    const error = download(new URL(source.url.replace('http:', 'https:')), leave.signal, HASTY);
    await expect(error).rejects.toBeInstanceOf(DownloadError);
  });

  test('from a server that takes the connection, and no TLS', async () => {
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const url = new URL(`https://127.0.0.1:${(mute.address() as AddressInfo).port}/f`);
    await expect(download(url, leave.signal, { ...HASTY, connectMs: 150 })).rejects.toMatchObject({
      message: expect.stringContaining('did not take the connection'),
      passing: true,
    });
    mute.close();
  });
});

describe('whoever leaves', () => {
  test('is not kept by a source that says nothing', async () => {
    source.files.set('f', () => undefined);
    const opening = open('f');
    const reason = new Error('enough');
    leave.abort(reason);
    await expect(opening).rejects.toBe(reason);
  });

  test('in the middle of a file ends the connection', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    source.files.set('f', (_request, response) => {
      response.on('close', resolve);
      response.write(gzipSync(TEXT).subarray(0, 100));
    });
    const { chunks } = await open('f');
    const reading = textOf(chunks);
    leave.abort();
    await expect(reading).rejects.toBeInstanceOf(DownloadError);
    await closed;
  });

  test('after the first bytes ends the connection, too', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    source.files.set('f', (_request, response) => {
      response.on('close', resolve);
      response.write('some');
    });
    for await (const chunk of (await open('f')).chunks) if (chunk.length > 0) break;
    await closed;
  });
});
