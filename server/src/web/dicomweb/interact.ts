import type { FhirResponse } from '../../rest/http/types.ts';
import { bulkInteraction } from './retrieve/bulk.ts';
import { framesInteraction } from './retrieve/frames.ts';
import { metadataInteraction } from './retrieve/metadata.ts';
import { objectsInteraction } from './retrieve/objects.ts';
import { renderedInteraction, thumbnailInteraction } from './retrieve/rendered.ts';
import { capabilities } from './capabilities.ts';
import type { DicomwebParts, DicomwebRequest } from './request.ts';
import type { Representation, RetrieveRoute, Route } from './route.ts';
import { searchInteraction } from './search.ts';
import { storeInteraction } from './store.ts';
import { uploadInteraction } from './uploads.ts';

type Retrieve = (
  parts: DicomwebParts,
  request: DicomwebRequest,
  route: RetrieveRoute,
) => Promise<FhirResponse>;

const RETRIEVE: Readonly<Record<Representation, Retrieve>> = {
  objects: objectsInteraction,
  metadata: metadataInteraction,
  rendered: renderedInteraction,
  thumbnail: thumbnailInteraction,
  frames: framesInteraction,
  bulk: bulkInteraction,
};

/** Does what a URL asks for. @throws FhirError, BridgeError */
export async function interact(
  parts: DicomwebParts,
  request: DicomwebRequest,
  route: Route,
): Promise<FhirResponse> {
  switch (route.kind) {
    case 'capabilities':
      return capabilities(parts, request);
    case 'search':
      return searchInteraction(parts, request, route);
    case 'store':
      return storeInteraction(parts, request, route.study);
    case 'upload':
      return uploadInteraction(parts, request, route);
    case 'retrieve':
      return RETRIEVE[route.representation](parts, request, route);
  }
}
