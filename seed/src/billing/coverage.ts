import type {
  Account,
  Coverage,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  Reference,
} from '@medplum/fhirtypes';
import { insurer } from '../clinic/insurers.ts';
import { ORGANIZATION } from '../clinic/places.ts';
import { practitioner } from '../clinic/staff.ts';
import { concept, hl7 } from '../kit/concept.ts';
import { money } from '../kit/decimal.ts';
import { houseIdentifier } from '../kit/identify.ts';
import { claiming } from '../kit/maxray.ts';
import { DAY_MS, day, instant, workingHour } from '../kit/time.ts';
import type { Story } from '../patient/story.ts';

const MEDICAL = hl7('ex-benefitcategory', '1', 'Medical Care');

/** Insurance, account, and the question whether the insurance is good, with its answer. */
export function coverage(story: Story): Reference<Coverage> {
  const covered = story.add(coverageOf(story));
  story.add(accountOf(story, covered));
  const askedMs = workingHour(story.startMs + 2 * DAY_MS, 1);
  const base = {
    status: 'active' as const,
    purpose: ['validation' as const, 'benefits' as const],
    patient: story.subject,
    servicedDate: day(askedMs),
    created: instant(askedMs),
    insurer: insurer(story.person.insurer),
  };
  const request = story.add<CoverageEligibilityRequest>({
    ...base,
    resourceType: 'CoverageEligibilityRequest',
    id: story.id('eligibility'),
    provider: ORGANIZATION.clinic,
    enterer: practitioner(story.person.doctor),
    insurance: [{ focal: true, coverage: covered }],
    item: [{ category: concept(MEDICAL) }],
  });
  story.add<CoverageEligibilityResponse>({
    ...base,
    resourceType: 'CoverageEligibilityResponse',
    id: story.id('eligibility-response'),
    created: instant(askedMs + 2000),
    request,
    outcome: 'complete',
    disposition: 'Insured on the day of service.',
    insurance: [
      {
        coverage: covered,
        inforce: true,
        item: [
          {
            category: concept(MEDICAL),
            network: concept(hl7('benefit-network', 'in', 'In Network')),
            benefit: [
              {
                type: concept(hl7('benefit-type', 'copay', 'Copayment per service')),
                allowedMoney: money(story.person.insurer.copayCents),
              },
            ],
          },
        ],
      },
    ],
  });
  return covered;
}

function coverageOf(story: Story): Coverage {
  const { person } = story;
  return {
    resourceType: 'Coverage',
    id: story.id('coverage'),
    meta: claiming('coverage'),
    identifier: [houseIdentifier('member', `${person.insurer.key.toUpperCase()}-${person.number + 50_000}`)],
    status: 'active',
    type: concept(hl7('v3-ActCode', 'HIP', 'health insurance plan policy')),
    policyHolder: story.subject,
    subscriber: story.subject,
    subscriberId: String(person.number + 50_000),
    beneficiary: story.subject,
    relationship: concept(hl7('subscriber-relationship', 'self', 'Self')),
    period: { start: day(story.startMs - 400 * DAY_MS), end: day(story.untilMs + 200 * DAY_MS) },
    payor: [insurer(person.insurer)],
    class: [
      {
        type: concept(hl7('coverage-class', 'plan', 'Plan')),
        value: person.insurer.key.toUpperCase(),
        name: person.insurer.plan,
      },
    ],
    order: 1,
    costToBeneficiary: [
      {
        type: concept(hl7('coverage-copay-type', 'copay', 'Copay Amount')),
        valueMoney: money(person.insurer.copayCents),
      },
    ],
  };
}

function accountOf(story: Story, covered: Reference<Coverage>): Account {
  return {
    resourceType: 'Account',
    id: `${story.person.prefix}-account`,
    status: 'active',
    type: concept(hl7('v3-ActCode', 'PBILLACCT', 'patient billing account')),
    name: `Account of ${story.subject.display}`,
    subject: [story.subject],
    servicePeriod: { start: day(story.startMs), end: day(story.untilMs) },
    coverage: [{ coverage: covered, priority: 1 }],
    owner: ORGANIZATION.clinic,
    guarantor: [{ party: story.subject, onHold: false }],
  };
}
