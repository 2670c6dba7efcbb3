import type { Patient, Practitioner, ServiceRequest } from '@medplum/fhirtypes';
import { patientAndStudy } from '../creation/patientAndStudy.ts';
import { conceptText } from '../fhir/codeSequence.ts';
import type { LocalTime } from '../fhir/localTime.ts';
import { UNICODE } from '../objects/encodeText.ts';
import type { DataSet } from '../objects/dataSet.ts';
import { numbersOf } from '../worklist/worklistItem.ts';
import type { PictureFrame } from './pictureFrame.ts';

/** Secondary Capture Image Storage: what says of a picture no more than is known of it (PS3.3 section A.8). */
export const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

/** Whose a picture is, and what it belongs to. */
export interface PictureContext {
  patient: Patient;
  order?: ServiceRequest;
  requester?: Practitioner;
  uids: { study: string; series: string; instance: string };
  /** DICOM's code of what it was made by (PS3.3 section C.7.3.1.1.1). */
  modality: string;
  /** In its series. */
  number: number;
  /** When it was sent. */
  at: LocalTime;
}

/** All of the object but its pixels. */
export function secondaryCapture(context: PictureContext, frame: PictureFrame): DataSet {
  return { SpecificCharacterSet: UNICODE, ...identification(context), ...general(context), ...image(frame) };
}

function identification({ patient, order, requester, uids, at }: PictureContext): DataSet {
  return {
    SOPClassUID: SECONDARY_CAPTURE,
    SOPInstanceUID: uids.instance,
    ...patientAndStudy({
      ...{ patient, requester, studyInstanceUid: uids.study, started: at },
      accession: (order && numbersOf(order)?.accession) ?? '',
      description: conceptText(order?.code),
      procedure: [order?.code],
    }),
  };
}

function general({ uids, modality, number, at }: PictureContext): DataSet {
  return {
    Modality: modality,
    SeriesInstanceUID: uids.series,
    SeriesNumber: '1',
    SeriesDate: at.date,
    SeriesTime: at.time,
    SeriesDescription: 'Uploaded pictures',
    ConversionType: 'DI',
    DateOfSecondaryCapture: at.date,
    TimeOfSecondaryCapture: at.time,
    SecondaryCaptureDeviceManufacturer: 'MaxRay',
    InstanceNumber: String(number),
    ContentDate: at.date,
    ContentTime: at.time,
    Laterality: '', // not known, and to be said so (type 2C)
    PatientOrientation: '',
    ImageType: ['DERIVED', 'SECONDARY'],
  };
}

function image(frame: PictureFrame): DataSet {
  const { rows, columns, samplesPerPixel, bits, photometricInterpretation, lossyRatio } = frame;
  return {
    SamplesPerPixel: samplesPerPixel,
    PhotometricInterpretation: photometricInterpretation,
    PlanarConfiguration: samplesPerPixel === 1 ? undefined : 0,
    Rows: rows,
    Columns: columns,
    BitsAllocated: bits,
    BitsStored: bits,
    HighBit: bits - 1,
    PixelRepresentation: 0,
    ...(lossyRatio !== undefined && {
      LossyImageCompression: '01',
      LossyImageCompressionRatio: lossyRatio.toFixed(2),
      LossyImageCompressionMethod: 'ISO_10918_1',
    }),
  };
}
