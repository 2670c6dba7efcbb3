import type { DicomJson } from '../../imaging/dicomJson.ts';
import type { FhirResponse } from '../../rest/http/types.ts';
import { chosenType, type Accepted } from './accept.ts';

export const DICOM_JSON = 'application/dicom+json';
const JSON_TYPES = [DICOM_JSON, 'application/json'] as const;

/** The form in which data sets are told (PS3.18 section F). @throws FhirError `not-acceptable` */
export const jsonType = (accepted: readonly Accepted[]): string => chosenType(accepted, JSON_TYPES);

/** Data sets, or one alone, as the client takes them. */
export const jsonResponse = (
  contentType: string,
  value: DicomJson | readonly DicomJson[],
  status = 200,
): FhirResponse => ({ status, headers: { 'Content-Type': contentType }, body: JSON.stringify(value) });
