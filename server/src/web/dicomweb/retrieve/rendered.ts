import { BridgeError } from '../../../imaging/bridge/bridgeError.ts';
import type { Rendering } from '../../../imaging/bridge/rendering.ts';
import { inOrder } from '../../../imaging/retrieve/inOrder.ts';
import type { FhirResponse } from '../../../rest/http/types.ts';
import { chosenType } from '../accept.ts';
import { multipartResponse, partOf, singlePartResponse, type Part } from '../multipart/write.ts';
import { acceptedBy, type DicomwebParts, type DicomwebRequest } from '../request.ts';
import type { RetrieveRoute } from '../route.ts';
import { fetched, findImages, type VisibleImage, type VisibleImages } from './findImages.ts';
import { renderingOf } from './renderingOf.ts';

const FORMATS = ['image/jpeg', 'image/png'] as const;
const THUMBNAIL = { width: 256, height: 256 };
/** Rendering is work: of a request no more than so many at a time. */
const AT_ONCE = 2;
/** Instances of which the first that is an image stands for its study. */
const THUMBNAIL_ATTEMPTS = 5;

/** Pictures of all instances, each its first frame, or of the frames that are named (PS3.18 section 10.4.1.1.3). */
export async function renderedInteraction(
  parts: DicomwebParts,
  request: DicomwebRequest,
  route: RetrieveRoute,
): Promise<FhirResponse> {
  const rendering = askedRendering(request);
  const images = await findImages(parts, request, route);
  const pictures = route.frames
    ? await framesOf(images, request, route, rendering)
    : fetched(images, request, route, (image) => picture(images, image, rendering, request), AT_ONCE);
  const count = route.frames?.length ?? images.instances.length;
  return count > 1 ? multipartResponse(pictures) : singlePartResponse((await pictures.next()).value as Part);
}

/** A small picture that stands for what the URL names (PS3.18 section 10.4.1.1.4). */
export async function thumbnailInteraction(
  parts: DicomwebParts,
  request: DicomwebRequest,
  route: RetrieveRoute,
): Promise<FhirResponse> {
  const asked = askedRendering(request);
  const [frame = 1] = route.frames ?? [];
  const rendering = { ...asked, viewport: asked.viewport ?? THUMBNAIL, frame };
  const images = await findImages(parts, request, route);
  const candidates = images.instances.slice(0, THUMBNAIL_ATTEMPTS);
  for (const [at, image] of candidates.entries()) {
    await images.source.places.require(route.path.study, image, request.signal);
    try {
      return singlePartResponse(await picture(images, image, rendering, request));
    } catch (error) {
      if (!isNoImage(error) || at === candidates.length - 1) throw error;
    }
  }
  throw new RangeError('a study without instances was found');
}

/** A report, a document: nothing of it can be seen. */
const isNoImage = (error: unknown): boolean =>
  error instanceof BridgeError && error.fault === 'not-acceptable';

const askedRendering = (request: DicomwebRequest): Rendering =>
  renderingOf(request.query, chosenType(picturesIn(acceptedBy(request)), FORMATS));

/** Pictures come alone or in parts, as many as there are: so it says nothing whether parts were asked for. */
const picturesIn = (accepted: ReturnType<typeof acceptedBy>) =>
  accepted.map((one) => ({ ...one, isMultipart: false }));

async function framesOf(
  images: VisibleImages,
  request: DicomwebRequest,
  route: RetrieveRoute,
  rendering: Rendering,
): Promise<AsyncGenerator<Part>> {
  const image = images.instances[0]!;
  await images.source.places.require(route.path.study, image, request.signal);
  return inOrder(route.frames!, AT_ONCE, (frame) => picture(images, image, { ...rendering, frame }, request));
}

async function picture(
  { source }: VisibleImages,
  image: VisibleImage,
  rendering: Rendering,
  request: DicomwebRequest,
): Promise<Part> {
  const body = await source.bridge.rendered(image.sopInstanceUid, rendering, request);
  const place = rendering.frame === undefined ? image.url : `${image.url}/frames/${rendering.frame}`;
  return partOf(body, body.mediaType, `${place}/rendered`);
}
