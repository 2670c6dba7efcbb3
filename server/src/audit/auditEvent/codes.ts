import { DCM, type Coding } from '../events.ts';

/** Codes of IHE BALP 1.1 (https://profiles.ihe.net/ITI/BALP). */
export const BALP = 'https://profiles.ihe.net/ITI/BALP';
export const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';

const concept = (system: string, code: string, display: string) => ({ coding: [{ system, code, display }] });

export const SOURCE = concept(DCM, '110153', 'Source Role ID');
export const DESTINATION = concept(DCM, '110152', 'Destination Role ID');
export const APPLICATION = concept(DCM, '110150', 'Application');
export const CUSTODIAN = concept(
  'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
  'custodian',
  'Custodian',
);
export const RECIPIENT = concept(PARTICIPATION, 'IRCP', 'information recipient');
export const AUTHOR = concept(PARTICIPATION, 'AUT', 'author (originator)');
export const RESPONSIBLE = concept(PARTICIPATION, 'RESP', 'responsible party');

const entityType = (code: string, display: string): Coding => ({ system: ENTITY_TYPE, code, display });
export const PERSON = entityType('1', 'Person');
export const SYSTEM_OBJECT = entityType('2', 'System Object');
export const OTHER = entityType('4', 'Other');
export const REQUEST_ID = { system: `${BALP}/CodeSystem/BasicAuditEntityType`, code: 'XrequestId' };

const objectRole = (code: string, display: string): Coding => ({ system: OBJECT_ROLE, code, display });
export const PATIENT = objectRole('1', 'Patient');
export const REPORT = objectRole('3', 'Report');
export const DOMAIN_RESOURCE = objectRole('4', 'Domain Resource');
export const SECURITY_RESOURCE = objectRole('13', 'Security Resource');
export const JOB = objectRole('20', 'Job');
export const QUERY = objectRole('24', 'Query');

export const APPLICATION_SERVER: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
  code: '4',
  display: 'Application Server',
};

/** AuditEvent.agent.network.type. */
export const NETWORK = { machineName: '1', ipAddress: '2', uri: '5' } as const;
