import type { BundleEntry, ChargeItem, Claim, Invoice } from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import { byIdentifier, identifierValue } from '../lib/bills/identifiers.ts';
import { paymentsOf } from '../lib/bills/payments.ts';
import { idOf } from '../lib/bills/references.ts';
import { isVoid, type Service } from '../lib/bills/services.ts';
import { askStaff } from '../lib/bills/staffTask.ts';
import policy from './policy.json' with { type: 'json' };

/** Most ChargeItems of a service, and most invoices of an account that are looked through. */
const ITEMS_MAX = 1_000;

export const bot: BotDefinition = {
  name: 'charge-cancellation',
  title: 'Cancellation of charges',
  description:
    'Takes back what was charged for a visit, study, dispense or report that turned out not to have been: ChargeItems, Invoice and Claims.',
  triggers: [
    { criteria: 'Encounter?status=cancelled,entered-in-error' },
    { criteria: 'ImagingStudy?status=cancelled,entered-in-error' },
    { criteria: 'MedicationDispense?status=cancelled,entered-in-error,declined,stopped' },
    { criteria: 'DiagnosticReport?status=cancelled,entered-in-error' },
  ],
  policy: { ...(policy as BotDefinition['policy']), extension: purposeOfUse('HPAYMT') },
};

type Stored<T> = T & { id: string };

export const handler: BotHandler<Service> = async (medplum, { input }) => {
  const service = (await medplum.readResource(input.resourceType, input.id)) as Service;
  if (!isVoid(service)) return 'not in error any more';
  const charged = byIdentifier('charged', `${service.resourceType}/${service.id}`);
  const items = await medplum.searchResources('ChargeItem', `${charged}&_sort=_id&_count=${ITEMS_MAX}`);
  await takeBack(medplum, items.filter(({ status }) => status === 'billable').map(wrong));
  const billed = items.filter(({ status }) => status === 'billed');
  for (const invoice of await invoicesOf(medplum, billed)) await cancel(medplum, invoice, billed);
  return { charges: items.length };
};

async function invoicesOf(medplum: MedplumClient, items: readonly ChargeItem[]): Promise<Stored<Invoice>[]> {
  const account = idOf(items[0]?.account?.[0], 'Account');
  if (account === undefined) return [];
  const found = await medplum.searchResources(
    'Invoice',
    `account=Account/${account}&status=draft,issued,balanced&_sort=-_lastUpdated&_count=${ITEMS_MAX}`,
  );
  return found.filter((invoice) => chargesOn(invoice).some((id) => items.some((item) => item.id === id)));
}

const chargesOn = ({ lineItem = [] }: Invoice): string[] =>
  lineItem.flatMap(({ chargeItemReference }) => idOf(chargeItemReference, 'ChargeItem') ?? []);

/** Invoice, charges and claims go together; what has been paid, or is billed with something else, is for people. */
async function cancel(
  medplum: MedplumClient,
  invoice: Stored<Invoice>,
  items: readonly Stored<ChargeItem>[],
): Promise<void> {
  const tell = (text: string): Promise<unknown> =>
    askStaff(medplum, {
      focus: `Invoice/${invoice.id}`,
      text,
      ...(invoice.subject?.reference && { patient: { reference: invoice.subject.reference } }),
      ...(invoice.issuer?.reference && { owner: { reference: invoice.issuer.reference } }),
    });
  const charges = chargesOn(invoice);
  if (charges.some((id) => !items.some((item) => item.id === id))) {
    await tell('Something on this invoice was not done after all: cancel it, and bill what is right.');
    return;
  }
  const payments = await paymentsOf(medplum, invoice);
  if (payments.some(({ status }) => status === 'active' || status === 'draft'))
    await tell(
      'What this invoice is for was not done after all, and the patient has paid or is paying: refund it.',
    );
  const number = identifierValue(invoice, 'bill');
  const claims =
    number === undefined
      ? []
      : await medplum.searchResources('Claim', `${byIdentifier('bill', number)}&_count=100`);
  await takeBack(medplum, [
    { ...invoice, status: 'cancelled', cancelledReason: 'What was billed was not done.' },
    ...items.filter(({ id }) => charges.includes(id)).map(wrong),
    ...claims
      .filter(({ status }) => status === 'active' || status === 'draft')
      .map((claim): Stored<Claim> => ({ ...claim, status: 'cancelled' })),
  ]);
}

const wrong = (item: Stored<ChargeItem>): Stored<ChargeItem> => ({ ...item, status: 'entered-in-error' });

async function takeBack(
  medplum: MedplumClient,
  resources: readonly Stored<Invoice | ChargeItem | Claim>[],
): Promise<void> {
  if (resources.length === 0) return;
  const entry = resources.map((resource): BundleEntry => ({
    resource,
    request: {
      method: 'PUT',
      url: `${resource.resourceType}/${resource.id}`,
      ifMatch: `W/"${resource.meta!.versionId}"`,
    },
  }));
  await medplum.executeBatch({ resourceType: 'Bundle', type: 'transaction', entry });
}
