import type { MedplumClient } from '@medplum/core';
import { idOf } from '../lib/bills/references.ts';
import { askStaff } from '../lib/bills/staffTask.ts';
import { PayerFault, PayerRefusal } from '../lib/payers/payer.ts';
import { inquireClaim } from './claims.ts';
import type { Reach } from './reach.ts';

/** Claims asked about in one run, those first that have waited longest since they were touched. */
const CLAIMS_MAX = 50;
/** After so long people are asked to ask. */
const PATIENCE_MS = 30 * 24 * 3_600_000;

/** Asks insurers for what they have not decided yet. One that does not answer keeps nobody from asking the others. */
export async function followUp(medplum: MedplumClient, reach: Reach, nowMs: number): Promise<object> {
  const waiting = await medplum.searchResources(
    'ClaimResponse',
    `outcome=queued,partial&status=active&_sort=_lastUpdated&_count=${CLAIMS_MAX}`,
  );
  const failures: string[] = [];
  let decided = 0;
  for (const answer of waiting) {
    const id = idOf(answer.request, 'Claim');
    if (id === undefined) continue;
    const claim = await medplum.readResource('Claim', id);
    try {
      if (await inquireClaim(medplum, answer, claim, reach)) decided += 1;
      else if (nowMs - Date.parse(claim.created) > PATIENCE_MS)
        await askStaff(medplum, {
          focus: `Claim/${id}`,
          patient: { reference: claim.patient.reference! },
          ...(idOf(claim.provider, 'Organization') && { owner: { reference: claim.provider.reference! } }),
          text: 'The insurer has not decided on this claim for 30 days: ask it.',
        });
    } catch (error) {
      if (!(error instanceof PayerFault || error instanceof PayerRefusal)) throw error;
      failures.push(`Claim/${id}: ${error.message}`);
    }
  }
  for (const failure of failures) console.error(failure);
  return { waiting: waiting.length, decided, failed: failures.length };
}
