import type { MedplumClient } from '@medplum/core';
import type { CoverageEligibilityRequest, CoverageEligibilityResponse } from '@medplum/fhirtypes';
import { byIdentifier, identifier } from '../lib/bills/identifiers.ts';
import { refer } from '../lib/bills/references.ts';
import { eligibilityDossier } from '../lib/payers/dossier.ts';
import { PayerRefusal, type EligibilityAnswer } from '../lib/payers/payer.ts';
import type { Reach } from './reach.ts';

/** Asks an insurer whether a patient is insured, and stores what it answers, once. */
export async function askEligibility(
  medplum: MedplumClient,
  request: CoverageEligibilityRequest & { id: string },
  reach: Reach,
): Promise<string> {
  const answers = await medplum.searchResources(
    'CoverageEligibilityResponse',
    `request=CoverageEligibilityRequest/${request.id}&status=active&_count=10`,
  );
  if (answers.some(({ outcome }) => outcome !== 'queued')) return 'answered already';
  const answer = await asked(medplum, request, reach);
  if (answer === undefined) return 'the insurer has no endpoint';
  const { insurance, ...others } = answer;
  const { coverage } = request.insurance![0]!;
  await medplum.createResourceIfNoneExist<CoverageEligibilityResponse>(
    {
      resourceType: 'CoverageEligibilityResponse',
      identifier: [identifier('eligibilityResponse', request.id)],
      status: 'active',
      purpose: request.purpose,
      patient: request.patient,
      ...(request.servicedDate && { servicedDate: request.servicedDate }),
      created: new Date().toISOString(),
      ...(request.provider && { requestor: request.provider }),
      request: refer(request),
      insurer: request.insurer,
      ...others,
      ...(insurance && { insurance: [{ ...insurance, coverage }] }),
    },
    byIdentifier('eligibilityResponse', request.id),
  );
  return answer.outcome;
}

async function asked(
  medplum: MedplumClient,
  request: CoverageEligibilityRequest & { id: string },
  reach: Reach,
): Promise<EligibilityAnswer | undefined> {
  try {
    const dossier = await eligibilityDossier(medplum, request);
    const payer = await reach(dossier.insurer, {
      focus: `CoverageEligibilityRequest/${request.id}`,
      patient: request.patient,
      owner: request.provider,
    });
    return await payer?.askEligibility(dossier);
  } catch (error) {
    if (!(error instanceof PayerRefusal)) throw error;
    return { outcome: 'error', error: [{ code: { text: error.message } }] };
  }
}
