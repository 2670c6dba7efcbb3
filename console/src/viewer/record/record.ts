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

/** The part of FHIR's Patient that the page shows. */
export interface Patient {
  name?: { use?: string; text?: string; family?: string; given?: string[] }[];
  birthDate?: string;
  gender?: string;
  identifier?: { value?: string; type?: { coding?: { code?: string }[] } }[];
}

interface Bundle<T> {
  entry?: { resource?: T & { resourceType: string } }[];
}

/** Studies of the patient that are offered for comparison. */
const PRIORS_MAX = 50;
const PATIENT = /(?:^|\/)Patient\/([A-Za-z0-9.-]{1,64})$/;

export const readStudy = (service: Service): Promise<ImagingStudy> =>
  service.json(`ImagingStudy/${service.studyId}`);

/** @returns undefined where it is not known whose the study is, or the reader may not see the patient */
export async function readPatient(service: Service, study: ImagingStudy): Promise<Patient | undefined> {
  const id = patientIdOf(study);
  return id === undefined ? undefined : service.json<Patient>(`Patient/${id}`).catch(nothingIfRefused);
}

/** The other studies of the patient that the reader may see, newest first. */
export async function readOthers(service: Service, study: ImagingStudy): Promise<ImagingStudy[]> {
  const id = patientIdOf(study);
  if (id === undefined) return [];
  const query = `ImagingStudy?patient=${id}&_sort=-started&_count=${PRIORS_MAX}`;
  const bundle = await service.json<Bundle<ImagingStudy>>(query).catch(nothingIfRefused);
  return (bundle?.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'ImagingStudy' && resource.id !== study.id ? [resource] : [],
  );
}

/** A token for studies alone does not show who the patient is, and need not. */
function nothingIfRefused(error: unknown): undefined {
  if (!(error instanceof ReadError)) throw error;
}

const patientIdOf = ({ subject }: ImagingStudy): string | undefined =>
  PATIENT.exec(subject?.reference ?? '')?.[1];

/** @throws ReadError for a study that has none */
export function studyInstanceUidOf({ identifier = [] }: ImagingStudy): string {
  const urn = identifier.find(({ system }) => system === 'urn:dicom:uid')?.value;
  if (urn?.startsWith('urn:oid:') !== true) throw new ReadError('This study has no images.');
  return urn.slice('urn:oid:'.length);
}
