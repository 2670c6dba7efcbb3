import { Readable } from 'node:stream';
import { overlaid } from '../../../imaging/retrieve/overlay.ts';
import { inOrder } from '../../../imaging/retrieve/inOrder.ts';
import { compressStream } from '../../../rest/http/compression.ts';
import type { FhirResponse } from '../../../rest/http/types.ts';
import { jsonType } from '../dicomJsonResponse.ts';
import { acceptedBy, type DicomwebParts, type DicomwebRequest } from '../request.ts';
import type { RetrieveRoute } from '../route.ts';
import { AHEAD, findImages } from './findImages.ts';

/** The data sets of all instances, as one list that is written as it is read (PS3.18 section 10.4.1.1.2). */
export async function metadataInteraction(
  parts: DicomwebParts,
  request: DicomwebRequest,
  route: RetrieveRoute,
): Promise<FhirResponse> {
  const contentType = jsonType(acceptedBy(request));
  const images = await findImages(parts, request, route);
  const { bridge, places } = images.source;
  const texts = inOrder(images.instances, AHEAD, async (image) => {
    const dataSet = await bridge.metadata(image.sopInstanceUid, request);
    places.requireIn(dataSet, route.path.study, image);
    return JSON.stringify(overlaid(dataSet, images.found, image.url));
  });
  const first = await texts.next(); // so that what cannot be had is an error
  const whole = Readable.from(list(String(first.value), texts), { objectMode: false });
  const { stream, encoding } = compressStream(whole, acceptedEncodings(request));
  const headers = { 'Content-Type': contentType, ...(encoding && { 'Content-Encoding': encoding }) };
  return { status: 200, headers, stream };
}

const acceptedEncodings = ({ raw }: DicomwebRequest): string | undefined => {
  const { 'accept-encoding': header } = raw.headers;
  return Array.isArray(header) ? header.join(',') : header;
};

async function* list(first: string, others: AsyncGenerator<string>): AsyncGenerator<Buffer> {
  yield Buffer.from(`[${first}`);
  for await (const text of others) yield Buffer.from(`,${text}`);
  yield Buffer.from(']');
}
