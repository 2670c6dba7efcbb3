import type { Records } from '../records/records.ts';
import { stored } from '../records/stored.ts';

/** Stands in MFA_POLICIES for all who administer. */
const ADMINISTRATORS = 'admin';

/** Warns of policies in MFA_POLICIES that a store does not have: nobody is asked for a second factor by them. */
export async function warnOfUnknownPolicies(
  records: Pick<Records, 'read'>,
  mfaPolicies: readonly string[],
  warn: (message: string) => void,
): Promise<void> {
  for (const id of mfaPolicies) {
    if (id === ADMINISTRATORS || (await stored(records, 'AccessPolicy', id)) !== undefined) continue;
    warn(`MFA_POLICIES names AccessPolicy/${id}, which is not there: nobody needs a second factor by it.`);
  }
}
