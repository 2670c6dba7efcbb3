import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { DicomJson } from '../../../src/imaging/dicomJson.ts';

/** An object that the bridge has. */
export interface FakeObject {
  study: string;
  series: string;
  frames?: number;
  /** Transfer syntax of its frames; absent: explicit little endian. */
  syntax?: string;
  /** More of its data set. */
  elements?: DicomJson;
  /** A report: nothing of it can be rendered. */
  isText?: true;
  /** Its file never ends. */
  isEndless?: true;
}

const CHUNK = Buffer.alloc(65_536);
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/** The internal API of a bridge as far as DICOMweb asks it, with answers that name what was asked for. */
export class FakeImages {
  readonly objects = new Map<string, FakeObject>();
  /** Paths that were asked for, with their queries. */
  readonly asked: string[] = [];
  /** Of objects that were stored. */
  readonly stored: { source: string | undefined; study: string | undefined; bytes: Buffer }[] = [];
  /** What the next object is answered; by default Success. */
  readonly outcomes: { status: number; body: object }[] = [];
  isAway = false;
  /** Objects that broke off. */
  broken = 0;
  /** The answer that is endless, as long as somebody takes it. */
  endless: ServerResponse | undefined;
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-fake-bridge-'));
  readonly #secret = randomBytes(32).toString('hex');
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<FakeImages> {
    const bridge = new FakeImages();
    bridge.#server.listen(0, '127.0.0.1');
    await once(bridge.#server, 'listening');
    return bridge;
  }

  /** What a server is to be started with. */
  get config(): {
    dicom: 'external';
    dicomBridgeUrl: string;
    dicomBridgeSecretFile: string;
    dicomBridgeClientFile: string;
  } {
    const file = path.join(this.#folder, 'bridge.secret');
    writeFileSync(file, this.#secret, { mode: 0o600 });
    const { port } = this.#server.address() as AddressInfo;
    return {
      dicom: 'external',
      dicomBridgeUrl: `http://127.0.0.1:${port}`,
      dicomBridgeSecretFile: file,
      dicomBridgeClientFile: path.join(this.#folder, 'client.json'),
    };
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
    rmSync(this.#folder, { recursive: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, method, url = '' } = request;
    this.asked.push(url);
    if (headers.authorization !== `Bearer ${this.#secret}`) return fail(response, 401);
    if (this.isAway) return fail(response, 503);
    if (method === 'POST') return this.#store(request, response);
    const { pathname, searchParams } = new URL(url, 'http://bridge');
    const [, , uid = '', what, ...rest] = pathname.split('/');
    const object = this.objects.get(uid);
    if (!object) return fail(response, 404);
    if (object.isEndless && what === undefined) return this.#sendForEver(response);
    if (what === undefined) return send(response, 'application/dicom', `file of ${uid}`);
    if (what === 'metadata')
      return send(response, 'application/json', JSON.stringify(dataSetOf(uid, object)));
    if (what === 'bulk') return send(response, 'application/octet-stream', `${rest.join('/')} of ${uid}`);
    if (what === 'frames')
      return frame(response, uid, object, {
        number: Number(rest[0]),
        accept: searchParams.get('accept') ?? '',
      });
    if (object.isText) return fail(response, 406);
    return send(response, searchParams.get('format')!, `picture of ${uid} ${searchParams}`);
  }

  #sendForEver(response: ServerResponse): void {
    this.endless = response.once('close', () => (this.endless = undefined));
    response.writeHead(200, { 'Content-Type': 'application/dicom' });
    const more = () => {
      while (!response.destroyed && response.write(CHUNK));
    };
    response.on('drain', more);
    more();
  }

  async #store(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    } catch {
      this.broken += 1;
      return;
    }
    const name = (header: string) => request.headers[header] as string | undefined;
    const bytes = Buffer.concat(pieces);
    this.stored.push({ source: name('x-source'), study: name('x-study-instance-uid'), bytes });
    const { status, body } = this.outcomes.shift() ?? { status: 200, body: {} };
    const answer = {
      status: 0,
      sopClassUid: '1.2.9',
      sopInstanceUid: `1.9.${this.stored.length}`,
      studyInstanceUid: '1.2.3',
      ...body,
    };
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  }
}

const dataSetOf = (uid: string, { study, series, frames, elements }: FakeObject): DicomJson => ({
  '00080018': { vr: 'UI', Value: [uid] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'As^Scanned' }] },
  '00100020': { vr: 'LO', Value: ['SCANNED-1'] },
  '0020000D': { vr: 'UI', Value: [study] },
  '0020000E': { vr: 'UI', Value: [series] },
  ...(frames !== undefined && { '00280008': { vr: 'IS', Value: [frames] } }),
  '7FE00010': { vr: 'OW', BulkDataURI: 'frames' },
  ...elements,
});

function frame(
  response: ServerResponse,
  uid: string,
  { frames = 1, syntax = EXPLICIT_LITTLE_ENDIAN }: FakeObject,
  { number, accept }: { number: number; accept: string },
): void {
  if (number > frames) return fail(response, 404);
  const accepted = accept.split(',');
  if (!accepted.includes('*') && !accepted.includes(syntax)) return fail(response, 406);
  send(response, `application/octet-stream; transfer-syntax=${syntax}`, `frame ${number} of ${uid}`);
}

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

function fail(response: ServerResponse, status: number): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...(status === 503 && { 'Retry-After': '7' }),
  });
  response.end(JSON.stringify({ error: `The fake bridge answers ${status}.` }));
}
