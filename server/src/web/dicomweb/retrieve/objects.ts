import { requireWholePatient } from '../../../imaging/permissions.ts';
import type { BridgeBody } from '../../../imaging/bridge/bridgeClient.ts';
import type { FhirResponse } from '../../../rest/http/types.ts';
import { isInRange, notAcceptable, withSyntax, type Accepted } from '../accept.ts';
import { multipartResponse, partOf, singlePartResponse, type Part } from '../multipart/write.ts';
import { acceptedBy, type DicomwebParts, type DicomwebRequest } from '../request.ts';
import type { RetrieveRoute } from '../route.ts';
import { fetched, findImages } from './findImages.ts';

const DICOM = 'application/dicom';
/** One after the other: each holds a file of the archive open. */
const ONE = 1;

/** Whole objects, byte for byte as they are kept (PS3.18 section 10.4.1.1). */
export async function objectsInteraction(
  parts: DicomwebParts,
  request: DicomwebRequest,
  route: RetrieveRoute,
): Promise<FhirResponse> {
  const accepted = acceptedObjects(acceptedBy(request));
  const images = await findImages(parts, request, route);
  requireWholePatient(request.caller, images.found);
  const bodies = fetched(
    images,
    request,
    route,
    async (image) => {
      const body = await images.source.bridge.object(image.sopInstanceUid, request);
      if (accepts(accepted, body)) return partOf(body, withSyntax(DICOM, body.transferSyntaxUid), image.url);
      body.stream.destroy();
      throw notAcceptable(`the transfer syntax ${body.transferSyntaxUid}, or transfer-syntax=*`);
    },
    ONE,
  );
  if (accepted.isMultipart || route.path.instance === undefined) return multipartResponse(bodies);
  const { value } = await bodies.next();
  return singlePartResponse(value as Part);
}

interface AcceptedObjects {
  isMultipart: boolean;
  /** UIDs; undefined: any. */
  syntaxes: ReadonlySet<string> | undefined;
}

/**
 * Objects come in the transfer syntax in which they are kept. Who names none gets that one, too: viewers name none, and take all.
 *
 * @throws FhirError `not-acceptable`
 */
function acceptedObjects(accepted: readonly Accepted[]): AcceptedObjects {
  const usable = accepted.filter(({ mediaType }) => isInRange(DICOM, mediaType));
  const [best] = usable;
  if (!best) throw notAcceptable(`multipart/related; type="${DICOM}"`);
  const isMultipart = best.isMultipart || best.mediaType !== DICOM;
  const named = usable.map(({ transferSyntax }) => transferSyntax);
  const isAny = named.some((one) => one === undefined || one === '*');
  return { isMultipart, syntaxes: isAny ? undefined : new Set(named as string[]) };
}

const accepts = ({ syntaxes }: AcceptedObjects, { transferSyntaxUid }: BridgeBody): boolean =>
  syntaxes === undefined || (transferSyntaxUid !== undefined && syntaxes.has(transferSyntaxUid));
