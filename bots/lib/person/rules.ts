import type { AccessPolicyResource } from '@medplum/fhirtypes';

/** What of a person says how to reach whom; a bot sees of these elements only those that it needs. */
const ELEMENTS = {
  Patient: [
    'identifier',
    'name',
    'telecom',
    'gender',
    'birthDate',
    'deceased',
    'address',
    'maritalStatus',
    'multipleBirth',
    'photo',
    'contact',
    'communication',
    'generalPractitioner',
    'managingOrganization',
    'link',
  ],
  Practitioner: [
    'identifier',
    'name',
    'telecom',
    'address',
    'gender',
    'birthDate',
    'photo',
    'qualification',
    'communication',
  ],
  RelatedPerson: [
    'identifier',
    'patient',
    'relationship',
    'name',
    'telecom',
    'gender',
    'birthDate',
    'address',
    'photo',
    'period',
    'communication',
  ],
} as const;

/** Rules that let a bot read people, but of their elements only these (and `active`, extensions and what every resource has). */
export function personRules(
  seen: readonly string[],
  types: readonly (keyof typeof ELEMENTS)[] = ['Patient', 'Practitioner', 'RelatedPerson'],
): AccessPolicyResource[] {
  return types.map((resourceType) => ({
    resourceType,
    interaction: ['read'],
    hiddenFields: ELEMENTS[resourceType].filter((name) => !seen.includes(name)),
  }));
}
