import type { Library, Measure, Questionnaire, Resource, Subscription } from '@medplum/fhirtypes';
import { concept, hl7, loinc } from '../kit/concept.ts';
import { instant } from '../kit/time.ts';
import { canonical } from './catalogue.ts';

/** Where the demo subscription would call; nothing listens there, and it is off. */
const LOOPBACK = 'http://127.0.0.1:9/hook';

export const INTAKE_FORM = canonical('Questionnaire', 'intake');
export const FOLLOW_UP_MEASURE = canonical('Measure', 'seen-within-year');
export const VISITS_MEASURE = canonical('Measure', 'visits-by-kind');

/** Forms, measures and a subscription. */
export function forms(untilMs: number): Resource[] {
  return [intake(), logic(), followUp(), visitsByKind(), subscription(untilMs)];
}

const published = {
  version: '1.0.0',
  status: 'active',
  date: '2025-01-15',
  publisher: 'MaxRay Demo Clinic',
} as const;

function intake(): Questionnaire {
  return {
    resourceType: 'Questionnaire',
    id: 'demo-intake',
    url: INTAKE_FORM,
    ...published,
    name: 'Intake',
    title: 'Before your consultation',
    subjectType: ['Patient'],
    code: [loinc('74468-0', 'Questionnaire form definition Document')],
    item: [
      { linkId: 'reason', text: 'What brings you here?', type: 'string', required: true },
      {
        linkId: 'pain',
        text: 'How strong is your pain, from 0 to 10?',
        type: 'integer',
        code: [loinc('72514-3', 'Pain severity - 0-10 verbal numeric rating [Score] - Reported')],
      },
      { linkId: 'video', text: 'Have you a quiet place and a camera for a video call?', type: 'boolean' },
      {
        linkId: 'pharmacy',
        text: 'May the pharmacy call you?',
        type: 'choice',
        answerOption: [{ valueString: 'By telephone' }, { valueString: 'By message' }, { valueString: 'No' }],
      },
    ],
  };
}

function logic(): Library {
  return {
    resourceType: 'Library',
    id: 'demo-measure-logic',
    url: canonical('Library', 'measure-logic'),
    ...published,
    name: 'MeasureLogic',
    title: 'Populations of the clinic measures, as FHIR queries',
    type: concept(hl7('library-type', 'logic-library', 'Logic Library')),
    content: [
      { contentType: 'text/plain', data: 'RW5jb3VudGVyP3N0YXR1cz1maW5pc2hlZCZkYXRlPWdlMjAyNS0wNy0wMQ==' },
    ],
  };
}

function measure(id: string, url: string, title: string, scoring: 'proportion' | 'cohort'): Measure {
  return {
    resourceType: 'Measure',
    id,
    url,
    ...published,
    name: id.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase()),
    title,
    library: [canonical('Library', 'measure-logic')],
    scoring: concept(hl7('measure-scoring', scoring, scoring === 'proportion' ? 'Proportion' : 'Cohort')),
  };
}

const population = (code: string, display: string, query: string) => ({
  code: concept(hl7('measure-population', code, display)),
  criteria: { language: 'application/x-fhir-query' as const, expression: query },
});

function followUp(): Measure {
  return {
    ...measure(
      'demo-seen-within-year',
      FOLLOW_UP_MEASURE,
      'People with diabetes seen within the year',
      'proportion',
    ),
    improvementNotation: concept(
      hl7('measure-improvement-notation', 'increase', 'Increased score indicates improvement'),
    ),
    group: [
      {
        population: [
          population(
            'initial-population',
            'Initial Population',
            'Patient?_has:Condition:patient:code=44054006',
          ),
          population('denominator', 'Denominator', 'Patient?_has:Condition:patient:code=44054006'),
          population('numerator', 'Numerator', 'Patient?_has:Encounter:patient:status=finished'),
        ],
      },
    ],
  };
}

function visitsByKind(): Measure {
  return {
    ...measure('demo-visits-by-kind', VISITS_MEASURE, 'Visits by kind', 'cohort'),
    group: [
      { population: [population('initial-population', 'Initial Population', 'Encounter?status=finished')] },
    ],
  };
}

function subscription(untilMs: number): Subscription {
  return {
    resourceType: 'Subscription',
    id: 'demo-new-reports',
    status: 'off',
    end: instant(untilMs),
    reason: 'Tells the duty doctor of new X-ray reports',
    criteria: 'DiagnosticReport?category=RAD',
    channel: { type: 'rest-hook', endpoint: LOOPBACK, payload: 'application/fhir+json' },
  };
}
