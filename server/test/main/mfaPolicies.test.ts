import { expect, test } from '@jest/globals';
import { fhirError } from '../../src/fhir/outcome.ts';
import { warnOfUnknownPolicies } from '../../src/main/mfaPolicies.ts';
import type { Records } from '../../src/records/records.ts';

const KNOWN = 'maxray-doctor';
const records = {
  read: async (_caller: unknown, type: string, id: string) => {
    if (type !== 'AccessPolicy' || id !== KNOWN) throw fhirError('not-found', 'not-found', 'none');
    return { content: '{"resourceType":"AccessPolicy"}' };
  },
} as unknown as Pick<Records, 'read'>;

test('a policy that is not there is named, since nobody is asked for a second factor by it', async () => {
  const said: string[] = [];
  await warnOfUnknownPolicies(records, [KNOWN, 'maxray-doktor', 'admin'], (message) => said.push(message));
  expect(said).toEqual([expect.stringContaining('AccessPolicy/maxray-doktor')]);
});
