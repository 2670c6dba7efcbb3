import type { MedplumClient } from '@medplum/core';
import type { CareTeam, Organization, PractitionerRole, Reference, Resource } from '@medplum/fhirtypes';
import type { Person } from '../person/person.ts';
import { isPersonReference, readIfThere } from '../person/person.ts';

/** People told of one event; a wider circle would be a mistake. */
export const RECIPIENTS_MAX = 200;
/** Teams in teams. */
const DEPTH_MAX = 3;

const SNOMED = 'http://snomed.info/sct';
const ROLE = 'https://maxray.example/fhir/CodeSystem/maxray-role';
const PRACTITIONER_ROLE = 'http://terminology.hl7.org/CodeSystem/practitioner-role';

/** PractitionerRole.code of those who do something. */
export const ROLES = {
  dispatcher: ['https://maxray.example/fhir/CodeSystem/maxray-dispatch|dispatcher'],
  paramedic: [`${SNOMED}|397897005`, `${ROLE}|PARAMEDIC`],
  pharmacist: [`${PRACTITIONER_ROLE}|pharmacist`, `${ROLE}|PHARMACIST`],
  radiographer: [`${SNOMED}|159016003`, `${ROLE}|RADIOGRAPHER`],
} as const;
export type RoleName = keyof typeof ROLES;

/**
 * The people behind references: persons themselves, practitioners behind their roles, members of care teams, and of organisations those
 * who have one of the roles asked for. Places, devices and what is not there have nobody. Each is named once.
 */
export async function peopleBehind(
  medplum: MedplumClient,
  references: readonly (Reference | undefined)[],
  roles: readonly RoleName[] = [],
): Promise<Reference<Person>[]> {
  const found = new Map<string, Reference<Person>>();
  for (const reference of references)
    for (const person of await behind(medplum, reference, roles, 0))
      if (found.size < RECIPIENTS_MAX) found.set(person.reference!, person);
  return [...found.values()];
}

async function behind(
  medplum: MedplumClient,
  reference: Reference | undefined,
  roles: readonly RoleName[],
  depth: number,
): Promise<Reference<Person>[]> {
  if (reference?.reference === undefined || depth > DEPTH_MAX) return [];
  if (isPersonReference(reference.reference)) return [{ reference: reference.reference }];
  const [type] = reference.reference.split('/');
  if (type === 'Organization') return peopleIn(medplum, reference as Reference<Organization>, roles);
  if (type === 'PractitionerRole') {
    const role = await readIfThere(medplum, reference as Reference<PractitionerRole>);
    return role?.active === false ? [] : behind(medplum, role?.practitioner, roles, depth + 1);
  }
  if (type !== 'CareTeam') return [];
  const team = await readIfThere(medplum, reference as Reference<CareTeam>);
  const people = [];
  for (const { member } of team?.participant ?? [])
    if (!member?.reference?.startsWith('Patient/'))
      people.push(...(await behind(medplum, member as Reference<Resource>, roles, depth + 1)));
  return people;
}

/** Practitioners with one of these roles: of an organisation, or of any. */
export async function peopleIn(
  medplum: MedplumClient,
  organization: Reference<Organization> | undefined,
  roles: readonly RoleName[],
): Promise<Reference<Person>[]> {
  if (roles.length === 0) return [];
  const role = roles.flatMap((name) => ROLES[name]).join(',');
  const query = new URLSearchParams({
    role,
    active: 'true',
    _count: String(RECIPIENTS_MAX),
    _sort: '_lastUpdated',
  });
  if (organization?.reference) query.set('organization', organization.reference);
  const found = await medplum.searchResources('PractitionerRole', query, { cache: 'reload' });
  const references = found.flatMap(({ practitioner }) => practitioner?.reference ?? []);
  return [...new Set(references)].filter(isPersonReference).map((reference) => ({ reference }));
}
