/** What the server's audit log calls it, behind `dicom-`. */
export type ActivityKind =
  | 'attached' // a peer has an association
  | 'refused' // somebody has none
  | 'receiving'
  | 'received'
  | 'sending'
  | 'sent'
  | 'queried'
  | 'worklist-queried'
  | 'started'
  | 'stopped'
  | 'unrecorded';

/** Study Instance UID, and how many objects of it. */
export type StudyCount = readonly [studyInstanceUid: string, instances: number];

/** Something that happened over DICOM, for the audit log of the server: who, from where, of which studies. No patient data. */
export interface Activity {
  /** UUID: the server may be told twice, and the log shows that it is the same. */
  id: string;
  atMs: number;
  kind: ActivityKind;
  failed?: boolean;
  /** Of the peer; absent: the bridge by itself. */
  aeTitle?: string;
  /** IP address of the peer. */
  address?: string;
  /** Reference to the peer's Device. */
  device?: string;
  /** At most {@link STUDIES_MAX}. */
  studies?: readonly StudyCount[];
  text?: string;
}

export const STUDIES_MAX = 100;
