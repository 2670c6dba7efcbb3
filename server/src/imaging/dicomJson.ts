import type { DicomJson, DicomJsonElement } from './bridge/bridgeClient.ts';

export type { DicomJson, DicomJsonElement } from './bridge/bridgeClient.ts';

/** A person's name as the DICOM JSON model has it (PS3.18 section F.2.2). */
export interface PersonNameValue {
  Alphabetic: string;
}

/** Of an element: text, numbers, names, or data sets of a sequence. */
export type DicomValue = string | number | PersonNameValue | DicomJson;

/** An element with the values that are there; without any where there are none, as for an attribute that is empty (PS3.18 section F.2.5). */
export function element(vr: string, values: readonly (DicomValue | undefined)[]): DicomJsonElement {
  const present = values.filter((value) => value !== undefined && value !== '');
  return present.length === 0 ? { vr } : { vr, Value: present };
}

/** A data set as text has its elements in the order of their tags (PS3.18 section F.2.2). */
export function ordered(dataSet: DicomJson): DicomJson {
  return Object.fromEntries(Object.entries(dataSet).sort(([a], [b]) => (a < b ? -1 : 1)));
}
