import { Readable } from 'node:stream';
import { overlaid } from '../../../imaging/retrieve/overlay.ts';
import type { FhirResponse } from '../../../rest/http/types.ts';
import { jsonType } from '../dicomJsonResponse.ts';
import { acceptedBy, type DicomwebParts, type DicomwebRequest } from '../request.ts';
import type { RetrieveRoute } from '../route.ts';
import { fetched, findImages } from './findImages.ts';

/** The data sets of all instances, as one list that is written as it is read (PS3.18 section 10.4.1.1.2). */
export async function metadataInteraction(
  parts: DicomwebParts,
  request: DicomwebRequest,
  route: RetrieveRoute,
): Promise<FhirResponse> {
  const contentType = jsonType(acceptedBy(request));
  const images = await findImages(parts, request, route);
  const texts = fetched(images, request, route, async ({ sopInstanceUid, url }) => {
    const dataSet = await images.source.bridge.metadata(sopInstanceUid, request);
    return JSON.stringify(overlaid(dataSet, images.found, url));
  });
  const first = await texts.next(); // so that what cannot be had is an error
  return {
    status: 200,
    headers: { 'Content-Type': contentType },
    stream: Readable.from(list(String(first.value), texts), { objectMode: false }),
  };
}

async function* list(first: string, others: AsyncGenerator<string>): AsyncGenerator<Buffer> {
  yield Buffer.from(`[${first}`);
  for await (const text of others) yield Buffer.from(`,${text}`);
  yield Buffer.from(']');
}
