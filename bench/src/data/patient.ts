import type {
  Address,
  CodeableConcept,
  Extension,
  Identifier,
  Patient,
  PatientContact,
} from '@medplum/fhirtypes';
import { organizationId, patientId, practitionerId, STREAM, type DataPlan } from './plan.ts';
import { Random } from './random.ts';
import { FAMILY, GIVEN_FEMALE, GIVEN_MALE, LANGUAGES, PLACES, RACES, STREETS } from './vocabulary.ts';

const US_CORE = 'http://hl7.org/fhir/us/core/StructureDefinition';
const IDENTIFIER_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';

/** System of the medical record number, which searches by identifier use. */
export const MRN_SYSTEM = 'https://example.org/mrn';

/** The medical record number of a patient; unique in a plan. */
export const mrnOf = (plan: DataPlan, index: number): string =>
  new Random(plan.seed, STREAM.patient, index).uuid();

const identifier = (code: string, display: string, system: string, value: string): Identifier => ({
  type: { coding: [{ system: IDENTIFIER_TYPES, code, display }], text: display },
  system,
  value,
});

const extensions = (random: Random, female: boolean): Extension[] => {
  const race = random.pick(RACES);
  return [
    {
      url: `${US_CORE}/us-core-race`,
      extension: [
        { url: 'ombCategory', valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', ...race } },
        { url: 'text', valueString: race.display },
      ],
    },
    { url: `${US_CORE}/us-core-birthsex`, valueCode: female ? 'F' : 'M' },
  ];
};

const geolocation = (latitude: number, longitude: number): Extension => ({
  url: 'http://hl7.org/fhir/StructureDefinition/geolocation',
  extension: [
    { url: 'latitude', valueDecimal: latitude },
    { url: 'longitude', valueDecimal: longitude },
  ],
});

const identifiers = (random: Random, mrn: string): Identifier[] => [
  identifier('MR', 'Medical Record Number', MRN_SYSTEM, mrn),
  identifier(
    'SS',
    'Social Security Number',
    'http://hl7.org/fhir/sid/us-ssn',
    `999-${random.digits(2)}-${random.digits(4)}`,
  ),
  identifier('DL', "Driver's license number", 'urn:oid:2.16.840.1.113883.4.3.25', `S999${random.digits(5)}`),
];

const address = (random: Random): Address => {
  const { latitude, longitude, ...place } = random.pick(PLACES);
  const line = [`${1 + random.below(300)} ${random.pick(STREETS)}`, `Apartment ${1 + random.below(40)}`];
  return { extension: [geolocation(latitude, longitude)], use: 'home', line, ...place, country: 'US' };
};

const birthDate = (random: Random): string => {
  const [month, day] = [1 + random.below(12), 1 + random.below(28)];
  return `${1930 + random.below(90)}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
};

const emergencyContact = (random: Random, family: string, given: string): PatientContact => ({
  relationship: [
    {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/v2-0131', code: 'C', display: 'Emergency Contact' },
      ],
    },
  ],
  name: { family, given: [given] },
  telecom: [{ system: 'phone', value: `555-${random.digits(7)}` }],
});

const MARRIED: CodeableConcept = {
  coding: [
    { system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'M', display: 'Married' },
  ],
  text: 'Married',
};

/** A patient of about 2.5 kB. `revision` changes suffix and telephone, as updates do; revision 0 is what is loaded. */
export const patient = (plan: DataPlan, index: number, revision = 0): Patient => {
  const random = new Random(plan.seed, STREAM.patient, index);
  const mrn = random.uuid();
  const female = random.below(2) === 0;
  const [own, others] = female ? [GIVEN_FEMALE, GIVEN_MALE] : [GIVEN_MALE, GIVEN_FEMALE];
  const family = random.pick(FAMILY);
  const given = [random.pick(own), random.pick(own)];
  const suffix = revision > 0 ? { suffix: [`rev. ${revision}`] } : {};
  const language = random.pick(LANGUAGES);
  return {
    resourceType: 'Patient',
    id: patientId(index),
    meta: { profile: [`${US_CORE}/us-core-patient`] },
    extension: extensions(random, female),
    identifier: identifiers(random, mrn),
    active: true,
    name: [
      { use: 'official', family, given, prefix: [female ? 'Ms.' : 'Mr.'], ...suffix },
      { use: 'maiden', family: random.pick(FAMILY), given },
    ],
    telecom: [
      { system: 'phone', value: `555-${String(revision).padStart(9, '0')}`, use: 'mobile', rank: 1 },
      { system: 'email', value: `patient.${index}@example.org`, use: 'home' },
    ],
    gender: female ? 'female' : 'male',
    birthDate: birthDate(random),
    address: [address(random)],
    maritalStatus: MARRIED,
    multipleBirthBoolean: false,
    contact: [emergencyContact(random, family, random.pick(others))],
    communication: [
      {
        language: { coding: [{ system: 'urn:ietf:bcp:47', ...language }], text: language.display },
        preferred: true,
      },
    ],
    generalPractitioner: [{ reference: `Practitioner/${practitionerId(index % plan.practitioners)}` }],
    managingOrganization: { reference: `Organization/${organizationId(index % plan.organizations)}` },
  };
};
