import type { MedplumClient } from '@medplum/core';
import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { byIdentifier, identifier, identifierValue } from '../lib/bills/identifiers.ts';
import { idOf, refer } from '../lib/bills/references.ts';
import { claimDossier, PAYER_NUMBER_SYSTEM } from '../lib/payers/dossier.ts';
import { PayerRefusal, type ClaimAnswer, type ClaimDossier, type Payer } from '../lib/payers/payer.ts';
import type { Reach } from './reach.ts';

type Stored<T> = T & { id: string };

/**
 * Sends a claim, and stores the answer. That it is being sent is written before: who finds that asks first whether the insurer
 * has decided, and sends the same claim again only where it has not.
 */
export async function submitClaim(
  medplum: MedplumClient,
  claim: Stored<Claim>,
  reach: Reach,
): Promise<string> {
  const number = identifierValue(claim, 'claim');
  if (number === undefined) return 'no claim of ours';
  const before = await answersTo(medplum, claim);
  if (before.some(({ outcome }) => outcome !== 'queued')) return 'answered already';
  const wasSent = before.length > 0;
  try {
    const dossier = await claimDossier(medplum, claim, number);
    const payer = await reach(dossier.insurer, askedOf(claim));
    if (payer === undefined) return 'the insurer has no endpoint';
    const queued = before[0] ?? (await noteSending(medplum, claim, number));
    const answer = await sent(payer, dossier, wasSent);
    if (answer !== undefined) await store(medplum, queued, answer);
    return answer?.outcome ?? 'queued';
  } catch (error) {
    if (!(error instanceof PayerRefusal)) throw error;
    const refused: ClaimAnswer = { outcome: 'error', error: [{ code: { text: error.message } }] };
    await store(medplum, before[0] ?? (await noteSending(medplum, claim, number)), refused);
    return 'error';
  }
}

async function sent(payer: Payer, dossier: ClaimDossier, wasSent: boolean): Promise<ClaimAnswer | undefined> {
  const decided = wasSent ? await payer.inquire(dossier) : undefined;
  return decided ?? payer.submit(dossier);
}

/** Asks for the decision about a claim that is waited for. @returns whether there was one */
export async function inquireClaim(
  medplum: MedplumClient,
  queued: Stored<ClaimResponse>,
  claim: Stored<Claim>,
  reach: Reach,
): Promise<boolean> {
  const number = identifierValue(claim, 'claim');
  if (number === undefined || claim.status !== 'active') return false;
  const dossier = await claimDossier(medplum, claim, number);
  const payer = await reach(dossier.insurer, askedOf(claim));
  const answer = await payer?.inquire(dossier);
  if (answer === undefined) return false;
  await store(medplum, queued, answer);
  return true;
}

/** Takes a claim back at the insurer, and what it had answered. A claim that was never sent, or refused unread, needs no letter. */
export async function withdrawClaim(
  medplum: MedplumClient,
  claim: Stored<Claim>,
  reach: Reach,
): Promise<string> {
  const number = identifierValue(claim, 'claim');
  const [answer] = await answersTo(medplum, claim);
  if (number === undefined || answer === undefined) return 'nothing to take back';
  if (answer.outcome !== 'error' && !(await isReplaced(medplum, claim))) {
    const dossier = await claimDossier(medplum, claim, number);
    const payer = await reach(dossier.insurer, askedOf(claim));
    if (payer === undefined) return 'the insurer has no endpoint';
    await payer.withdraw(dossier);
  }
  await update(medplum, { ...answer, status: 'cancelled' });
  return 'withdrawn';
}

/** Does another claim stand for it? That one tells the insurer. */
async function isReplaced(medplum: MedplumClient, claim: Stored<Claim>): Promise<boolean> {
  const bill = identifierValue(claim, 'bill');
  if (bill === undefined) return false;
  const claims = await medplum.searchResources('Claim', `${byIdentifier('bill', bill)}&_count=100`);
  return claims.some(({ related = [] }) => related.some((each) => idOf(each.claim, 'Claim') === claim.id));
}

const askedOf = (claim: Stored<Claim>) => ({
  focus: `Claim/${claim.id}`,
  patient: claim.patient,
  owner: claim.provider,
});

const answersTo = (medplum: MedplumClient, claim: Stored<Claim>): Promise<Stored<ClaimResponse>[]> =>
  medplum.searchResources('ClaimResponse', `request=Claim/${claim.id}&status=active&_sort=_id&_count=10`);

function noteSending(
  medplum: MedplumClient,
  claim: Stored<Claim>,
  number: string,
): Promise<Stored<ClaimResponse>> {
  return medplum.createResourceIfNoneExist<ClaimResponse>(
    {
      resourceType: 'ClaimResponse',
      identifier: [identifier('claimResponse', number)],
      status: 'active',
      type: claim.type,
      use: 'claim',
      patient: claim.patient,
      created: new Date().toISOString(),
      insurer: claim.insurer!,
      requestor: claim.provider,
      request: refer(claim),
      outcome: 'queued',
      disposition: 'Sent to the insurer.',
    },
    byIdentifier('claimResponse', number),
  );
}

/** The first decision counts: one that comes twice changes nothing. */
async function store(
  medplum: MedplumClient,
  queued: Stored<ClaimResponse>,
  { payerNumber, ...answer }: ClaimAnswer,
): Promise<void> {
  if (queued.outcome !== 'queued' && queued.outcome !== 'partial') return;
  const { disposition: _waiting, ...frame } = queued;
  const numbers = payerNumber === undefined ? [] : [{ system: PAYER_NUMBER_SYSTEM, value: payerNumber }];
  const own = (queued.identifier ?? []).filter(({ system }) => system !== PAYER_NUMBER_SYSTEM);
  await update(medplum, {
    ...frame,
    ...answer,
    created: new Date().toISOString(),
    identifier: [...own, ...numbers],
  });
}

async function update(medplum: MedplumClient, response: Stored<ClaimResponse>): Promise<void> {
  await medplum.updateResource(response, { headers: { 'If-Match': `W/"${response.meta!.versionId}"` } });
}
