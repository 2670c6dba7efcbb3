import { randomUUID } from 'node:crypto';
import { phantom, type View } from './phantom.ts';
import type { WorklistItem } from './worklistItem.ts';

/** Digital X-Ray Image Storage - For Presentation (PS3.4 section B.5). */
export const DX_IMAGE = '1.2.840.10008.5.1.4.1.1.1.1';

/** Who makes images, and where they belong. */
export interface ImageContext {
  item: WorklistItem;
  station: { aeTitle: string; name: string };
  seriesInstanceUid: string;
  number: number;
  view: View;
  /** DICOM's date and time. */
  date: string;
  time: string;
}

const VIEWS = {
  ap: { position: 'AP', orientation: ['L', 'F'], code: ['399348003', 'Antero-posterior projection'] },
  lateral: { position: 'LL', orientation: ['A', 'F'], code: ['399067008', 'Lateral projection'] },
} as const;
const PIXEL_SPACING_MM = '0.2';

/** A UID of its own. */
export const newUid = (): string => `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;

const snomed = ([value, meaning]: readonly [string, string]) => ({
  CodeValue: value,
  CodingSchemeDesignator: 'SCT',
  CodeMeaning: meaning,
});

/** The data set of an X-ray image (PS3.3 section A.26) as the library has it, by keywords. */
export function dxImage(context: ImageContext): Record<string, unknown> {
  return { ...identification(context), ...series(context), ...acquisition(context), ...pixels(context) };
}

function identification({ item, date, time }: ImageContext): Record<string, unknown> {
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    SOPClassUID: DX_IMAGE,
    SOPInstanceUID: newUid(),
    PatientName: item.patientName,
    PatientID: item.patientId,
    PatientBirthDate: item.birthDate,
    PatientSex: item.sex,
    StudyInstanceUID: item.studyInstanceUid,
    StudyDate: date,
    StudyTime: time,
    StudyID: item.accessionNumber,
    StudyDescription: item.description,
    AccessionNumber: item.accessionNumber,
    ReferringPhysicianName: '',
  };
}

function series({ seriesInstanceUid, station, item, date, time }: ImageContext): Record<string, unknown> {
  return {
    Modality: 'DX',
    SeriesInstanceUID: seriesInstanceUid,
    SeriesNumber: '1',
    SeriesDate: date,
    SeriesTime: time,
    PresentationIntentType: 'FOR PRESENTATION',
    BodyPartExamined: 'ANKLE',
    Manufacturer: 'Demo Imaging Works',
    ManufacturerModelName: 'Simulated unit',
    DeviceSerialNumber: 'SIM-1',
    SoftwareVersions: '1',
    StationName: station.name,
    RequestAttributesSequence: [
      {
        RequestedProcedureID: item.accessionNumber,
        ScheduledProcedureStepID: item.stepId,
        ScheduledProcedureStepDescription: item.description,
      },
    ],
  };
}

function acquisition({ view, number, date, time }: ImageContext): Record<string, unknown> {
  const { position, orientation, code } = VIEWS[view];
  return {
    InstanceNumber: String(number),
    ContentDate: date,
    ContentTime: time,
    AcquisitionDate: date,
    AcquisitionTime: time,
    AcquisitionNumber: String(number),
    ImageType: ['ORIGINAL', 'PRIMARY', ''],
    ImageLaterality: 'R',
    PatientOrientation: [...orientation],
    ViewPosition: position,
    ViewCodeSequence: [snomed(code)],
    AnatomicRegionSequence: [snomed(['70258002', 'Ankle joint'])],
    AcquisitionContextSequence: [],
    DetectorType: 'DIRECT',
    DetectorConfiguration: 'AREA',
    ImagerPixelSpacing: [PIXEL_SPACING_MM, PIXEL_SPACING_MM],
    PositionerType: 'NONE',
    KVP: '55',
    ExposureInuAs: '2500',
  };
}

function pixels({ view }: ImageContext): Record<string, unknown> {
  const { rows, columns, pixels: values } = phantom(view);
  return {
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: rows,
    Columns: columns,
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    PixelIntensityRelationship: 'LOG',
    PixelIntensityRelationshipSign: -1,
    RescaleIntercept: '0',
    RescaleSlope: '1',
    RescaleType: 'US',
    PresentationLUTShape: 'IDENTITY',
    WindowCenter: '1500',
    WindowWidth: '3000',
    BurnedInAnnotation: 'NO',
    LossyImageCompression: '00',
    PixelData: [values.buffer],
    _vrMap: { PixelData: 'OW' },
  };
}
