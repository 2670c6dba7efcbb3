import type {
  Communication,
  Location,
  Organization,
  Reference,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { notifiedResources, purposeOfUse } from '../lib/define/define.ts';
import { isNews } from '../lib/notify/news.ts';
import { peopleBehind, peopleIn } from '../lib/notify/recipients.ts';
import { noticeRules, ROLE_RULES } from '../lib/notify/rules.ts';
import type { Notice } from '../lib/notify/tell.ts';
import { tell, versionKey } from '../lib/notify/tell.ts';
import { topicUrl } from '../lib/notify/topics.ts';
import type { Person } from '../lib/person/person.ts';
import { readIfThere } from '../lib/person/person.ts';
import type { TemplateName } from '../lib/wording/wording.ts';

export const bot: BotDefinition = {
  name: 'notify-emergency',
  title: 'Notices of emergencies',
  description:
    'Tells dispatchers of a call for help (paramedics, where an organisation has no dispatcher), the crew that it is assigned, and the patient that help is coming.',
  triggers: [{ topic: topicUrl('emergency-raised') }, { topic: topicUrl('emergency-assigned') }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [
      { resourceType: 'ServiceRequest', interaction: ['read'] },
      { resourceType: 'Task', interaction: ['read'] },
      { resourceType: 'Location', interaction: ['read'] },
      ...ROLE_RULES,
      ...noticeRules('emergency'),
    ],
  },
};

export const handler: BotHandler = async (medplum, event) => {
  for (const resource of notifiedResources<ServiceRequest | Task>(event.input)) {
    if (!isNews(resource.authoredOn, resource)) continue;
    const isCall = resource.resourceType === 'ServiceRequest';
    await tell(medplum, isCall ? await ofCall(medplum, resource) : await ofAssignment(medplum, resource));
  }
};

/** Of a call: who sends crews, or, where nobody does, who could go. Of all organisations, where it is addressed to none. */
async function ofCall(medplum: MedplumClient, call: ServiceRequest): Promise<Notice[]> {
  const performers = call.performer ?? [];
  const organizations = performers.filter(({ reference }) => reference?.startsWith('Organization/'));
  const people = await peopleBehind(medplum, performers); // named themselves, or as teams
  const asked: (Reference<Organization> | undefined)[] =
    performers.length > 0 ? (organizations as Reference<Organization>[]) : [undefined];
  for (const organization of asked) {
    const dispatchers = await peopleIn(medplum, organization, ['dispatcher']);
    people.push(
      ...(dispatchers.length > 0 ? dispatchers : await peopleIn(medplum, organization, ['paramedic'])),
    );
  }
  const place = await nameOf(medplum, call.locationReference?.[0]);
  return distinct(people).map((to) => notice('emergency-raised', call, to, call.priority, place));
}

/** Of an assignment: the crew that goes, and whom it goes to. */
async function ofAssignment(medplum: MedplumClient, task: Task): Promise<Notice[]> {
  const place = await nameOf(medplum, task.location);
  const call = await readIfThere(medplum, task.focus as Reference<ServiceRequest> | undefined);
  const crew = await peopleBehind(medplum, [task.owner], ['paramedic']);
  const waiting = await peopleBehind(medplum, [task.for, ...callerOf(call)]);
  return [
    ...crew.map((to) => notice('emergency-assigned', task, to, task.priority, place)),
    ...waiting.map((to) => notice('help-coming', task, to, task.priority)),
  ];
}

/** Somebody near the patient who has called; staff who did know it themselves. */
const callerOf = (call: ServiceRequest | undefined): (Reference | undefined)[] =>
  call?.requester?.reference?.startsWith('RelatedPerson/') ? [call.requester] : [];

function notice(
  name: TemplateName,
  about: ServiceRequest | Task,
  to: Reference<Person>,
  priority: Communication['priority'] = 'asap',
  place?: string,
): Notice {
  return {
    key: versionKey(name, about, to),
    kind: 'emergency',
    to,
    template: { name, values: place === undefined ? {} : { place } },
    about: `${about.resourceType}/${about.id}`,
    priority,
  };
}

async function nameOf(
  medplum: MedplumClient,
  place: Reference<Location> | undefined,
): Promise<string | undefined> {
  return place?.display ?? (await readIfThere(medplum, place))?.name;
}

const distinct = (people: readonly Reference<Person>[]): Reference<Person>[] => [
  ...new Map(people.map((one) => [one.reference, one])).values(),
];
