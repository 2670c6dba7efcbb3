import type { DiagnosticReport, Patient, Reference, ServiceRequest } from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { notifiedResources, purposeOfUse } from '../lib/define/define.ts';
import { isNews } from '../lib/notify/news.ts';
import { peopleBehind } from '../lib/notify/recipients.ts';
import { noticeRules, ROLE_RULES } from '../lib/notify/rules.ts';
import { tell, versionKey } from '../lib/notify/tell.ts';
import type { Template } from '../lib/notify/template.ts';
import { topicUrl } from '../lib/notify/topics.ts';
import { readIfThere } from '../lib/person/person.ts';
import { personRules } from '../lib/person/rules.ts';

/** Teams of a patient that are looked at. */
const TEAMS_MAX = 20;

export const bot: BotDefinition = {
  name: 'notify-result',
  title: 'Notices of results',
  description:
    'Tells the patient and who has ordered that a result is available, or was corrected. Where nobody has ordered it, the care teams are told, else the general practitioner.',
  triggers: [{ topic: topicUrl('result-available') }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [
      {
        resourceType: 'DiagnosticReport',
        interaction: ['read'],
        hiddenFields: ['result', 'conclusion', 'conclusionCode', 'presentedForm', 'media'],
      },
      {
        resourceType: 'ServiceRequest',
        interaction: ['read'],
        hiddenFields: ['reasonCode', 'reasonReference', 'supportingInfo', 'note'],
      },
      ...personRules(['generalPractitioner'], ['Patient']),
      {
        resourceType: 'CareTeam',
        interaction: ['search'],
        hiddenFields: ['reasonCode', 'reasonReference', 'note'],
      },
      ...ROLE_RULES,
      ...noticeRules('result'),
    ],
  },
};

export const handler: BotHandler = async (medplum, event) => {
  for (const report of notifiedResources<DiagnosticReport>(event.input)) {
    if (!isNews(report.issued ?? report.effectiveDateTime, report)) continue;
    const name = report.status === 'final' ? 'result-available' : 'result-changed';
    const what = report.code.text ?? report.code.coding?.[0]?.display;
    const template: Template = { name, values: what === undefined ? {} : { what } };
    const people = await peopleBehind(medplum, [report.subject, ...(await responsible(medplum, report))]);
    await tell(
      medplum,
      people.map((to) => ({
        key: versionKey(name, report, to),
        kind: 'result' as const,
        to,
        template,
        about: `DiagnosticReport/${report.id}`,
      })),
    );
  }
};

/** Who has to look at it. */
async function responsible(
  medplum: MedplumClient,
  { basedOn, subject }: DiagnosticReport,
): Promise<Reference[]> {
  const requesters: Reference[] = [];
  for (const order of basedOn ?? []) {
    if (!order.reference?.startsWith('ServiceRequest/')) continue;
    const request = await readIfThere(medplum, order as Reference<ServiceRequest>);
    if (request?.requester) requesters.push(request.requester);
  }
  if (requesters.length > 0 || !subject?.reference?.startsWith('Patient/')) return requesters;
  const query = new URLSearchParams({
    patient: subject.reference,
    status: 'active',
    _count: String(TEAMS_MAX),
  });
  const teams = await medplum.searchResources('CareTeam', query, { cache: 'reload' });
  if (teams.length > 0) return teams.map(({ id }) => ({ reference: `CareTeam/${id}` }));
  return (await readIfThere(medplum, subject as Reference<Patient>))?.generalPractitioner ?? [];
}
