import { parseJson, type ParsedJson } from '../../fhir/json/parse.ts';
import { readBody } from './body.ts';
import { bodyFormat } from './negotiation.ts';
import type { FhirRequest } from './types.ts';

/** A body that is here as bytes; what is parsed of it takes many times their memory. */
export interface ReceivedResource {
  /** Size of the body. */
  bytes: number;
  /** @throws FhirError `incorrect` with what is wrong and where */
  parse(): ParsedJson;
}

/**
 * The resource in the body of a request.
 *
 * @param bytesMax largest body
 * @throws FhirError as {@link receiveResource} and {@link ReceivedResource.parse} do
 */
export async function readResource(request: FhirRequest, bytesMax: number): Promise<ParsedJson> {
  return (await receiveResource(request, bytesMax)).parse();
}

/**
 * Reads the body of a request that carries a resource, and leaves for later to parse it.
 *
 * @param bytesMax largest body
 * @throws FhirError `unsupported-media-type`, and as {@link readBody} does
 */
export async function receiveResource(request: FhirRequest, bytesMax: number): Promise<ReceivedResource> {
  const format = bodyFormat(request.raw.headers['content-type']);
  const bytes = await readBody(request.raw, bytesMax, request.body);
  const parse = format === 'xml' ? request.xml.parse : parseJson;
  return { bytes: bytes.length, parse: () => parse(bytes) };
}
