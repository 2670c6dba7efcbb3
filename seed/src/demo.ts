import type { Story } from './patient/story.ts';
import { beginStory, tagged } from './patient/story.ts';
import { drawPerson } from './patient/person.ts';
import { yearOfCare } from './patient/year.ts';
import type { TransactionBundle } from './kit/bundle.ts';
import { transaction } from './kit/bundle.ts';
import { createRandom } from './kit/random.ts';
import { DAY_MS, startOfDay } from './kit/time.ts';
import { clinic } from './clinic/clinic.ts';
import type { Tally } from './clinic/reports.ts';
import { emptyTally, GROUP_MEMBERS_MAX, reports } from './clinic/reports.ts';

export interface DemoOptions {
  /** How many patients; 20 when left out. */
  patients?: number;
  /** Another seed gives other people. */
  seed?: number;
  /** Last day of the year of care, `YYYY-MM-DD`. */
  until?: string;
}

const DEFAULTS = { patients: 20, seed: 1, until: '2026-06-30' } as const;
const YEAR_DAYS = 365;

/**
 * The demo clinic as FHIR R4 transaction bundles, to be posted in this order: the clinic itself, each patient
 * with a year of care, the year's reports. Equal options give equal bytes on every machine, and every resource
 * is put at a fixed id, so that loading twice changes nothing new. Patients are made one at a time: memory does
 * not grow with their number. Decimals keep their digits when the bundle goes through `JSON.stringify`.
 *
 * @throws RangeError for a negative or fractional number of patients, or for a date that is none.
 */
export function* demoClinic(options: DemoOptions = {}): Generator<TransactionBundle, void> {
  const { patients, seed, until } = { ...DEFAULTS, ...options };
  if (!Number.isSafeInteger(patients) || patients < 0) {
    throw new RangeError(`patients must be a whole number, 0 or more, not ${patients}`);
  }
  const untilMs = startOfDay(until);
  const startMs = untilMs - YEAR_DAYS * DAY_MS;
  yield transaction('demo-clinic', clinic(startMs, untilMs).map(tagged));
  const tally = emptyTally();
  for (let number = 1; number <= patients; number++) {
    const random = createRandom(seed, `patient ${number}`);
    const story = beginStory(drawPerson(number, random, untilMs), random, startMs, untilMs);
    yearOfCare(story);
    count(tally, story);
    yield transaction(`demo-patient-${story.person.prefix.slice('demo-'.length)}`, story.resources);
  }
  yield transaction('demo-reports', reports(tally, startMs, untilMs).map(tagged));
}

function count(tally: Tally, story: Story): void {
  for (const { kind } of story.visits) tally.visits[kind] += 1;
  if (!story.person.illnesses.has('diabetes')) return;
  tally.withDiabetes += 1;
  if (tally.diabetics.length < GROUP_MEMBERS_MAX) tally.diabetics.push(story.subject);
}
