import type { Group, MeasureReport, Patient, Reference, Resource } from '@medplum/fhirtypes';
import { concept, hl7, snomed } from '../kit/concept.ts';
import { fixed } from '../kit/decimal.ts';
import { day, instant } from '../kit/time.ts';
import { FOLLOW_UP_MEASURE, VISITS_MEASURE } from './forms.ts';
import { ORGANIZATION } from './places.ts';

/** What is counted while the patients are written; bounded, however many there are. */
export interface Tally {
  visits: { clinic: number; virtual: number; emergency: number };
  withDiabetes: number;
  diabetics: Reference<Patient>[];
}

/** A group lists no more members than this; its `quantity` counts them all. */
export const GROUP_MEMBERS_MAX = 1000;

export const emptyTally = (): Tally => ({
  visits: { clinic: 0, virtual: 0, emergency: 0 },
  withDiabetes: 0,
  diabetics: [],
});

/** The year's figures, and the group of people with diabetes. */
export function reports(tally: Tally, startMs: number, untilMs: number): Resource[] {
  const period = { start: day(startMs), end: day(untilMs) };
  return [diabetics(tally), followUp(tally, period, untilMs), visitsByKind(tally, period, untilMs)];
}

function diabetics(tally: Tally): Group {
  return {
    resourceType: 'Group',
    id: 'demo-diabetes',
    active: true,
    type: 'person',
    actual: true,
    code: concept(snomed('44054006', 'Diabetes mellitus type 2')),
    name: 'People with type 2 diabetes',
    quantity: tally.withDiabetes,
    managingEntity: ORGANIZATION.clinic,
    ...(tally.diabetics.length > 0 && { member: tally.diabetics.map((entity) => ({ entity })) }),
  };
}

type Span = { start: string; end: string };

const counted = (code: string, display: string, count: number) => ({
  code: concept(hl7('measure-population', code, display)),
  count,
});

/** Everybody was seen: a year of care without a visit is not made. */
function followUp(tally: Tally, period: Span, untilMs: number): MeasureReport {
  return {
    resourceType: 'MeasureReport',
    id: 'demo-seen-within-year',
    status: 'complete',
    type: 'summary',
    measure: FOLLOW_UP_MEASURE,
    date: instant(untilMs),
    reporter: ORGANIZATION.clinic,
    period,
    improvementNotation: concept(
      hl7('measure-improvement-notation', 'increase', 'Increased score indicates improvement'),
    ),
    group: [
      {
        population: [
          counted('initial-population', 'Initial Population', tally.withDiabetes),
          counted('denominator', 'Denominator', tally.withDiabetes),
          counted('numerator', 'Numerator', tally.withDiabetes),
        ],
        ...(tally.withDiabetes > 0 && { measureScore: { value: fixed(100, 1), unit: '%' } }),
      },
    ],
  };
}

function visitsByKind(tally: Tally, period: Span, untilMs: number): MeasureReport {
  const { clinic, virtual, emergency } = tally.visits;
  return {
    resourceType: 'MeasureReport',
    id: 'demo-visits-by-kind',
    status: 'complete',
    type: 'summary',
    measure: VISITS_MEASURE,
    date: instant(untilMs),
    reporter: ORGANIZATION.clinic,
    period,
    group: [
      {
        population: [counted('initial-population', 'Initial Population', clinic + virtual + emergency)],
        stratifier: [
          {
            code: [{ text: 'Kind of visit' }],
            stratum: Object.entries(tally.visits).map(([kind, count]) => ({
              value: { text: kind },
              population: [counted('initial-population', 'Initial Population', count)],
            })),
          },
        ],
      },
    ],
  };
}
