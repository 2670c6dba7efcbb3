/** AuditEvent.action (http://hl7.org/fhir/R4/valueset-audit-event-action.html). */
export type Action = 'C' | 'R' | 'U' | 'D' | 'E';

export interface Coding {
  system: string;
  code: string;
  display: string;
}

/** What a kind of event is in an AuditEvent. */
export interface EventKind {
  /** Stands in the table: never given to another. */
  number: number;
  type: Coding;
  subtype: Coding;
  action: Action;
}

export const REST_TYPE: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
  code: 'rest',
  display: 'RESTful Operation',
};
const REST_INTERACTION = 'http://hl7.org/fhir/restful-interaction';
/** DICOM's controlled terms (PS3.16). */
export const DCM = 'http://dicom.nema.org/resources/ontology/DCM';

const IHE_TRANSACTION = 'urn:ihe:event-type-code';

const rest = (number: number, code: string, action: Action): EventKind => ({
  number,
  type: REST_TYPE,
  subtype: { system: REST_INTERACTION, code, display: code },
  action,
});

const dicom = (code: string, display: string): Coding => ({ system: DCM, code, display });
const USER_AUTHENTICATION = dicom('110114', 'User Authentication');
const SECURITY_ALERT = dicom('110113', 'Security Alert');
const APPLICATION_ACTIVITY = dicom('110100', 'Application Activity');
const TRANSFER_BEGUN = dicom('110102', 'Begin Transferring DICOM Instances');
const TRANSFERRED = dicom('110104', 'DICOM Instances Transferred');
const DICOM_QUERY = dicom('110112', 'Query');
const radiology = (code: string, display: string): Coding => ({ system: IHE_TRANSACTION, code, display });
const of = (number: number, type: Coding, subtype: Coding, action: Action = 'E'): EventKind => ({
  number,
  type,
  subtype,
  action,
});

/**
 * Every kind of event that is recorded: FHIR's interactions as in IHE BALP, the rest as in DICOM PS3.15 A.5. What was refused or
 * failed is of the same kind, with another outcome.
 */
export const EVENTS = {
  read: rest(1, 'read', 'R'),
  vread: rest(2, 'vread', 'R'),
  create: rest(3, 'create', 'C'),
  update: rest(4, 'update', 'U'),
  patch: rest(5, 'patch', 'U'),
  delete: rest(6, 'delete', 'D'),
  'search-type': rest(7, 'search-type', 'E'),
  'search-system': rest(8, 'search-system', 'E'),
  'history-instance': rest(9, 'history-instance', 'R'),
  'history-type': rest(10, 'history-type', 'R'),
  'history-system': rest(11, 'history-system', 'R'),
  operation: rest(12, 'operation', 'E'),
  capabilities: rest(13, 'capabilities', 'R'),
  transaction: rest(14, 'transaction', 'E'),
  batch: rest(15, 'batch', 'E'),
  'sign-in': of(20, USER_AUTHENTICATION, dicom('110122', 'Login')),
  'sign-out': of(21, USER_AUTHENTICATION, dicom('110123', 'Logout')),
  /** An access token was asked for (IHE IUA ITI-71). */
  token: of(22, USER_AUTHENTICATION, {
    system: IHE_TRANSACTION,
    code: 'ITI-71',
    display: 'Get Access Token',
  }),
  'user-changed': of(30, SECURITY_ALERT, dicom('110137', 'User security Attributes Changed'), 'U'),
  'roles-changed': of(31, SECURITY_ALERT, dicom('110136', 'Security Roles Changed'), 'U'),
  'security-configuration': of(32, SECURITY_ALERT, dicom('110129', 'Security Configuration'), 'U'),
  /** Something that only some may do was tried. */
  'restricted-function': of(33, SECURITY_ALERT, dicom('110132', 'Use of Restricted Function')),
  'emergency-started': of(34, SECURITY_ALERT, dicom('110127', 'Emergency Override Started')),
  'emergency-stopped': of(35, SECURITY_ALERT, dicom('110138', 'Emergency Override Stopped')),
  'audit-started': of(36, SECURITY_ALERT, dicom('110134', 'Audit Recording Started')),
  /** Also: records of the journal cannot be read any more. */
  'audit-stopped': of(37, SECURITY_ALERT, dicom('110133', 'Audit Recording Stopped')),
  'server-started': of(40, APPLICATION_ACTIVITY, dicom('110120', 'Application Start')),
  'server-stopped': of(41, APPLICATION_ACTIVITY, dicom('110121', 'Application Stop')),
  'audit-used': of(42, dicom('110101', 'Audit Log Used'), rest(0, 'search-type', 'R').subtype, 'R'),
  /** DICOMweb, with the transactions of IHE RAD. */
  'images-found': of(60, DICOM_QUERY, radiology('RAD-129', 'QIDO-RS Query')),
  'images-shown': of(61, TRANSFERRED, radiology('RAD-107', 'WADO-RS Retrieve'), 'R'),
  'images-stored': of(62, TRANSFERRED, radiology('RAD-108', 'STOW-RS Store'), 'C'),
  /** What the DICOM bridge tells of: associations and what comes and goes on them (decision 0059). */
  'dicom-attached': of(70, dicom('110108', 'Network Entry'), dicom('110124', 'Attach')),
  'dicom-refused': of(71, SECURITY_ALERT, dicom('110126', 'Node Authentication')),
  'dicom-receiving': of(72, TRANSFER_BEGUN, radiology('RAD-8', 'Modality Images Stored'), 'C'),
  'dicom-received': of(73, TRANSFERRED, radiology('RAD-8', 'Modality Images Stored'), 'C'),
  'dicom-sending': of(74, TRANSFER_BEGUN, radiology('RAD-16', 'Retrieve Images'), 'R'),
  'dicom-sent': of(75, TRANSFERRED, radiology('RAD-16', 'Retrieve Images'), 'R'),
  'dicom-queried': of(76, DICOM_QUERY, radiology('RAD-14', 'Query Images')),
  'dicom-worklist-queried': of(77, DICOM_QUERY, radiology('RAD-5', 'Query Modality Worklist')),
  'dicom-started': of(78, APPLICATION_ACTIVITY, dicom('110120', 'Application Start')),
  'dicom-stopped': of(79, APPLICATION_ACTIVITY, dicom('110121', 'Application Stop')),
  /** More has happened than the bridge could keep until the server took it. */
  'dicom-unrecorded': of(80, SECURITY_ALERT, dicom('110133', 'Audit Recording Stopped')),
  /** Of a patient who was erased. */
  'images-erased': of(69, dicom('110105', 'DICOM Study Deleted'), rest(0, 'delete', 'D').subtype, 'D'),
  export: of(50, dicom('110106', 'Export'), rest(0, 'operation', 'R').subtype, 'R'),
  import: of(51, dicom('110107', 'Import'), rest(0, 'operation', 'C').subtype, 'C'),
} as const satisfies Readonly<Record<string, EventKind>>;

export type AuditEventName = keyof typeof EVENTS;

const NAMES = new Map<number, AuditEventName>(
  Object.entries(EVENTS).map(([name, { number }]) => [number, name as AuditEventName]),
);

/** @throws Error where a later release has written a kind that this one does not know */
export function eventName(number: number): AuditEventName {
  const name = NAMES.get(number);
  if (name === undefined) throw new Error(`the audit log has an event of kind ${number}, which is not known`);
  return name;
}
