import type { IncomingMessage } from 'node:http';
import { fhirError } from '../fhir/outcome.ts';

/** Longest form or registration, in bytes: a consent with all its scopes, a client with its keys. */
export const BODY_BYTES_MAX = 64 * 1024;

/** Text of a request's body. @throws FhirError when it is not of the type, or too long */
export async function readBody(request: IncomingMessage, wanted: string): Promise<string> {
  const [type] = (request.headers['content-type'] ?? '').split(';');
  if (type?.trim().toLowerCase() !== wanted)
    throw fhirError('unsupported-media-type', 'not-supported', `Send it as ${wanted}.`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw fhirError('too-large', 'too-long', 'It is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
