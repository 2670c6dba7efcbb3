import { BridgeError } from '../../../imaging/bridge/bridgeError.ts';
import type { BridgeBody } from '../../../imaging/bridge/bridgeClient.ts';
import { inOrder } from '../../../imaging/retrieve/inOrder.ts';
import type { FhirResponse } from '../../../rest/http/types.ts';
import { multipartResponse, partOf, singlePartResponse, type Part } from '../multipart/write.ts';
import { acceptedBy, type DicomwebParts, type DicomwebRequest, type ImageSource } from '../request.ts';
import type { RetrieveRoute } from '../route.ts';
import { findImages, type VisibleImage } from './findImages.ts';
import { frameTypes, type FrameTypes } from './frameTypes.ts';

const NUMBER_OF_FRAMES = '00280008';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const AT_ONCE = 2;

/** Frames of an instance, in the order of the URL, or all of them (PS3.18 section 10.4.1.1.6). */
export async function framesInteraction(
  parts: DicomwebParts,
  request: DicomwebRequest,
  route: RetrieveRoute,
): Promise<FhirResponse> {
  const { source, instances } = await findImages(parts, request, route);
  const image = instances[0]!;
  await source.places.require(route.path.study, image, request.signal);
  const count = route.frames?.length ?? (await frameCount(source, image, request));
  const types = frameTypes(acceptedBy(request), count === 1);
  const all = inOrder(route.frames ?? upTo(count), AT_ONCE, (number) =>
    framePart(source, image, number, types, request),
  );
  if (types.isMultipart) return multipartResponse(all);
  const { value } = await all.next();
  return singlePartResponse(value as Part);
}

/** As the object says, which may be anything. */
async function frameCount(
  { bridge }: ImageSource,
  { sopInstanceUid }: VisibleImage,
  request: DicomwebRequest,
): Promise<number> {
  const dataSet = await bridge.elements(sopInstanceUid, [NUMBER_OF_FRAMES], request);
  const count = Number(dataSet[NUMBER_OF_FRAMES]?.Value?.[0] ?? 1);
  return Number.isInteger(count) && count > 0 ? count : 1;
}

/** One by one: the memory of the server is not for as many frames as an object says that it has. */
function* upTo(count: number): Generator<number> {
  for (let number = 1; number <= count; number += 1) yield number;
}

async function framePart(
  source: ImageSource,
  image: VisibleImage,
  number: number,
  types: FrameTypes,
  request: DicomwebRequest,
): Promise<Part> {
  const body = await attempted(types.attempts, (accept) =>
    source.bridge.frame(image.sopInstanceUid, number, accept, request),
  );
  const contentType = types.contentType(body.transferSyntaxUid ?? EXPLICIT_LITTLE_ENDIAN);
  return partOf(body, contentType, `${image.url}/frames/${number}`);
}

/** The first answer that is to be had. @throws BridgeError of the last attempt */
async function attempted(
  attempts: FrameTypes['attempts'],
  ask: (accept: readonly string[]) => Promise<BridgeBody>,
): Promise<BridgeBody> {
  const [first = [], ...others] = attempts;
  try {
    return await ask(first);
  } catch (error) {
    const mayGoOn = error instanceof BridgeError && error.fault === 'not-acceptable' && others.length > 0;
    if (!mayGoOn) throw error;
    return attempted(others, ask);
  }
}
