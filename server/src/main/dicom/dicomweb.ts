import { ObjectPlaces } from '../../imaging/retrieve/objectPlaces.ts';
import type { UploadFiles } from '../../imaging/upload/uploadFiles.ts';
import { ImagingStudyRecords } from '../../records/imagingStudies.ts';
import {
  DICOMWEB_PATH,
  createDicomwebHandler,
  type DicomwebHandlerParts,
} from '../../web/dicomweb/handler.ts';
import type { Machine } from '../machine.ts';
import type { StorePlace } from '../storePlace.ts';
import type { StoreRecords } from '../storeRecords.ts';

interface OpenParts {
  machine: Pick<Machine, 'dicomBridge' | 'metrics'>;
  place: StorePlace;
  opened: Pick<StoreRecords, 'records'>;
}

/**
 * DICOMweb of a store. The archive is that of the main store: whoever administers a tenant could list its images in a study of his own, so tenants have studies, and no
 * images.
 */
export function openDicomweb(
  { machine: { dicomBridge, metrics }, place, opened: { records } }: OpenParts,
  surface: Omit<DicomwebHandlerParts, 'records' | 'studies' | 'service' | 'images' | 'uploads' | 'onAnswer'>,
  uploads: UploadFiles,
): ReturnType<typeof createDicomwebHandler> {
  const bridge = place.tenant === undefined ? dicomBridge?.client : undefined;
  return createDicomwebHandler({
    ...surface,
    records,
    studies: new ImagingStudyRecords(records),
    service: `${place.root}${DICOMWEB_PATH}`,
    ...(bridge && { images: { bridge, places: new ObjectPlaces(bridge) }, uploads }),
    onAnswer: metrics.answered,
  });
}
