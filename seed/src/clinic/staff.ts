import type { Practitioner, PractitionerRole, Reference, Resource } from '@medplum/fhirtypes';
import type { Code } from '../kit/concept.ts';
import { concept, hl7, snomed, SYSTEM } from '../kit/concept.ts';
import { refer } from '../kit/bundle.ts';
import { email, phone, providerNumber } from '../kit/identify.ts';
import { HOURS, LOCATION, ORGANIZATION } from './places.ts';

/** Somebody who works for the clinic. */
export interface Member {
  key: string;
  given: string[];
  family: string;
  prefix?: string;
  gender: 'female' | 'male';
  birthDate: string;
  role: Code;
  specialty: Code;
  qualification: Code;
  languages: readonly string[];
  organization: keyof typeof ORGANIZATION;
}

const DOCTOR = hl7('practitioner-role', 'doctor', 'Doctor');
const NURSE = hl7('practitioner-role', 'nurse', 'Nurse');
const PHARMACIST = hl7('practitioner-role', 'pharmacist', 'Pharmacist');
const PARAMEDIC = snomed('397897005', 'Paramedic');
const LAB_TECHNICIAN = snomed('159282002', 'Laboratory technician');
const GENERAL = snomed('394814009', 'General practice (specialty)');
const RADIOLOGY = snomed('394914008', 'Radiology');
const CARDIOLOGY = snomed('394579002', 'Cardiology');
const EMERGENCY = snomed('773568002', 'Emergency medicine');
const PATHOLOGY = snomed('394915009', 'General pathology (specialty)');
const MD = hl7('v2-0360', 'MD', 'Doctor of Medicine');
const RN = hl7('v2-0360', 'RN', 'Registered Nurse');
const EMT = hl7('v2-0360', 'EMTP', 'Emergency Medical Technician - Paramedic');
const PHARMD = hl7('v2-0360', 'RPH', 'Registered Pharmacist');
const TECHNICIAN = hl7('v2-0360', 'MT', 'Medical Technician');

type Person = Pick<Member, 'given' | 'family' | 'gender' | 'birthDate' | 'languages'> & { prefix?: string };
type Post = Pick<Member, 'role' | 'specialty' | 'qualification' | 'organization'>;

const GP: Post = { role: DOCTOR, specialty: GENERAL, qualification: MD, organization: 'clinic' };
const CARE: Post = { role: NURSE, specialty: GENERAL, qualification: RN, organization: 'clinic' };
const CREW: Post = { role: PARAMEDIC, specialty: EMERGENCY, qualification: EMT, organization: 'ambulance' };

const member = (key: string, post: Post, person: Person): Member => ({ key, ...post, ...person });

export const STAFF = {
  okafor: member('doctor-okafor', GP, {
    prefix: 'Dr.',
    given: ['Ngozi', 'Adaeze'],
    family: 'Okafor',
    gender: 'female',
    birthDate: '1974-03-19',
    languages: ['en', 'fr'],
  }),
  garcia: member('doctor-garcia', GP, {
    prefix: 'Dr.',
    given: ['José', 'Ramón'],
    family: 'García Núñez',
    gender: 'male',
    birthDate: '1981-11-02',
    languages: ['es', 'en'],
  }),
  larsen: member(
    'radiologist-larsen',
    { ...GP, specialty: RADIOLOGY },
    {
      prefix: 'Dr.',
      given: ['Søren'],
      family: 'Ærø Larsen',
      gender: 'male',
      birthDate: '1969-07-30',
      languages: ['en', 'da', 'de'],
    },
  ),
  mehta: member(
    'cardiologist-mehta',
    { ...GP, specialty: CARDIOLOGY },
    {
      prefix: 'Dr.',
      given: ['Priya'],
      family: 'Mehta',
      gender: 'female',
      birthDate: '1978-01-14',
      languages: ['en', 'hi'],
    },
  ),
  tanaka: member(
    'emergency-tanaka',
    { ...GP, specialty: EMERGENCY },
    {
      prefix: 'Dr.',
      given: ['Haruto'],
      family: 'Tanaka',
      gender: 'male',
      birthDate: '1985-05-23',
      languages: ['en', 'ja'],
    },
  ),
  begay: member('nurse-begay', CARE, {
    given: ['Shandiin'],
    family: 'Begay',
    gender: 'female',
    birthDate: '1990-08-08',
    languages: ['en', 'nv'],
  }),
  kowalski: member('nurse-kowalski', CARE, {
    given: ['Paweł'],
    family: 'Kowalski',
    gender: 'male',
    birthDate: '1987-12-17',
    languages: ['en', 'pl'],
  }),
  ramirez: member('paramedic-ramirez', CREW, {
    given: ['Lucía'],
    family: 'Ramírez',
    gender: 'female',
    birthDate: '1993-04-11',
    languages: ['en', 'es'],
  }),
  obrien: member('paramedic-obrien', CREW, {
    given: ['Connor'],
    family: "O'Brien",
    gender: 'male',
    birthDate: '1989-09-05',
    languages: ['en'],
  }),
  nguyen: member(
    'pharmacist-nguyen',
    { ...GP, role: PHARMACIST, qualification: PHARMD, organization: 'pharmacy' },
    {
      given: ['Thị Hương'],
      family: 'Nguyễn',
      gender: 'female',
      birthDate: '1983-02-27',
      languages: ['en', 'vi'],
    },
  ),
  haddad: member(
    'labtech-haddad',
    { role: LAB_TECHNICIAN, specialty: PATHOLOGY, qualification: TECHNICIAN, organization: 'laboratory' },
    { given: ['Karim'], family: 'Haddad', gender: 'male', birthDate: '1991-06-21', languages: ['en', 'ar'] },
  ),
} as const satisfies Record<string, Member>;

/** The name that references carry. */
export function nameOf(member: Member): string {
  return [member.prefix, member.given[0], member.family].filter((part) => part !== undefined).join(' ');
}

export const practitioner = (member: Member): Reference<Practitioner> =>
  refer('Practitioner', `demo-${member.key}`, nameOf(member));

export const practitionerRole = (member: Member): Reference<PractitionerRole> =>
  refer('PractitionerRole', `demo-${member.key}`, `${nameOf(member)}, ${member.specialty.display}`);

/** Practitioner and PractitionerRole of everybody. */
export function staff(): Resource[] {
  return Object.values(STAFF).flatMap((one, index) => [practitionerOf(one, index), roleOf(one)]);
}

function practitionerOf(one: Member, index: number): Practitioner {
  return {
    resourceType: 'Practitioner',
    id: `demo-${one.key}`,
    identifier: [providerNumber(7_310_400 + index * 17)],
    active: true,
    name: [
      { use: 'official', family: one.family, given: one.given, ...(one.prefix && { prefix: [one.prefix] }) },
    ],
    telecom: [phone(10 + index, 'work'), email(one.key, 'maxray.example', 'work')],
    gender: one.gender,
    birthDate: one.birthDate,
    qualification: [{ code: { coding: [one.qualification] } }],
    communication: one.languages.map((code) => ({ coding: [{ system: SYSTEM.language, code }] })),
  };
}

function roleOf(one: Member): PractitionerRole {
  return {
    resourceType: 'PractitionerRole',
    id: `demo-${one.key}`,
    active: true,
    practitioner: practitioner(one),
    organization: ORGANIZATION[one.organization],
    code: [concept(one.role)],
    specialty: [concept(one.specialty)],
    location: [LOCATION[one.organization]],
    availableTime: [HOURS],
  };
}
