import { inOrder } from '../../../imaging/retrieve/inOrder.ts';
import { findStudy, type ListedInstance } from '../../../imaging/studies.ts';
import type { StudyOfPatient } from '../../../records/imagingStudies.ts';
import { imagesOf, type DicomwebParts, type DicomwebRequest, type ImageSource } from '../request.ts';
import type { RetrieveRoute } from '../route.ts';

/** An image that the caller may see, with what it takes to fetch it. */
export interface VisibleImage extends ListedInstance {
  /** Absolute URL of the instance. */
  url: string;
}

export interface VisibleImages {
  found: StudyOfPatient;
  instances: VisibleImage[];
  source: ImageSource;
}

/** Images that are fetched ahead of the reader. */
export const AHEAD = 4;

/** What a URL names, as far as the caller may see it: the one way by which images are reached. @throws FhirError */
export async function findImages(
  parts: DicomwebParts,
  { caller }: DicomwebRequest,
  { path }: RetrieveRoute,
): Promise<VisibleImages> {
  const { instances, ...found } = await findStudy(parts.studies, caller, path);
  const urlOf = ({ seriesInstanceUid, sopInstanceUid }: ListedInstance) =>
    `${parts.service}/studies/${path.study}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`;
  return {
    found,
    instances: instances.map((one) => ({ ...one, url: urlOf(one) })),
    source: imagesOf(parts),
  };
}

/**
 * What is made of each image, once it is sure that it belongs where it is listed.
 *
 * @throws FhirError `not-found` where it does not; what `fetch` throws
 */
export function fetched<R>(
  { source, instances }: VisibleImages,
  { signal }: DicomwebRequest,
  { path }: RetrieveRoute,
  fetch: (image: VisibleImage) => Promise<R>,
  atOnce = AHEAD,
): AsyncGenerator<R> {
  return inOrder(instances, atOnce, async (image) => {
    await source.places.require(path.study, image, signal);
    return fetch(image);
  });
}
