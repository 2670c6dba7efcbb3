import type { IncomingMessage } from 'node:http';
import type { BridgeClient } from '../../imaging/bridge/bridgeClient.ts';
import type { UploadFiles } from '../../imaging/upload/uploadFiles.ts';
import type { ObjectPlaces } from '../../imaging/retrieve/objectPlaces.ts';
import type { Caller } from '../../records/caller.ts';
import type { ImagingStudyRecords } from '../../records/imagingStudies.ts';
import type { Records } from '../../records/records.ts';
import { fhirError } from '../../fhir/outcome.ts';
import { acceptedTypes, type Accepted } from './accept.ts';

/** Where images come from. */
export interface ImageSource {
  bridge: Pick<BridgeClient, 'object' | 'metadata' | 'elements' | 'frame' | 'bulk' | 'rendered' | 'store'>;
  places: ObjectPlaces;
}

/** What DICOMweb of a store is made of. */
export interface DicomwebParts {
  records: Pick<Records, 'requireOffered'>;
  studies: ImagingStudyRecords;
  /** Absolute URL of the service, without a slash at its end. */
  service: string;
  /** Absent where the store has no archive: its studies can be searched, and no more. */
  images?: ImageSource | undefined;
  /** Files that come in pieces; absent where there is no archive. */
  uploads?: UploadFiles | undefined;
}

/** A request whose sender is known. */
export interface DicomwebRequest {
  raw: IncomingMessage;
  caller: Caller;
  /** Decoded query pairs, in order. */
  query: readonly (readonly [string, string])[];
  /** Aborted when the client is gone. */
  signal: AbortSignal;
}

export const acceptedBy = ({ raw, query }: DicomwebRequest): Accepted[] =>
  acceptedTypes(raw.headers.accept, valueOf(query, 'accept'));

/** The first value of a parameter. */
export const valueOf = (query: DicomwebRequest['query'], parameter: string): string | undefined =>
  query.find(([name]) => name === parameter)?.[1];

/** @throws FhirError `not-implemented` */
export function imagesOf({ images }: DicomwebParts): ImageSource {
  if (images) return images;
  throw fhirError(
    'not-implemented',
    'not-supported',
    'This store has no DICOM bridge, so it has no images: its studies can be searched.',
  );
}
