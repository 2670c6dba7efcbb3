import type { BundleEntry, Claim, Parameters } from '@medplum/fhirtypes';
import { focalCoverage, readBill } from '../billing/bill.ts';
import { claimOf } from '../billing/claim.ts';
import { courseOf } from '../billing/nextStep.ts';
import type { BotDefinition, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import { byIdentifier, identifierValue } from '../lib/bills/identifiers.ts';
import { idOf, refer } from '../lib/bills/references.ts';
import policy from './policy.json' with { type: 'json' };

export const bot: BotDefinition = {
  name: 'claim-correction',
  title: 'Correction of claims',
  description:
    'Sends a claim anew that was refused, denied or wrong: `claim` names it. The new one is made of the bill, visit and insurance as they are now, and takes the place of the old one.',
  triggers: [{ operation: true }],
  policy: { ...(policy as BotDefinition['policy']), extension: purposeOfUse('HPAYMT') },
};

const PRIOR = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship', code: 'prior' }],
};

/** Input: Parameters or JSON with `claim`, a reference. Returns the new claim; the same one when it is asked again. */
export const handler: BotHandler<Parameters | { claim?: unknown }> = async (medplum, { input }) => {
  const old = await medplum.readResource('Claim', claimId(input));
  const number = identifierValue(old, 'bill');
  const bill = number === undefined ? undefined : await readBill(medplum, number);
  if (bill === undefined)
    throw new Error('The claim belongs to no bill that was made here: correct it by hand.');
  const successor = bill.claims.find(({ related = [] }) =>
    related.some(({ claim }) => idOf(claim, 'Claim') === old.id),
  );
  if (successor) return successor;
  const others = bill.claims.filter((claim) => {
    const isOpen = claim.id !== old.id && (claim.status === 'active' || claim.status === 'draft');
    return isOpen || focalCoverage(claim) !== focalCoverage(old);
  });
  const { next } = courseOf({ ...bill, claims: others });
  if (next.step !== 'claim')
    throw new Error('This bill has no claim to make now: others have to decide first, or have decided.');
  const made = await claimOf(medplum, bill, next);
  return replace(medplum, old, { ...made, related: [{ claim: refer(old), relationship: PRIOR }] });
};

/** The new claim comes and the old one goes, both or neither. */
async function replace(medplum: MedplumClient, old: Claim & { id: string }, made: Claim): Promise<Claim> {
  const number = byIdentifier('claim', identifierValue(made, 'claim')!);
  const entry: BundleEntry[] = [
    { resource: made, request: { method: 'POST', url: 'Claim', ifNoneExist: number } },
    {
      resource: { ...old, status: 'cancelled' },
      request: { method: 'PUT', url: `Claim/${old.id}`, ifMatch: `W/"${old.meta!.versionId}"` },
    },
  ];
  await medplum.executeBatch({ resourceType: 'Bundle', type: 'transaction', entry });
  return (await medplum.searchOne('Claim', number))!;
}

function claimId(input: Parameters | { claim?: unknown }): string {
  const given =
    'resourceType' in input
      ? input.parameter?.find(({ name }) => name === 'claim')?.valueReference?.reference
      : (input as { claim?: unknown }).claim;
  const id = typeof given === 'string' ? idOf({ reference: given }, 'Claim') : undefined;
  if (id === undefined) throw new Error("Name the claim: 'claim', a reference to it.");
  return id;
}
