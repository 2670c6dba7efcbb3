import type { Coding, Consent, ConsentProvision } from '@medplum/fhirtypes';
import type { Resource } from '../../../src/fhir/resource.ts';
import type { Random } from '../../oracle/data/random.ts';
import { ROLE, type Asker } from './judge.ts';

/** The moment at which the random consents are judged. */
export const NOW = Date.UTC(2026, 5, 15, 12);
export const PATIENTS = ['a', 'b', 'c', 'd', 'e'];
export const TYPES = [
  'Patient',
  'Observation',
  'Encounter',
  'Appointment',
  'MedicationRequest',
  'DocumentReference',
] as const;

const CODES = 'http://terminology.hl7.org/CodeSystem';
const PROFILE = 'http://hl7.org/fhir/StructureDefinition/vitalsigns';
const label = (code: string): Coding => ({
  system: `${CODES}/${code.length === 1 ? 'v3-Confidentiality' : 'v3-ActCode'}`,
  code,
});
const LABELS = ['L', 'N', 'R', 'V', 'HIV', 'PSY'].map(label);
const YEARS = ['2019', '2020', '2021', '2022'];
const day = (random: Random) =>
  random.pick([random.pick(YEARS), `${random.pick(YEARS)}-06`, `${random.pick(YEARS)}-06-15`]);

const FHIR_PATIENT = (id: string) => ({ reference: `Patient/${id}` });

/** Those who ask: a doctor with a role in a department and a care team, one with neither, a patient, one who has no purpose. */
export const ASKERS: readonly Asker[] = [
  {
    is: [
      'Practitioner/p',
      'PractitionerRole/pr',
      `${ROLE}|doctor`,
      'Organization/department',
      'Organization/hospital',
      'CareTeam/team',
    ],
    purposes: ['TREAT'],
  },
  { is: ['Practitioner/q'], purposes: ['HPAYMT', 'ETREAT'] },
  { is: ['Practitioner/n'], purposes: undefined },
  { is: ['Patient/a'], purposes: undefined },
  { is: ['RelatedPerson/rp'], purposes: ['HRESCH'] },
];

export function randomConsent(random: Random, id: string): Consent {
  const rule = random.weighted<string | undefined>([
    [5, 'OPTIN'],
    [2, 'OPTOUT'],
    [1, 'EMRGONLY'],
    [2, undefined],
  ]);
  return {
    resourceType: 'Consent',
    id,
    status: random.weighted([
      [9, 'active'],
      [1, 'inactive'],
    ]),
    scope: {
      coding: [
        { system: `${CODES}/consentscope`, code: random.chance(0.95) ? 'patient-privacy' : 'research' },
      ],
    },
    category: [{ text: 'privacy' }],
    patient: FHIR_PATIENT(random.pick(PATIENTS)),
    ...(rule === undefined
      ? { policy: [{ uri: 'urn:policy' }] }
      : { policyRule: { coding: [{ system: `${CODES}/v3-ActCode`, code: rule }] } }),
    ...(random.chance(0.9) && { provision: provision(random, 0) }),
  };
}

function provision(random: Random, depth: number): ConsentProvision {
  const some = <T>(chance: number, make: () => T) => (random.chance(chance) ? make() : undefined);
  const several = <T>(make: () => T) => Array.from({ length: 1 + random.below(2) }, make);
  const made = {
    type: some(depth === 0 ? 0.75 : 0.95, () => random.pick(['deny', 'deny', 'permit'] as const)),
    period: some(0.25, () => period(random, ['2026-05', '2026-06-15', '2026-06-16', '2026-07'])),
    actor: some(0.5, () => several(() => actor(random))),
    action: some(0.25, () => several(() => action(random))),
    purpose: some(0.2, () => several(() => purpose(random))),
    class: some(0.25, () => several(() => classOf(random))),
    securityLabel: some(0.2, () => several(() => random.pick(LABELS))),
    dataPeriod: some(0.25, () => period(random, ['2019', '2020-06', '2020-06-15', '2021', '2022'])),
    data: some(0.1, () => [
      {
        meaning: random.pick(['instance', 'instance', 'related'] as const),
        reference: { reference: `Observation/Observation${random.below(30)}` },
      },
    ]),
    code: some(0.03, () => [{ text: 'something' }]),
    provision: some(depth < 2 ? 0.45 : 0, () => several(() => provision(random, depth + 1))),
  };
  return Object.fromEntries(
    Object.entries(made).filter(([, value]) => value !== undefined),
  ) as ConsentProvision;
}

