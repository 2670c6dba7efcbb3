import type { Resource } from '../../../src/fhir/resource.ts';
import type { Random } from '../../oracle/data/random.ts';

/** Types that random policies are about, and one that administers. */
export const TYPES = ['Patient', 'Observation', 'Encounter', 'Appointment', 'Organization'] as const;
export type Type = (typeof TYPES)[number];

export interface Token {
  system?: string;
  code: string;
}

/** What a search parameter finds in a resource: written down by hand, not taken from the definitions. */
export type Parameter =
  | { kind: 'token'; of: (resource: Resource) => Token[] }
  | { kind: 'reference' | 'string' | 'date'; of: (resource: Resource) => string[] };

export const PATIENTS = ['Patient/a', 'Patient/b'];
export const PRACTITIONERS = ['Practitioner/p', 'Practitioner/q'];
export const ORGANIZATIONS = ['Organization/o', 'Organization/r'];
export const SYSTEM = 'urn:s';
/** Values that are something else where they are not escaped. */
export const NUMBERS = ['1', '2', '1,2', '1|2', '1\\', 'urn:s|1', '%profile'];
export const YEARS = ['2019', '2020', '2021'];

/** What is at the end of a path of names, in all items of arrays on the way. */
function at(value: unknown, ...[name, ...rest]: string[]): unknown[] {
  if (Array.isArray(value))
    return value.flatMap((item) => at(item, ...(name === undefined ? [] : [name, ...rest])));
  if (name === undefined) return value === undefined ? [] : [value];
  return typeof value === 'object' && value !== null
    ? at((value as Record<string, unknown>)[name], ...rest)
    : [];
}

const texts =
  (...path: string[]) =>
  (resource: Resource) =>
    at(resource, ...path) as string[];
const codes = (...path: string[]): Parameter => ({
  kind: 'token',
  of: (resource) => at(resource, ...path).map((code) => ({ code: String(code) })),
});
const codings = (...path: string[]): Parameter => ({
  kind: 'token',
  of: (resource) => at(resource, ...path) as Token[],
});
const reference = (...path: string[]): Parameter => ({ kind: 'reference', of: texts(...path, 'reference') });
const ofPatients = (...path: string[]): Parameter => ({
  kind: 'reference',
  of: (resource) => texts(...path, 'reference')(resource).filter((one) => one.startsWith('Patient/')),
});

const TAG = codings('meta', 'tag');
const STATUS = codes('status');

export const PARAMETERS: Readonly<Record<Type, Readonly<Record<string, Parameter>>>> = {
  Patient: {
    _tag: TAG,
    gender: codes('gender'),
    active: codes('active'),
    identifier: {
      kind: 'token',
      of: (resource) =>
        (at(resource, 'identifier') as { system: string; value: string }[]).map(({ system, value }) => ({
          system,
          code: value,
        })),
    },
    family: { kind: 'string', of: texts('name', 'family') },
    birthdate: { kind: 'date', of: texts('birthDate') },
    'general-practitioner': reference('generalPractitioner'),
    organization: reference('managingOrganization'),
  },
  Observation: {
    _tag: TAG,
    status: STATUS,
    code: codings('code', 'coding'),
    subject: reference('subject'),
    patient: ofPatients('subject'),
    performer: reference('performer'),
    date: { kind: 'date', of: texts('effectiveDateTime') },
  },
  Encounter: {
    _tag: TAG,
    status: STATUS,
    patient: ofPatients('subject'),
    participant: reference('participant', 'individual'),
  },
  Appointment: {
    _tag: TAG,
    status: STATUS,
    actor: reference('participant', 'actor'),
    patient: ofPatients('participant', 'actor'),
  },
  Organization: {
    _tag: TAG,
    active: codes('active'),
    name: { kind: 'string', of: texts('name') },
  },
};

/** Parameters by which a resource is in a patient's compartment; none: the type is not in it. */
export const COMPARTMENT: Readonly<Partial<Record<Type, readonly string[]>>> = {
  Patient: [],
  Observation: ['subject', 'performer'],
  Encounter: ['patient'],
  Appointment: ['actor'],
};

export const FAMILIES = ['Berg', 'Bergmann', 'Tal'];
export const STATUSES = ['final', 'booked', 'planned'];

/** A resource of a type in which any element may be absent that need not be there. */
export function randomResource(random: Random, type: Type): Resource {
  const maybe = <T>(make: () => T): T | undefined => (random.chance(0.75) ? make() : undefined);
  const to = (all: readonly string[]) => ({ reference: random.pick(all) });
  const day = () => `${random.pick(YEARS)}-0${1 + random.below(9)}-1${random.below(9)}`;
  const common = {
    resourceType: type,
    id: random.pick(['a', 'b', 'c']),
    text: { status: 'generated', div: '<div>a</div>' },
    meta: maybe(() => ({ tag: [{ system: SYSTEM, code: random.pick(['x', 'y']) }] })),
  };
  const anybody = [...PATIENTS, ...PRACTITIONERS];
  const elements: Record<Type, () => Record<string, unknown>> = {
    Patient: () => ({
      gender: maybe(() => random.pick(['male', 'female'])),
      active: maybe(() => random.chance(0.5)),
      identifier: maybe(() => [{ system: SYSTEM, value: random.pick(NUMBERS) }]),
      name: maybe(() => random.sample(FAMILIES, 1 + random.below(2)).map((family) => ({ family }))),
      birthDate: maybe(day),
      generalPractitioner: maybe(() => [to(PRACTITIONERS)]),
      managingOrganization: maybe(() => to(ORGANIZATIONS)),
    }),
    Observation: () => ({
      status: random.pick(STATUSES),
      code: {
        coding: [{ system: random.pick([SYSTEM, 'urn:t']), code: random.pick(['x', 'y']) }],
      },
      subject: maybe(() => to([...PATIENTS, 'Group/a'])),
      performer: maybe(() => [to(anybody), to(PRACTITIONERS)]),
      effectiveDateTime: maybe(day),
    }),
    Encounter: () => ({
      status: random.pick(STATUSES),
      subject: maybe(() => to([...PATIENTS, 'Group/a'])),
      participant: maybe(() => [{ individual: to(PRACTITIONERS) }]),
    }),
    Appointment: () => ({
      status: random.pick(STATUSES),
      participant: [{ actor: to(anybody) }, { actor: to(anybody) }],
    }),
    Organization: () => ({
      active: maybe(() => random.chance(0.5)),
      name: maybe(() => random.pick(FAMILIES)),
    }),
  };
  return JSON.parse(JSON.stringify({ ...common, ...elements[type]() })) as Resource;
}
