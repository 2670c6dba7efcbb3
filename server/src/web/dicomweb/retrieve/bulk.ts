import { isTold } from '../../../imaging/retrieve/overlay.ts';
import { notThere } from '../../../imaging/studies.ts';
import type { FhirResponse } from '../../../rest/http/types.ts';
import { isInRange, notAcceptable } from '../accept.ts';
import { multipartResponse, partOf, singlePartResponse, type Part } from '../multipart/write.ts';
import { acceptedBy, type DicomwebParts, type DicomwebRequest } from '../request.ts';
import type { RetrieveRoute } from '../route.ts';
import { findImages } from './findImages.ts';

const OCTETS = 'application/octet-stream';

/** A value that is too long for metadata (PS3.18 section 10.4.1.1.5). */
export async function bulkInteraction(
  parts: DicomwebParts,
  request: DicomwebRequest,
  route: RetrieveRoute,
): Promise<FhirResponse> {
  const [best] = acceptedBy(request).filter(({ mediaType }) => isInRange(OCTETS, mediaType));
  if (!best) throw notAcceptable(OCTETS);
  const { found, source, instances } = await findImages(parts, request, route);
  const image = instances[0]!;
  const bulkPath = route.bulkPath!;
  if (!isTold(bulkPath, found)) throw notThere();
  await source.places.require(route.path.study, image, request.signal);
  const body = await source.bridge.bulk(image.sopInstanceUid, bulkPath, request);
  const part = partOf(body, OCTETS, `${image.url}/bulkdata/${bulkPath}`);
  return best.mediaType === OCTETS && !best.isMultipart
    ? singlePartResponse(part)
    : multipartResponse(one(part));
}

// eslint-disable-next-line @typescript-eslint/require-await -- parts come asynchronously; this one is here
async function* one(part: Part): AsyncGenerator<Part> {
  yield part;
}