function period(random: Random, days: readonly string[]) {
  const [first, second] = [random.below(days.length), random.below(days.length)];
  const [start, end] = [days[Math.min(first, second)]!, days[Math.max(first, second)]!];
  return random.pick([{ start, end }, { start, end }, { start }, { end }]);
}

const actor = (random: Random) => ({
  role: {
    coding: [
      random.weighted<Coding>([
        [6, { system: `${CODES}/v3-ParticipationType`, code: 'PRCP' }],
        [2, { system: `${CODES}/v3-ParticipationType`, code: 'IRCP' }],
        [1, { system: `${CODES}/v3-ParticipationType`, code: 'CST' }],
        [2, { system: ROLE, code: random.pick(['doctor', 'nurse']) }],
      ]),
    ],
  },
  reference: random.weighted<{ reference?: string; display?: string }>([
    [2, { display: 'somebody' }],
    [
      8,
      {
        reference: random.pick([
          ...ASKERS.flatMap(({ is }) => is.filter((one) => one.includes('/') && !one.includes('|'))),
          'Group/g',
          'http://elsewhere.example/Practitioner/p',
        ]),
      },
    ],
  ]),
});

const action = (random: Random) => ({
  coding: [
    {
      system: `${CODES}/consentaction`,
      code: random.pick(['access', 'access', 'correct', 'disclose', 'collect', 'other']),
    },
  ],
});
const purpose = (random: Random): Coding =>
  random.weighted<Coding>([
    [9, { system: `${CODES}/v3-ActReason`, code: random.pick(['TREAT', 'HPAYMT', 'HRESCH', 'ETREAT']) }],
    [1, { system: 'urn:other', code: 'TREAT' }],
  ]);
const classOf = (random: Random): Coding =>
  random.weighted<Coding>([
    [8, { system: 'http://hl7.org/fhir/resource-types', code: random.pick(TYPES) }],
    [2, { system: 'http://hl7.org/fhir/StructureDefinition', code: 'vitalsigns' }],
    [1, { system: 'urn:ietf:bcp:13', code: 'text/plain' }],
  ]);

/** A resource of one of the patients, or of several. */
export function randomResource(random: Random, type: (typeof TYPES)[number], id: string): Resource {
  const meta = {
    ...(random.chance(0.5) && { security: random.sample(LABELS, 1 + random.below(2)) }),
    ...(random.chance(0.3) && { profile: [PROFILE] }),
  };
  const patient = FHIR_PATIENT(random.pick(PATIENTS));
  const date = random.chance(0.8) ? day(random) : undefined;
  const dated = (name: string) => (date === undefined ? {} : { [name]: date });
  const common = { resourceType: type, id, ...(Object.keys(meta).length > 0 && { meta }) };
  switch (type) {
    case 'Patient':
      return {
        ...common,
        gender: random.pick(['male', 'female']),
        birthDate: '2020-06-15',
        ...(random.chance(0.2) && { link: [{ other: patient, type: 'seealso' }] }),
      };
    case 'Observation':
      return {
        ...common,
        status: random.pick(['final', 'amended']),
        code: { text: 'x' },
        subject: patient,
        ...(random.chance(0.2) && { performer: [FHIR_PATIENT(random.pick(PATIENTS))] }),
        ...(random.chance(0.7) ? dated('effectiveDateTime') : { effectivePeriod: period(random, YEARS) }),
      };
    case 'Encounter':
      return {
        ...common,
        status: 'finished',
        class: { code: 'AMB' },
        subject: patient,
        ...(date !== undefined && { period: { start: date } }),
      };
    case 'Appointment':
      return {
        ...common,
        status: 'booked',
        participant: [patient, ...(random.chance(0.4) ? [FHIR_PATIENT(random.pick(PATIENTS))] : [])].map(
          (who) => ({ actor: who, status: 'accepted' }),
        ),
        ...(date !== undefined && { start: `${random.pick(YEARS)}-06-15T10:00:00Z` }),
      };
    case 'MedicationRequest':
      return {
        ...common,
        status: 'active',
        intent: 'order',
        medicationCodeableConcept: { text: 'm' },
        subject: patient,
        ...dated('authoredOn'),
      };
    case 'DocumentReference':
      return {
        ...common,
        status: 'current',
        content: [{ attachment: { title: 't' } }],
        subject: patient,
        ...(random.chance(0.2) && { author: [FHIR_PATIENT(random.pick(PATIENTS))] }),
        ...(date !== undefined && { date: `${random.pick(YEARS)}-06-15T10:00:00Z` }),
      };
  }
}
