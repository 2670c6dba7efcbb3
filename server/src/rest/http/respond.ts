import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { compress } from './compression.ts';
import { FHIR_JSON } from './negotiation.ts';
import { bytesOf } from './pieces.ts';
import type { FhirResponse } from './types.ts';

/** A client that takes nothing of its answer for so long is cut off: what waits for it is in memory. */
export const STALLED_MS_MAX = 60_000;

export interface SendOptions {
  acceptEncoding: string | undefined;
  /** HEAD: everything but the body. */
  headOnly: boolean;
}

/** Writes an answer. Uncompressed text goes out as it is: no parsing, no copy. */
export async function send(
  out: ServerResponse,
  response: FhirResponse,
  options: SendOptions,
  stalledMsMax = STALLED_MS_MAX,
): Promise<void> {
  await write(out, response, options, stalledMsMax);
  // What went out at once, as nearly every answer does, needs no timer.
  if ((out.socket?.writableLength ?? 0) > 0) cutOffWhenStalled(out, stalledMsMax);
}

/** Node itself ends a socket on which nothing moves, and lifts the limit before the next request. */
const cutOffWhenStalled = (out: ServerResponse, stalledMsMax: number) => out.socket?.setTimeout(stalledMsMax);

async function write(
  out: ServerResponse,
  response: FhirResponse,
  options: SendOptions,
  stalledMsMax: number,
): Promise<void> {
  const headers = response.headers ?? {};
  if (response.stream !== undefined) {
    out.writeHead(response.status, headers);
    if (!options.headOnly) {
      cutOffWhenStalled(out, stalledMsMax);
      return pipeline(response.stream, out);
    }
    response.stream.destroy();
    out.end();
    return;
  }
  if (response.body === undefined) {
    out.writeHead(
      response.status,
      response.status === 204 || response.status === 304 ? headers : { ...headers, 'Content-Length': '0' },
    );
    out.end();
    return;
  }
  const { body } = response;
  if (options.acceptEncoding === undefined) {
    const whole = typeof body === 'string' ? body : bytesOf(body);
    return sendText(out, response.status, headers, whole, options.headOnly);
  }
  const { bytes, encoding } = await compress(bytesOf(body), options.acceptEncoding);
  const encoded = encoding === undefined ? headers : { ...headers, 'Content-Encoding': encoding };
  sendText(out, response.status, encoded, bytes, options.headOnly);
}

function sendText(
  out: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | Buffer,
  headOnly: boolean,
): void {
  out.writeHead(status, {
    'Content-Type': FHIR_JSON,
    ...headers,
    'Content-Length': String(typeof body === 'string' ? Buffer.byteLength(body) : body.length),
  });
  out.end(headOnly ? undefined : body);
}
