import type { MedplumClient } from '@medplum/core';
import type {
  Claim,
  ClaimResponse,
  Coverage,
  CoverageEligibilityRequest,
  Organization,
  Patient,
  Reference,
  RelatedPerson,
  Resource,
} from '@medplum/fhirtypes';
import { byIdentifier, identifierValue } from '../bills/identifiers.ts';
import { idOf } from '../bills/references.ts';
import {
  PayerRefusal,
  type ClaimDossier,
  type Dossier,
  type EarlierDecision,
  type EligibilityDossier,
} from './payer.ts';

/** Identifier of a ClaimResponse under which the insurer's own number of the claim stands. */
export const PAYER_NUMBER_SYSTEM = 'https://maxray.example/fhir/sid/payer-claim-number';

export async function eligibilityDossier(
  medplum: MedplumClient,
  request: CoverageEligibilityRequest & { id: string },
): Promise<EligibilityDossier> {
  const { patient, insurer, provider, insurance: [insurance] = [] } = request;
  return {
    request,
    ...(await dossier(medplum, { patient, insurer, provider, coverage: insurance?.coverage })),
  };
}

export async function claimDossier(
  medplum: MedplumClient,
  claim: Claim & { id: string },
  number: string,
): Promise<ClaimDossier> {
  const { patient, insurer, provider, insurance, item = [] } = claim;
  const coverage = insurance.find(({ focal }) => focal)?.coverage;
  const parts = await dossier(medplum, { patient, insurer, provider, coverage });
  const earlier: EarlierDecision[] = [];
  for (const before of insurance.filter(({ focal, claimResponse }) => !focal && claimResponse)) {
    const answer = await read<ClaimResponse>(medplum, 'ClaimResponse', before.claimResponse);
    earlier.push({
      answer,
      coverage: await read<Coverage>(medplum, 'Coverage', before.coverage),
      insurer: await read<Organization>(medplum, 'Organization', answer.insurer),
    });
  }
  const encounter = idOf(item[0]?.encounter?.[0], 'Encounter');
  const replaced = claim.status === 'cancelled' ? number : await replacedNumber(medplum, claim);
  const replaces = replaced && (await payerNumber(medplum, replaced));
  return {
    claim,
    number,
    ...parts,
    earlier,
    ...(encounter && { encounter: await medplum.readResource('Encounter', encounter) }),
    ...(replaces && { replaces }),
  };
}

/** Our number of the claim that a claim replaces. */
async function replacedNumber(medplum: MedplumClient, { related = [] }: Claim): Promise<string | undefined> {
  const prior = related.find(({ relationship }) =>
    relationship?.coding?.some(({ code }) => code === 'prior'),
  );
  const id = idOf(prior?.claim, 'Claim');
  return id === undefined ? undefined : identifierValue(await medplum.readResource('Claim', id), 'claim');
}

/** What the insurer calls a claim that it has decided on. */
async function payerNumber(medplum: MedplumClient, number: string): Promise<string | undefined> {
  const answer = await medplum.searchOne('ClaimResponse', byIdentifier('claimResponse', number));
  return answer?.identifier?.find(({ system }) => system === PAYER_NUMBER_SYSTEM)?.value;
}

interface Named {
  patient: Reference | undefined;
  insurer: Reference | undefined;
  provider: Reference | undefined;
  coverage: Reference | undefined;
}

async function dossier(medplum: MedplumClient, named: Named): Promise<Dossier> {
  const coverage = await read<Coverage>(medplum, 'Coverage', named.coverage);
  const patient = await read<Patient>(medplum, 'Patient', named.patient);
  const { subscriber } = coverage;
  const isOther = subscriber?.reference !== undefined && idOf(subscriber, 'Patient') !== patient.id;
  return {
    patient,
    coverage,
    insurer: await read<Organization>(medplum, 'Organization', named.insurer),
    provider: await read<Organization>(medplum, 'Organization', named.provider),
    ...(isOther && { subscriber: await readSubscriber(medplum, subscriber) }),
  };
}

async function readSubscriber(
  medplum: MedplumClient,
  reference: Reference,
): Promise<Patient | RelatedPerson> {
  if (idOf(reference, 'Patient') !== undefined) return read<Patient>(medplum, 'Patient', reference);
  return read<RelatedPerson>(medplum, 'RelatedPerson', reference);
}

/** @throws PayerRefusal where it is not said who it is */
async function read<T extends Patient | Coverage | Organization | ClaimResponse | RelatedPerson>(
  medplum: MedplumClient,
  type: T['resourceType'],
  reference: Reference | undefined,
): Promise<T & { id: string }> {
  const id = idOf(reference, type);
  if (id === undefined)
    throw new PayerRefusal(`What is sent to insurers names a ${type} that is stored here.`);
  const found: Resource = await medplum.readResource(type, id);
  return found as T & { id: string };
}
