import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runLoad } from '../../../src/cli/load/load.ts';
import type { Patience } from '../../../src/cli/load/retry.ts';

export interface Received {
  method: string;
  url: string;
  body: string;
}

/** What the fake server does with a request: an answer, a broken connection, or nothing at all. */
export type Reply =
  { status: number; headers?: Record<string, string>; body?: unknown } | 'break' | 'silence';
export type Behaviour = (request: Received, count: number) => Reply | Promise<Reply>;

export interface FakeServer {
  url: string;
  received: Received[];
  close(): Promise<void>;
}

/** An HTTP server that keeps what it gets and answers as told. */
export async function fakeServer(
  behaviour: Behaviour = () => ({ status: 200 }),
  port = 0,
): Promise<FakeServer> {
  const received: Received[] = [];
  const server = http.createServer((request, response) => {
    // Nobody has to sign in.
    if (request.url?.includes('/.well-known/')) return void response.writeHead(404).end();
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', async () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        body: Buffer.concat(pieces).toString(),
      };
      received.push(one);
      const reply = await behaviour(one, received.length);
      if (reply === 'silence') return;
      if (reply === 'break') return void request.socket.destroy();
      response.writeHead(reply.status, { 'Content-Type': 'application/fhir+json', ...reply.headers });
      response.end(JSON.stringify(reply.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir/R4`,
    received,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export interface Folder {
  path: string;
  write(name: string, content: string | Uint8Array): Promise<string>;
  remove(): Promise<void>;
}

/** A folder of its own for a test. */
export async function folder(): Promise<Folder> {
  const root = await mkdtemp(path.join(tmpdir(), 'maxray-load-'));
  return {
    path: root,
    write: async (name, content) => {
      const file = path.join(root, name);
      await writeFile(file, content);
      return file;
    },
    remove: () => rm(root, { recursive: true }),
  };
}

/** Tries again after waits that are short enough for tests, and does not give up however busy the machine is. */
export const HASTY: Patience = { totalMs: 120_000, firstMs: 5, longestMs: 20 };

/** Runs the command; what it wrote, and its exit code. */
export async function load(args: string[], patience: Patience = HASTY, stop?: AbortSignal) {
  let out = '';
  let err = '';
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
  };
  const root = await mkdtemp(path.join(tmpdir(), 'maxray-journal-'));
  const journal = args.includes('--journal') ? [] : ['--journal', path.join(root, 'journal')];
  const code = await runLoad([...args, ...journal], io, { patience, ...(stop && { stop }) });
  await rm(root, { recursive: true });
  return { code, out, err };
}

export const outcome = (diagnostics: string, extra: object = {}) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'invalid', diagnostics, ...extra }],
});

const BLOCK_BYTES = 512;

/** One member of a tar archive. */
export function tarMember(name: string, content: string | Uint8Array, kind = '0', prefix = ''): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(kind, 156);
  header.write('ustar\0', 257, 'latin1');
  header.write('00', 263);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((BLOCK_BYTES - (body.length % BLOCK_BYTES)) % BLOCK_BYTES);
  return Buffer.concat([header, body, padding]);
}

/** An archive of members, with its end. */
export const tar = (...members: Buffer[]): Buffer =>
  Buffer.concat([...members, Buffer.alloc(2 * BLOCK_BYTES)]);
