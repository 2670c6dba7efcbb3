import type { Consent, Patient, RelatedPerson } from '@medplum/fhirtypes';
import { concept, hl7, HOUSE, SYSTEM } from '../kit/concept.ts';
import { email, phone, recordNumber } from '../kit/identify.ts';
import { address } from '../kit/place.ts';
import { DAY_MS, day, instant } from '../kit/time.ts';
import { ORGANIZATION } from '../clinic/places.ts';
import { practitioner } from '../clinic/staff.ts';
import { humanNames } from './names.ts';
import type { Person } from './person.ts';
import type { Story } from './story.ts';

const MARITAL = [
  hl7('v3-MaritalStatus', 'M', 'Married'),
  hl7('v3-MaritalStatus', 'S', 'Never Married'),
  hl7('v3-MaritalStatus', 'D', 'Divorced'),
  hl7('v3-MaritalStatus', 'W', 'Widowed'),
];

/** The patient, somebody to call, and what the patient agreed to. */
export function demographics(story: Story): void {
  story.add(patientOf(story));
  story.add(contactOf(story));
  story.add(consentOf(story));
}

const localPart = (person: Person): string => `patient${String(person.number).padStart(2, '0')}`;

function patientOf({ person, random, subject }: Story): Patient {
  return {
    resourceType: 'Patient',
    id: subject.reference?.slice('Patient/'.length) as string,
    identifier: [recordNumber(`MRN-${String(100_000 + person.number * 37)}`)],
    active: true,
    name: humanNames(person.name),
    telecom: [
      { ...phone(person.number + 20, 'mobile', '623'), rank: 1 },
      email(localPart(person), 'example.org', 'home'),
    ],
    gender: person.name.gender,
    birthDate: day(person.bornMs),
    deceasedBoolean: false,
    address: [address(person.town, person.street, 'home')],
    maritalStatus: concept(random.pick(MARITAL)),
    multipleBirthBoolean: random.chance(0.03),
    communication: [
      { language: { coding: [{ system: SYSTEM.language, code: person.name.language }] }, preferred: true },
    ],
    generalPractitioner: [practitioner(person.doctor)],
    managingOrganization: ORGANIZATION.clinic,
  };
}

const RELATIVES = [
  hl7('v3-RoleCode', 'SPS', 'spouse'),
  hl7('v3-RoleCode', 'CHILD', 'child'),
  hl7('v3-RoleCode', 'SIB', 'sibling'),
];

function contactOf({ person, random, subject, id }: Story): RelatedPerson {
  return {
    resourceType: 'RelatedPerson',
    id: id('relative'),
    active: true,
    patient: subject,
    relationship: [concept(random.pick(RELATIVES)), concept(hl7('v2-0131', 'C', 'Emergency Contact'))],
    name: [
      { use: 'official', family: person.name.family, given: [random.pick(['Robin', 'Alex', 'Noor', 'Kim'])] },
    ],
    telecom: [phone(person.number + 55, 'mobile', '480')],
  };
}

function consentOf({ person, startMs, subject, id, random }: Story): Consent {
  return {
    resourceType: 'Consent',
    id: id('consent'),
    status: 'active',
    scope: concept(hl7('consentscope', 'patient-privacy', 'Privacy Consent')),
    category: [{ coding: [{ system: SYSTEM.loinc, code: '59284-0', display: 'Consent Document' }] }],
    patient: subject,
    dateTime: instant(startMs + 9 * 3_600_000),
    performer: [subject],
    organization: [ORGANIZATION.clinic],
    policy: [{ uri: `${HOUSE}/policy/privacy-2025` }],
    provision: {
      type: 'permit',
      period: { start: day(startMs), end: day(startMs + 5 * 365 * DAY_MS) },
      purpose: [
        hl7('v3-ActReason', 'TREAT', 'treatment'),
        hl7('v3-ActReason', 'HPAYMT', 'healthcare payment'),
      ],
      ...(random.chance(person.number === 1 ? 1 : 0.2) && {
        provision: [{ type: 'deny', purpose: [hl7('v3-ActReason', 'HRESCH', 'healthcare research')] }],
      }),
    },
  };
}
