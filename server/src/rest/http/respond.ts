import type { ServerResponse } from 'node:http';
import { compress } from './compression.ts';
import { FHIR_JSON } from './negotiation.ts';
import { bytesOf, outgoing, type Outgoing } from './pieces.ts';
import { pump } from './pump.ts';
import type { FhirResponse } from './types.ts';

/** A client that takes nothing of its answer for so long is cut off: what waits for it is in memory. */
export const STALLED_MS_MAX = 60_000;

export interface SendOptions {
  acceptEncoding: string | undefined;
  /** Headers, names and values in turn, but for those that the answer has itself. */
  common?: readonly string[];
  /** HEAD: everything but the body. */
  headOnly: boolean;
}

/** Writes an answer. Uncompressed text goes out as it is: no parsing, no copy, and nothing to wait for. */
export function send(
  out: ServerResponse,
  response: FhirResponse,
  options: SendOptions,
  stalledMsMax = STALLED_MS_MAX,
): Promise<void> | undefined {
  const writing = write(out, response, options, stalledMsMax);
  if (writing) return writing.then(() => cutOffWhenHeld(out, stalledMsMax));
  cutOffWhenHeld(out, stalledMsMax);
  return undefined;
}

/** What went out at once, as nearly every answer does, needs no timer. */
function cutOffWhenHeld(out: ServerResponse, stalledMsMax: number): void {
  if ((out.socket?.writableLength ?? 0) > 0) cutOffWhenStalled(out, stalledMsMax);
}

/** Node itself ends a socket on which nothing moves, and lifts the limit before the next request. */
const cutOffWhenStalled = (out: ServerResponse, stalledMsMax: number) => out.socket?.setTimeout(stalledMsMax);

function write(
  out: ServerResponse,
  response: FhirResponse,
  options: SendOptions,
  stalledMsMax: number,
): Promise<void> | undefined {
  const { status, stream, body } = response;
  const headers = headerList(response, options);
  if (stream !== undefined) {
    out.writeHead(status, headers);
    if (!options.headOnly) {
      cutOffWhenStalled(out, stalledMsMax);
      return pump(stream, out);
    }
    stream.destroy();
    out.end();
  } else if (body === undefined) {
    if (status !== 204 && status !== 304) headers.push('Content-Length', '0');
    out.writeHead(status, headers).end();
  } else if (options.acceptEncoding === undefined) {
    sendText(out, status, headers, outgoing(body), options.headOnly);
  } else return sendCompressed(out, status, headers, bytesOf(body), options);
  return undefined;
}

async function sendCompressed(
  out: ServerResponse,
  status: number,
  headers: string[],
  body: Buffer,
  { acceptEncoding, headOnly }: SendOptions,
): Promise<void> {
  const { bytes, encoding } = await compress(body, acceptEncoding!);
  if (encoding !== undefined) headers.push('Content-Encoding', encoding);
  const { length: lengthBytes } = bytes;
  sendText(out, status, headers, { content: bytes, lengthBytes, encoding: 'utf8' }, headOnly);
}

function sendText(
  out: ServerResponse,
  status: number,
  headers: string[],
  { content, lengthBytes, encoding }: Outgoing,
  headOnly: boolean,
): void {
  headers.push('Content-Length', String(lengthBytes));
  out.writeHead(status, headers);
  if (headOnly) out.end();
  else out.end(content, encoding);
}

/** Names and values in turn: as an object Node would take them apart again. */
function headerList({ headers = {}, body }: FhirResponse, { common = [] }: SendOptions): string[] {
  const list: string[] = [];
  for (let i = 0; i < common.length; i += 2)
    if (headers[common[i]!] === undefined) list.push(common[i]!, common[i + 1]!);
  if (body !== undefined && headers['Content-Type'] === undefined) list.push('Content-Type', FHIR_JSON);
  for (const [name, value] of Object.entries(headers)) list.push(name, value);
  return list;
}
