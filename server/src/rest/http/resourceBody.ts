import { parseJson, type ParsedJson } from '../../fhir/json/parse.ts';
import type { ParsedBatch } from '../../fhir/xml/xmlFormat.ts';
import { readBody } from './body.ts';
import { bodyFormat } from './negotiation.ts';
import type { FhirRequest } from './types.ts';

/**
 * The resource in the body of a request.
 *
 * @param bytesMax largest body
 * @throws FhirError `unsupported-media-type`, as {@link readBody} does, and `incorrect` with what is wrong and where
 */
export async function readResource(request: FhirRequest, bytesMax: number): Promise<ParsedJson> {
  const { format, bytes } = await receive(request, bytesMax);
  return format === 'xml' ? request.xml.parse(bytes) : parseJson(bytes);
}

/** A body that is here as bytes; what is parsed of it takes many times their memory. */
export interface ReceivedBundle {
  /** Size of the body. */
  bytes: number;
  /** @throws FhirError `incorrect` with what is wrong and where */
  parse(): ParsedBatch;
}

/** As {@link readResource}, but leaves for later to parse it, and what may be said of one entry of a batch to that entry. */
export async function receiveBundle(request: FhirRequest, bytesMax: number): Promise<ReceivedBundle> {
  const { format, bytes } = await receive(request, bytesMax);
  const parse = (): ParsedBatch =>
    format === 'xml' ? request.xml.parseBundle(bytes) : { ...parseJson(bytes), faults: new Map() };
  return { bytes: bytes.length, parse };
}

async function receive(request: FhirRequest, bytesMax: number) {
  const format = bodyFormat(request.raw.headers['content-type']);
  return { format, bytes: request.received ?? (await readBody(request.raw, bytesMax, request.body)) };
}
