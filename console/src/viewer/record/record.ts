import { mergedInto, patientIdIn, type Patient } from './patient.ts';
import { search } from './search.ts';
import { ReadError, type Service } from './service.ts';

/** The part of FHIR's ImagingStudy that the page shows. */
export interface ImagingStudy {
  id: string;
  started?: string;
  description?: string;
  identifier?: { system?: string; value?: string }[];
  subject?: { reference?: string };
  modality?: { code?: string }[];
  series?: Series[];
}

export interface Series {
  uid: string;
  number?: number;
  description?: string;
  modality?: { code?: string };
  bodySite?: { display?: string };
  instance?: { uid: string; number?: number }[];
}

/** Studies of the patient that are offered for comparison. */
const PRIORS_MAX = 50;

export const readStudy = (service: Service): Promise<ImagingStudy> =>
  service.json(`ImagingStudy/${service.studyId}`);

/**
 * The other studies of the patient that the reader may see, newest first; also those of records that were merged into the patient's.
 *
 * @param patient who it is of now
 */
export async function readOthers(
  service: Service,
  study: ImagingStudy,
  patient: Patient | undefined,
): Promise<ImagingStudy[]> {
  const own = patientIdIn(study.subject?.reference);
  if (own === undefined) return [];
  const merged = patient?.id === undefined ? [] : await mergedInto(service, patient.id);
  const ids = [...new Set([own, ...(patient?.id === undefined ? [] : [patient.id]), ...merged])];
  const query = `ImagingStudy?patient=${ids.join(',')}&_sort=-started&_count=${PRIORS_MAX}`;
  return (await search<ImagingStudy>(service, 'ImagingStudy', query)).filter(({ id }) => id !== study.id);
}

/** @throws ReadError for a study that has none */
export function studyInstanceUidOf({ identifier = [] }: ImagingStudy): string {
  const urn = identifier.find(({ system }) => system === 'urn:dicom:uid')?.value;
  if (urn?.startsWith('urn:oid:') !== true) throw new ReadError('This study has no images.');
  return urn.slice('urn:oid:'.length);
}
