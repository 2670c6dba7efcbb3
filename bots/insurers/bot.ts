import type { Bot, Claim, CoverageEligibilityRequest } from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import { payerTokens } from '../lib/payers/payerOf.ts';
import { submitClaim, withdrawClaim } from './claims.ts';
import { askEligibility } from './eligibility.ts';
import { followUp } from './followUp.ts';
import policy from './policy.json' with { type: 'json' };
import { reachBy } from './reach.ts';

export const bot: BotDefinition = {
  name: 'insurers',
  title: 'Insurers',
  description:
    'Takes eligibility requests and claims to insurers, by FHIR or X12, and stores what they answer; asks again for what they decide later; withdraws claims that were cancelled.',
  triggers: [
    { criteria: 'CoverageEligibilityRequest?status=active' },
    { criteria: 'Claim?status=active&use=claim' },
    { criteria: 'Claim?status=cancelled,entered-in-error&use=claim' },
    { cron: '*/15 * * * *' },
  ],
  policy: { ...(policy as BotDefinition['policy']), extension: purposeOfUse('HPAYMT') },
  limits: { timeoutMs: 120_000 },
  secrets: ['PAYER_TOKENS'],
};

export const handler: BotHandler<CoverageEligibilityRequest | Claim | Bot> = async (medplum, event) => {
  const { input, secrets } = event;
  const reach = reachBy(medplum, payerTokens(secrets.PAYER_TOKENS?.valueString));
  if (input.resourceType === 'Bot') return followUp(medplum, reach, Date.now());
  if (input.resourceType === 'CoverageEligibilityRequest') {
    const request = await medplum.readResource('CoverageEligibilityRequest', input.id!);
    return request.status === 'active' ? askEligibility(medplum, request, reach) : 'not asked any more';
  }
  const claim = await medplum.readResource('Claim', input.id!);
  if (claim.status === 'active') return submitClaim(medplum, claim, reach);
  if (claim.status === 'draft') return 'not ready';
  return withdrawClaim(medplum, claim, reach);
};
