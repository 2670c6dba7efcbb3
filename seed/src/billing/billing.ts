import type { Coverage, Reference } from '@medplum/fhirtypes';
import { DAY_MS } from '../kit/time.ts';
import type { Story } from '../patient/story.ts';
import { split } from './amounts.ts';
import { CLAIM_DAYS, DECISION_DAYS, settle } from './claim.ts';
import { chargeItems, invoice, payment } from './payment.ts';

/** Bills every visit. What is too young to be settled by the end of the year stands as charges alone. */
export function billing(story: Story, covered: Reference<Coverage>): void {
  for (const visit of story.visits) {
    const lines = split(visit.charges, story.person.insurer);
    const items = chargeItems(story, visit, lines);
    if (visit.endMs + (CLAIM_DAYS + DECISION_DAYS + 7) * DAY_MS > story.untilMs) continue;
    const settled = settle(story, visit, covered, lines);
    payment(story, lines, settled);
    invoice(story, visit, lines, items);
  }
}
