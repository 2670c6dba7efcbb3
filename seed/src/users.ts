import type { Practitioner, PractitionerRole, Reference, Resource } from '@medplum/fhirtypes';
import { INSURERS, insurer } from './clinic/insurers.ts';
import { LOCATION, ORGANIZATION } from './clinic/places.ts';
import { STAFF, type Member } from './clinic/staff.ts';
import { concept, hl7, snomed } from './kit/concept.ts';
import { refer } from './kit/bundle.ts';

/** Somebody of the demo clinic who can sign in. */
export interface DemoUser {
  /** Id of the User. */
  id: string;
  firstName: string;
  lastName: string;
  email: string;
  /** Id of the AccessPolicy of the role. */
  policy: string;
  /** `Practitioner/demo-doctor-okafor`. */
  profile: string;
  /** What the policy needs to know of the user besides, by its name there. */
  parameters?: Record<string, Reference>;
  isAdministrator?: boolean;
}

const MAIL_DOMAIN = 'demo.maxray.example';
/** People who treat nobody: the clinic's staff does not have them. */
const OFFICE = [
  {
    key: 'administrator',
    given: 'Ada',
    family: 'Quist',
    organization: ORGANIZATION.clinic,
    code: hl7('practitioner-role', 'ict', 'ICT professional'),
  },
  {
    key: 'billing',
    given: 'Bela',
    family: 'Sommer',
    organization: ORGANIZATION.clinic,
    code: snomed('159561009', 'Accounts clerk'),
  },
  {
    key: 'insurance',
    given: 'Ines',
    family: 'Prado',
    organization: insurer(INSURERS[0]!),
    code: snomed('159561009', 'Accounts clerk'),
  },
  {
    key: 'radiographer',
    given: 'Rui',
    family: 'Antunes',
    organization: ORGANIZATION.clinic,
    code: snomed('159016003', 'Radiographer'),
  },
] as const;

/** Practitioner and PractitionerRole of those users whom the clinic's data do not have. */
export function officeStaff(): Resource[] {
  return OFFICE.flatMap(({ key, given, family, organization, code }): Resource[] => {
    const practitioner: Practitioner = {
      resourceType: 'Practitioner',
      id: `demo-${key}`,
      active: true,
      name: [{ use: 'official', family, given: [given] }],
    };
    const role: PractitionerRole = {
      resourceType: 'PractitionerRole',
      id: `demo-${key}`,
      active: true,
      practitioner: refer('Practitioner', `demo-${key}`, `${given} ${family}`),
      organization,
      code: [concept(code)],
    };
    return [practitioner, role];
  });
}

/** One user for each role. */
export function demoUsers(): DemoUser[] {
  return [
    { ...office('administrator', 'maxray-admin'), isAdministrator: true },
    member('doctor', STAFF.okafor),
    member('nurse', STAFF.begay),
    user('patient', 'Eleanor', 'Whitaker', 'maxray-patient', 'Patient/demo-patient-01'),
    { ...member('paramedic', STAFF.ramirez), parameters: { vehicle: LOCATION.vehicle1 } },
    member('pharmacist', STAFF.nguyen),
    member('lab-technician', STAFF.haddad),
    office('radiographer', 'maxray-radiographer'),
    office('billing', 'maxray-billing'),
    office('insurance', 'maxray-insurance-provider'),
  ];
}

const user = (
  key: string,
  firstName: string,
  lastName: string,
  policy: string,
  profile: string,
): DemoUser => ({
  id: `demo-${key}`,
  firstName,
  lastName,
  email: `${key}@${MAIL_DOMAIN}`,
  policy,
  profile,
});

const member = (key: string, one: Member): DemoUser =>
  user(key, one.given[0]!, one.family, `maxray-${key}`, `Practitioner/demo-${one.key}`);

function office(key: (typeof OFFICE)[number]['key'], policy: string): DemoUser {
  const { given, family } = OFFICE.find((one) => one.key === key)!;
  return user(key, given, family, policy, `Practitioner/demo-${key}`);
}
