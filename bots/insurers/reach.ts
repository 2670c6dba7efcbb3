import type { MedplumClient } from '@medplum/core';
import type { Organization, Reference, Resource } from '@medplum/fhirtypes';
import { idOf } from '../lib/bills/references.ts';
import { askStaff } from '../lib/bills/staffTask.ts';
import type { Payer } from '../lib/payers/payer.ts';
import { payerOf, type PayerTokens } from '../lib/payers/payerOf.ts';

/** What is asked, for people who have to ask instead. */
export interface Asked {
  focus: string;
  patient: Reference;
  owner: Reference<Resource> | undefined;
}

/** How an insurer is reached; undefined: by people, who have been told. */
export type Reach = (insurer: Organization & { id: string }, asked: Asked) => Promise<Payer | undefined>;

export const reachBy =
  (medplum: MedplumClient, tokens: PayerTokens): Reach =>
  async (insurer, { focus, patient, owner }) => {
    const payer = await payerOf(medplum, insurer, tokens);
    if (payer !== undefined) return payer;
    const organization = idOf(owner, 'Organization');
    await askStaff(medplum, {
      focus,
      patient: { reference: patient.reference! },
      ...(organization && { owner: { reference: `Organization/${organization}` } }),
      text: `${insurer.name ?? 'The insurer'} has no endpoint: it answers here, or its answer is entered by hand.`,
    });
    return undefined;
  };
