import type { Encounter, ImagingStudy, Reference, ServiceRequest } from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { notifiedResources, purposeOfUse } from '../lib/define/define.ts';
import { isNews } from '../lib/notify/news.ts';
import { peopleBehind, peopleIn } from '../lib/notify/recipients.ts';
import { noticeRules, ROLE_RULES } from '../lib/notify/rules.ts';
import type { Notice } from '../lib/notify/tell.ts';
import { tell, versionKey } from '../lib/notify/tell.ts';
import type { Template } from '../lib/notify/template.ts';
import { topicUrl } from '../lib/notify/topics.ts';
import { readIfThere } from '../lib/person/person.ts';

export const bot: BotDefinition = {
  name: 'notify-study',
  title: 'Notices of imaging studies',
  description:
    'Tells the patient, who has ordered images, who reads them and the doctors of the consultation that images are available; radiographers, that it is not known whose images are.',
  triggers: [{ topic: topicUrl('study-available') }, { topic: topicUrl('study-unmatched') }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [
      {
        resourceType: 'ImagingStudy',
        interaction: ['read'],
        hiddenFields: ['reasonCode', 'reasonReference', 'note'],
      },
      {
        resourceType: 'ServiceRequest',
        interaction: ['read'],
        hiddenFields: ['reasonCode', 'reasonReference', 'supportingInfo', 'note'],
      },
      {
        resourceType: 'Encounter',
        interaction: ['read'],
        hiddenFields: ['reasonCode', 'reasonReference', 'diagnosis'],
      },
      ...ROLE_RULES,
      ...noticeRules('study'),
    ],
  },
};

export const handler: BotHandler = async (medplum, event) => {
  const isUnmatched = topicOf(event.input) === topicUrl('study-unmatched');
  for (const study of notifiedResources<ImagingStudy>(event.input)) {
    if (!isNews(study.started, study)) continue;
    await tell(medplum, isUnmatched ? await ofUnmatched(medplum, study) : await ofAvailable(medplum, study));
  }
};

/** The topic of a notification, as its first entry says (backport-subscription-status-r4). */
function topicOf(bundle: unknown): string | undefined {
  const { entry = [] } = bundle as {
    entry?: { resource?: { parameter?: { name?: string; valueCanonical?: string }[] } }[];
  };
  return entry[0]?.resource?.parameter?.find(({ name }) => name === 'topic')?.valueCanonical;
}

async function ofAvailable(medplum: MedplumClient, study: ImagingStudy): Promise<Notice[]> {
  const { subject, referrer, interpreter = [] } = study;
  const others = [...(await requesters(medplum, study)), ...(await consulted(medplum, study))];
  const people = await peopleBehind(medplum, [subject, referrer, ...interpreter, ...others]);
  const what = study.description ?? study.procedureCode?.[0]?.text;
  const template: Template = { name: 'study-available', values: what === undefined ? {} : { what } };
  return people.map((to) => notice(study, to, template));
}

/** Somebody has to find out whose they are. */
async function ofUnmatched(medplum: MedplumClient, study: ImagingStudy): Promise<Notice[]> {
  const people = await peopleIn(medplum, undefined, ['radiographer']);
  return people.map((to) => notice(study, to, { name: 'study-unmatched', values: {} }));
}

const notice = (study: ImagingStudy, to: Notice['to'], template: Notice['template']): Notice => ({
  key: versionKey(template.name, study, to),
  kind: 'study',
  to,
  template,
  about: `ImagingStudy/${study.id}`,
});

async function requesters(medplum: MedplumClient, { basedOn = [] }: ImagingStudy): Promise<Reference[]> {
  const found: Reference[] = [];
  for (const order of basedOn) {
    if (!order.reference?.startsWith('ServiceRequest/')) continue;
    const request = await readIfThere(medplum, order as Reference<ServiceRequest>);
    if (request?.requester) found.push(request.requester);
  }
  return found;
}

/** Those who treat the patient in the same consultation: a crew takes images, a doctor elsewhere waits for them. */
async function consulted(
  medplum: MedplumClient,
  { encounter }: ImagingStudy,
): Promise<(Reference | undefined)[]> {
  const visit = await readIfThere(medplum, encounter as Reference<Encounter> | undefined);
  return (visit?.participant ?? []).map(({ individual }) => individual);
}
