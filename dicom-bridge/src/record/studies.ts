import type { MedplumClient } from '@medplum/core';
import type { Endpoint, ImagingStudy, Reference, Task } from '@medplum/fhirtypes';
import { VersionConflictError } from '../fhir/fhirServer.ts';
import { urnOfUid } from '../identifiers/uid.ts';
import type { LedgerRow } from '../ledger/ledger.ts';
import type { Completeness } from '../ledger/studyLedger.ts';
import { findLinks, type Unmatched } from './findLinks.ts';
import { imagingStudyOf, type StudyLinks } from './imagingStudy.ts';
import { UID_SYSTEM } from '../fhir/identifiers.ts';

const TASK_SYSTEM = 'https://maxray.example/fhir/identifier/study-reconciliation';
const TASK_CODE = {
  system: 'https://maxray.example/fhir/CodeSystem/maxray-imaging-task',
  code: 'reconcile-study',
  display: 'Find out whose a study is',
};

/** What somebody is told who has to find out whose a study is; the images tell the rest. */
const REASONS: Readonly<Record<Unmatched, string>> = {
  'no-patient-id': 'The images carry no patient number.',
  'no-patient': 'Nobody has the patient number that the images carry.',
  'several-patients': 'Several patients have the patient number that the images carry.',
  'other-patient': 'Whoever has the patient number has another name, birth date or sex than the images say.',
  'order-of-another': 'The order that the images name is of another patient.',
  'erased-before': 'Images of this study were erased before: find out whether these may be kept.',
};

export interface StudyParts {
  medplum: MedplumClient;
  /** System of the patient numbers of a sender, by its AE title; undefined: any medical record number. */
  issuerOf: (aeTitle: string) => string | undefined;
  /** Its Device, as in `Device/123`. */
  deviceOf: (aeTitle: string) => string | undefined;
  /** Where its images are fetched; absent: studies do not say. */
  endpoint?: Reference<Endpoint>;
}

/** What is to be in the record of a study. */
export interface StudyContent {
  studyInstanceUid: string;
  /** What the archive has, at least one. */
  objects: readonly LedgerRow[];
  completeness: Completeness;
  /** Images of it were erased before these came: somebody has to say whose they are. */
  wasErased: boolean;
  /** Some of them have never been in the record: only for these an ImagingStudy that somebody has deleted is made again. */
  hasNew: boolean;
}

/**
 * Brings a study's ImagingStudy to what the archive has of it. The same again changes nothing; two at once end as one of them alone.
 *
 * @returns undefined where somebody has deleted it, and nothing new has come
 * @throws OperationOutcomeError, or what the client's fetch throws: nothing is half done, and it may be called again
 */
export async function recordStudy(
  { medplum, issuerOf, deviceOf, endpoint }: StudyParts,
  study: StudyContent,
): Promise<ImagingStudy | undefined> {
  const { studyInstanceUid, objects, completeness, wasErased, hasNew } = study;
  const content = { studyInstanceUid, objects, completeness, deviceOf };
  const before = await findStudy(medplum, studyInstanceUid);
  const made = (links: StudyLinks) =>
    imagingStudyOf(content, { ...links, ...endpointsOf(before, endpoint) }, before);
  if (before && isLinked(before)) return store(medplum, before, made(linksOf(before)));
  if (!before && !hasNew) return undefined;
  const [{ attributes, sourceAeTitle }] = objects as [LedgerRow];
  const issuer = issuerOf(sourceAeTitle);
  const asked = { studyInstanceUid, attributes, wasErased, ...(issuer !== undefined && { issuer }) };
  const { links, unmatched } = await findLinks(medplum, asked);
  const stored = await store(medplum, before, made(links));
  if (unmatched) await askSomebody(medplum, studyInstanceUid, stored, unmatched);
  return stored;
}

/** Somebody, or we, have said whose it is: that stays, whatever later images say. */
const isLinked = ({ subject }: ImagingStudy): boolean => subject.reference !== undefined;

const LINKS = ['basedOn', 'encounter', 'referrer', 'procedureCode'] as const;

const linksOf = (study: ImagingStudy): StudyLinks =>
  Object.assign(
    { subject: study.subject },
    ...LINKS.map((name) => study[name] && { [name]: study[name] }),
  ) as StudyLinks;

/** Ours beside those that others have written into it. */
function endpointsOf(
  { endpoint = [] }: Partial<ImagingStudy> = {},
  own: Reference | undefined,
): Pick<StudyLinks, 'endpoint'> {
  const isNamed = own === undefined || endpoint.some(({ reference }) => reference === own.reference);
  const all = isNamed ? endpoint : [...endpoint, own];
  return all.length === 0 ? {} : { endpoint: all };
}

/** Where it is there already, only in place of the version that was seen: who comes second is told, and begins anew. */
async function store(
  medplum: MedplumClient,
  before: ImagingStudy | undefined,
  study: ImagingStudy,
): Promise<ImagingStudy> {
  if (!before) return create(medplum, study);
  if (JSON.stringify(study) === JSON.stringify(before)) return before; // members stand in the order in which they were written
  return medplum.updateResource(study, { headers: { 'If-Match': `W/"${study.meta!.versionId}"` } });
}

/** Somebody else may have made it since it was looked for: then nothing of what is to be stored is in it. */
async function create(medplum: MedplumClient, study: ImagingStudy): Promise<ImagingStudy> {
  const stored = await medplum.createResourceIfNoneExist(study, byUrn(study.identifier![0]!.value!));
  const { numberOfInstances, subject } = stored;
  if (numberOfInstances !== study.numberOfInstances || subject.reference !== study.subject.reference)
    throw new VersionConflictError('Somebody else has made the ImagingStudy at this moment.');
  return stored;
}

const byUrn = (urn: string): string => `identifier=${UID_SYSTEM}|${urn}`;

async function findStudy(medplum: MedplumClient, uid: string): Promise<ImagingStudy | undefined> {
  return medplum.searchOne('ImagingStudy', byUrn(urnOfUid(uid)), { cache: 'reload' });
}

/** One Task for a study, however often it is asked. */
async function askSomebody(
  medplum: MedplumClient,
  uid: string,
  study: ImagingStudy,
  why: Unmatched,
): Promise<void> {
  const task: Task = {
    resourceType: 'Task',
    identifier: [{ system: TASK_SYSTEM, value: uid }],
    status: 'requested',
    intent: 'order',
    code: { coding: [TASK_CODE] },
    description: REASONS[why],
    focus: { reference: `ImagingStudy/${study.id}` },
    authoredOn: new Date().toISOString(),
  };
  await medplum.createResourceIfNoneExist(task, `identifier=${TASK_SYSTEM}|${uid}`);
}
