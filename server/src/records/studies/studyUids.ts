import { isUid } from '@maxray/dicom-bridge/uid';
import type { Resource } from '../../fhir/resource.ts';

/** Of DICOM UIDs as identifiers (http://hl7.org/fhir/R4/imagingstudy.html#imagingstudy-identifiers). */
const UID_SYSTEM = 'urn:dicom:uid';
const UID_PREFIX = 'urn:oid:';

/** A Study Instance UID among the identifiers of an ImagingStudy. */
export interface StudyUid {
  uid: string;
  /** As the identifier has it: `urn:oid:` and the UID. */
  urn: string;
  /** Of the identifier, from 0. */
  position: number;
}

/** The Study Instance UIDs that an ImagingStudy says its images have; none of other resources. */
export function studyUidsOf({ resourceType, identifier }: Resource): StudyUid[] {
  if (resourceType !== 'ImagingStudy' || !Array.isArray(identifier)) return [];
  const identifiers = identifier as ({ system?: unknown; value?: unknown } | null)[];
  return identifiers.flatMap((one, position) => {
    const urn = one?.system === UID_SYSTEM && typeof one.value === 'string' ? one.value : '';
    const uid = urn.startsWith(UID_PREFIX) ? urn.slice(UID_PREFIX.length) : '';
    return isUid(uid) ? [{ uid, urn, position }] : [];
  });
}
