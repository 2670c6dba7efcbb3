import { PayerFault, PayerRefusal } from '../payer.ts';
import type { Transaction } from './interchange.ts';

/** What AK9 says of a group: accepted, accepted with errors noted. */
const ACCEPTED = new Set(['A', 'E']);

/**
 * Reads the acknowledgement of what was sent.
 *
 * @throws PayerRefusal where a 999 rejects it, with the segments that it names; PayerFault where there is none
 */
export function readAcknowledgement(transactions: readonly Transaction[]): void {
  const acknowledgement = transactions.find(({ code }) => code === '999');
  const verdict = acknowledgement?.segments.find(([tag]) => tag === 'AK9')?.[1];
  if (acknowledgement === undefined || verdict === undefined)
    throw new PayerFault('The insurer does not acknowledge the claim with a 999.');
  if (ACCEPTED.has(verdict)) return;
  const faults = acknowledgement.segments
    .filter(([tag]) => tag === 'IK3')
    .map(([, segment, position, , reason]) => `${segment} (segment ${position}, error ${reason})`);
  throw new PayerRefusal(
    `The insurer rejects the form of the claim: ${faults.join(', ') || `AK9 ${verdict}`}.`,
  );
}
