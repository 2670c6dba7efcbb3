import type { MedplumClient } from '@medplum/core';
import type {
  Bundle,
  BundleEntry,
  Device,
  Procedure,
  Reference,
  Resource,
  ServiceRequest,
} from '@medplum/fhirtypes';
import { followStep } from '../capture/followStep.ts';
import { escaped } from '../fhir/searchValue.ts';
import { urnOfUid } from '../identifiers/uid.ts';
import { findLinks } from '../record/findLinks.ts';
import type { PerformedStep } from './performedStep.ts';
import { DOSE_SYSTEM, doseOf, procedureOf, type StepLinks } from './procedure.ts';
import { AE_TITLE_SYSTEM, UID_SYSTEM } from '../fhir/identifiers.ts';

/** Of a Procedure that is not there yet, within its transaction. */
const NEW_PROCEDURE = 'urn:uuid:6b1f6a3e-6c1e-4c63-9d0e-3a0f5c9f5a52';

/**
 * Brings a step into the record, in one transaction: its Procedure, what is known of its dose, and the Tasks to take the images. Where it is there
 * already, that is brought to what is known now.
 *
 * @param issuer system of the numbers that the sender calls PatientID; undefined: any medical record number
 * @throws OperationOutcomeError, VersionConflictError, ServerAwayError: nothing is half done, and it may be called again
 */
export async function recordStep(
  medplum: MedplumClient,
  step: PerformedStep,
  issuer: string | undefined,
): Promise<void> {
  const identifier = `${UID_SYSTEM}|${urnOfUid(step.sopInstanceUid)}`;
  const before = await medplum.searchOne('Procedure', new URLSearchParams({ identifier }), NOT_REMEMBERED);
  const links = await linksOf(medplum, step, issuer, before);
  const procedure = procedureOf(step, links, before);
  const reference = { reference: before ? `Procedure/${before.id}` : NEW_PROCEDURE };
  const dose = doseOf(step, links, reference);
  const tasks = await followStep(medplum, links.basedOn ?? [], step, links.device?.reference);
  const entry: BundleEntry[] = [
    before ? replaced(procedure) : created(procedure, identifier),
    ...(dose ? [put(dose, `Observation?identifier=${DOSE_SYSTEM}|${urnOfUid(step.sopInstanceUid)}`)] : []),
    ...tasks.map(replaced),
  ];
  const bundle: Bundle = { resourceType: 'Bundle', type: 'transaction', entry };
  await medplum.executeBatch(bundle);
}

/** Whose it is, as for the images; what is known once stays. */
async function linksOf(
  medplum: MedplumClient,
  step: PerformedStep,
  issuer: string | undefined,
  before: Procedure | undefined,
): Promise<StepLinks> {
  const known = before?.subject.reference === undefined ? await foundLinks(medplum, step, issuer) : before;
  const { subject, basedOn, encounter } = known;
  const [first] = basedOn ?? [];
  const order = first && (await medplum.readReference(first as Reference<ServiceRequest>, NOT_REMEMBERED));
  const device = await deviceOf(medplum, step.stationAeTitle);
  return {
    subject,
    ...(basedOn && { basedOn }),
    ...(encounter && { encounter }),
    ...(order && { order }),
    ...(device && { device }),
  };
}

/** A step may be for several orders: those of one patient. */
async function foundLinks(
  medplum: MedplumClient,
  { scheduled, patient }: PerformedStep,
  issuer: string | undefined,
): Promise<Pick<StepLinks, 'subject' | 'basedOn' | 'encounter'>> {
  const found = [];
  for (const { studyInstanceUid, accessionNumber } of scheduled) {
    const attributes = { ...patient, ...(accessionNumber !== undefined && { accessionNumber }) };
    const asked = { studyInstanceUid, attributes, ...(issuer !== undefined && { issuer }) };
    found.push((await findLinks(medplum, asked)).links);
  }
  const [first, ...others] = found as [StepLinks, ...StepLinks[]];
  const ofSame = others.filter(({ subject }) => subject.reference === first.subject.reference);
  const basedOn = [first, ...ofSame].flatMap((links) => links.basedOn ?? []);
  return { ...first, ...(basedOn.length > 0 && { basedOn }) };
}

async function deviceOf(medplum: MedplumClient, aeTitle: string): Promise<Reference<Device> | undefined> {
  const identifier = `${AE_TITLE_SYSTEM}|${escaped(aeTitle)}`;
  const device = await medplum.searchOne('Device', new URLSearchParams({ identifier }), NOT_REMEMBERED);
  return device && { reference: `Device/${device.id}` };
}

const created = (procedure: Procedure, identifier: string): BundleEntry => ({
  fullUrl: NEW_PROCEDURE,
  resource: procedure,
  request: { method: 'POST', url: 'Procedure', ifNoneExist: `identifier=${identifier}` },
});

/** Only in place of the version that was seen. */
const replaced = (resource: Resource): BundleEntry => ({
  resource,
  request: {
    method: 'PUT',
    url: `${resource.resourceType}/${resource.id}`,
    ifMatch: `W/"${resource.meta!.versionId}"`,
  },
});

const put = (resource: Resource, url: string): BundleEntry => ({ resource, request: { method: 'PUT', url } });

const NOT_REMEMBERED = { cache: 'reload' } as const;
