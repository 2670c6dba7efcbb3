import { patientAndStudy, type PatientAndStudy } from '../creation/patientAndStudy.ts';
import { codeItems } from '../fhir/codeSequence.ts';
import type { LocalTime } from '../fhir/localTime.ts';
import type { DataSet } from '../objects/dataSet.ts';
import { UNICODE } from '../objects/encodeText.ts';
import { ENCAPSULATED_PDF } from './writtenBack.ts';

/** Behind those of images. */
const SERIES_NUMBER = '9000';
const LOINC = 'http://loinc.org';

/** A report, and where it belongs. */
export interface PdfContext {
  of: PatientAndStudy;
  seriesInstanceUid: string;
  sopInstanceUid: string;
  /** Of the report: its number in the series. */
  version: number;
  title: string;
  /** LOINC code of what kind of report it is. */
  loinc?: { code: string; meaning: string };
  /** When it was issued. */
  at: LocalTime;
  pdf: Buffer;
}

/**
 * The whole object. It follows from the context alone: the same one again has the same bytes.
 *
 * Reports come here when they are final, which FHIR defines as verified by somebody who is authorised: hence the Verification Flag.
 */
export function encapsulatedPdf({ of, ...context }: PdfContext): DataSet {
  return {
    SpecificCharacterSet: UNICODE,
    SOPClassUID: ENCAPSULATED_PDF,
    SOPInstanceUID: context.sopInstanceUid,
    ...patientAndStudy(of),
    Modality: 'DOC',
    SeriesInstanceUID: context.seriesInstanceUid,
    SeriesNumber: SERIES_NUMBER,
    SeriesDescription: 'Report',
    Manufacturer: 'MaxRay',
    ConversionType: 'WSD',
    ...encapsulatedDocument(context),
  };
}

/** The module Encapsulated Document (PS3.3 section C.24.2). */
function encapsulatedDocument({ version, title, loinc, at, pdf }: Omit<PdfContext, 'of'>): DataSet {
  const concept = loinc && { coding: [{ system: LOINC, code: loinc.code, display: loinc.meaning }] };
  return {
    InstanceNumber: String(version),
    ContentDate: at.date,
    ContentTime: at.time,
    AcquisitionDateTime: '', // type 2; nobody says when the images were read
    BurnedInAnnotation: 'YES', // a report names its patient
    DocumentTitle: title,
    ConceptNameCodeSequence: codeItems([concept]),
    VerificationFlag: 'VERIFIED',
    MIMETypeOfEncapsulatedDocument: 'application/pdf',
    EncapsulatedDocument: pdf,
    EncapsulatedDocumentLength: pdf.length, // without what is padded
  };
}
