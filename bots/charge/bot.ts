import type { BundleEntry, ChargeItem, Invoice } from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import { byIdentifier } from '../lib/bills/identifiers.ts';
import { billable, billNumber, draftInvoice, type BillableItem } from '../lib/bills/invoice.ts';
import { isDone, type Service } from '../lib/bills/services.ts';
import { charge, CHARGES_MAX, look, type ChargedService } from './charging.ts';
import policy from './policy.json' with { type: 'json' };

const LABORATORY = 'http://terminology.hl7.org/CodeSystem/v2-0074|LAB';

export const bot: BotDefinition = {
  name: 'charge',
  title: 'Charges',
  description:
    'Makes ChargeItems, an Account and a draft Invoice of what was done: visits, imaging studies, dispensed medications, laboratory reports.',
  triggers: [
    { criteria: 'Encounter?status=finished' },
    { criteria: 'ImagingStudy?status=available' },
    { criteria: 'MedicationDispense?status=completed' },
    { criteria: `DiagnosticReport?status=final&category=${LABORATORY}` },
  ],
  policy: { ...(policy as BotDefinition['policy']), extension: purposeOfUse('HPAYMT') },
};

/**
 * Charges a service. What is done during a visit is billed when the visit is finished, in one Invoice; what comes later,
 * or belongs to no visit, in an Invoice of its own.
 */
export const handler: BotHandler<Service> = async (medplum, { input }) => {
  const service = (await medplum.readResource(input.resourceType, input.id)) as Service;
  if (!isDone(service)) return 'not done any more';
  const about = await look(medplum, service);
  if (about === undefined) return 'nobody to charge';
  const items = await charge(medplum, service, about);
  const due = await dueItems(medplum, items, about);
  for (const currency of new Set(due.map((each) => each.currency)))
    await bill(
      medplum,
      due.filter((each) => each.currency === currency),
      about,
    );
  return { charged: items.length, billed: due.length };
};

/**
 * What is to be billed now. The visit is read after the charges were written, and others look for charges after the visit
 * was finished: so either sees what the other has done.
 */
async function dueItems(
  medplum: MedplumClient,
  items: readonly (ChargeItem & { id: string })[],
  { encounter }: ChargedService,
): Promise<BillableItem[]> {
  if (encounter === undefined) return billable(items);
  const { status } = await medplum.readResource('Encounter', encounter.id);
  if (status === 'cancelled' || status === 'entered-in-error') return billable(items);
  if (status !== 'finished') return [];
  const query = `context=Encounter/${encounter.id}&_sort=_id&_count=${CHARGES_MAX}`;
  return billable(await medplum.searchResources('ChargeItem', query));
}

/** Makes the Invoice and marks its ChargeItems as billed, both or neither. Whoever comes second fails, and finds nothing to bill then. */
async function bill(
  medplum: MedplumClient,
  due: readonly BillableItem[],
  about: ChargedService,
): Promise<void> {
  const account = due.find(({ item }) => item.account?.[0])?.item.account?.[0];
  if (account === undefined) return;
  const { facts, organization } = about;
  const invoice: Invoice = draftInvoice(due, {
    patient: facts.patient,
    account,
    ...(organization && { issuer: organization }),
  });
  const entry: BundleEntry[] = [
    {
      resource: invoice,
      request: { method: 'POST', url: 'Invoice', ifNoneExist: byIdentifier('invoice', billNumber(due)) },
    },
    ...due.map(({ item }): BundleEntry => ({
      resource: { ...item, status: 'billed' },
      request: { method: 'PUT', url: `ChargeItem/${item.id}`, ifMatch: `W/"${item.meta!.versionId}"` },
    })),
  ];
  await medplum.executeBatch({ resourceType: 'Bundle', type: 'transaction', entry });
}
