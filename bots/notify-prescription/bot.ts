import type { MedicationDispense, MedicationRequest, Reference } from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { notifiedResources, purposeOfUse } from '../lib/define/define.ts';
import { isNews } from '../lib/notify/news.ts';
import { peopleBehind } from '../lib/notify/recipients.ts';
import { noticeRules, ROLE_RULES } from '../lib/notify/rules.ts';
import { tell, versionKey } from '../lib/notify/tell.ts';
import type { Template } from '../lib/notify/template.ts';
import { topicUrl } from '../lib/notify/topics.ts';
import { readIfThere } from '../lib/person/person.ts';

export const bot: BotDefinition = {
  name: 'notify-prescription',
  title: 'Notices of prescriptions',
  description:
    'Tells the patient and the pharmacy that a prescription is signed, and the patient and the prescriber that it was dispensed.',
  triggers: [{ topic: topicUrl('prescription-signed') }, { topic: topicUrl('prescription-dispensed') }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [
      {
        resourceType: 'MedicationRequest',
        interaction: ['read'],
        hiddenFields: ['reasonCode', 'reasonReference', 'supportingInformation', 'note', 'dosageInstruction'],
      },
      {
        resourceType: 'MedicationDispense',
        interaction: ['read'],
        hiddenFields: ['note', 'dosageInstruction'],
      },
      ...ROLE_RULES,
      ...noticeRules('prescription'),
    ],
  },
};

type Prescribed = MedicationRequest | MedicationDispense;

export const handler: BotHandler = async (medplum, event) => {
  for (const resource of notifiedResources<Prescribed>(event.input)) {
    const isDispense = resource.resourceType === 'MedicationDispense';
    if (!isNews(isDispense ? resource.whenHandedOver : resource.authoredOn, resource)) continue;
    const name = isDispense ? 'prescription-dispensed' : 'prescription-signed';
    const what = resource.medicationCodeableConcept?.text ?? resource.medicationReference?.display;
    const template: Template = { name, values: what === undefined ? {} : { what } };
    const others = isDispense ? await prescribers(medplum, resource) : [resource.dispenseRequest?.performer];
    const people = await peopleBehind(medplum, [resource.subject, ...others], ['pharmacist']);
    await tell(
      medplum,
      people.map((to) => ({
        key: versionKey(name, resource, to),
        kind: 'prescription' as const,
        to,
        template,
        about: `${resource.resourceType}/${resource.id}`,
      })),
    );
  }
};

async function prescribers(
  medplum: MedplumClient,
  { authorizingPrescription = [] }: MedicationDispense,
): Promise<(Reference | undefined)[]> {
  const found = [];
  for (const prescription of authorizingPrescription)
    found.push((await readIfThere(medplum, prescription as Reference<MedicationRequest>))?.requester);
  return found;
}
