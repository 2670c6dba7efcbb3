import { inOrder } from '../../../imaging/retrieve/inOrder.ts';
import { overlaid } from '../../../imaging/retrieve/overlay.ts';
import type { FhirResponse } from '../../../rest/http/types.ts';
import { formOfList, listOfDataSets } from '../dataSets.ts';
import type { DicomwebParts, DicomwebRequest } from '../request.ts';
import type { RetrieveRoute } from '../route.ts';
import { AHEAD, findImages } from './findImages.ts';

/** The data sets of all instances (PS3.18 section 10.4.1.1.2). */
export async function metadataInteraction(
  parts: DicomwebParts,
  request: DicomwebRequest,
  route: RetrieveRoute,
): Promise<FhirResponse> {
  const form = formOfList(request);
  const { found, instances, source } = await findImages(parts, request, route);
  const dataSets = inOrder(instances, AHEAD, async (image) => {
    const dataSet = await source.bridge.metadata(image.sopInstanceUid, request);
    source.places.requireIn(dataSet, route.path.study, image);
    return overlaid(dataSet, found, image.url);
  });
  return listOfDataSets(form, dataSets, request);
}
