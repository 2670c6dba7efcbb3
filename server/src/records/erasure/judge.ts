import type { Definitions } from '../../fhir/definitions/types.ts';
import type { NamedHere } from '../../fhir/links/namedHere.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';

/**
 * What becomes of a resource: `erase`: all of its versions go; `keep`: what names the erased goes from it, and superseded versions
 * that name them; `ask`: it is of several patients and cannot be taken apart: whoever erases has to name it.
 */
export type Fate = 'erase' | 'keep' | 'ask';

/** They are about things and people besides a patient, also where they name but one. */
const NEVER_OF_ONE: ReadonlySet<string> = new Set([
  'AccessPolicy',
  'AuditEvent',
  'ClientApplication',
  'Device',
  'Group',
  'Location',
  'Organization',
  'Practitioner',
  'PractitionerRole',
  'Project',
  'ProjectMembership',
  'Schedule',
  'User',
]);

/** They have no patient of their own, and are about one alone where they name but one. */
const ALSO_OF_ONE: ReadonlySet<string> = new Set(['Binary', 'Subscription']);

/** A label that keeps a resource, and so its patient, from being erased. */
export const HOLD_SYSTEM = 'https://maxray.example/fhir/CodeSystem/erasure';
export const HOLD_CODE = 'legal-hold';

/** Decides by what resources say. */
export class ErasureJudge {
  readonly #definitions: Definitions;
  readonly #named: NamedHere;

  constructor(definitions: Definitions, named: NamedHere) {
    this.#definitions = definitions;
    this.#named = named;
  }

  /** A resource that names the patient. @param patient `Patient/1` */
  naming(resource: Resource, patient: string): Fate {
    const { resourceType: type, id } = resource;
    const name = `${type}/${id}`;
    if (name === patient) return 'erase';
    if (type === 'Patient') return 'keep';
    if (type === 'ProjectMembership') return this.#profileOf(resource) === patient ? 'erase' : 'keep';
    if (NEVER_OF_ONE.has(type)) return 'keep';
    const isShared = this.links(resource).some((link) => link.startsWith('Patient/') && link !== patient);
    if (type === 'Bundle') return isShared ? 'ask' : 'erase';
    return !isShared && this.#belongsToPatients(type) ? 'erase' : 'keep';
  }

  /** A resource that names what is erased, but not the patient. */
  referring(resource: Resource, isErased: (name: string) => boolean): Fate {
    const { resourceType: type } = resource;
    if (type === 'ProjectMembership') {
      const profile = this.#profileOf(resource);
      return profile !== undefined && isErased(profile) ? 'erase' : 'keep';
    }
    if (type !== 'Provenance') return 'keep';
    const targets = (resource.target as JsonObject[] | undefined) ?? [];
    const names = targets.map(({ reference }) =>
      typeof reference === 'string' ? this.#named.in(reference)[0] : undefined,
    );
    return names.every((name) => name !== undefined && isErased(name)) ? 'erase' : 'keep';
  }

  /** `User/1`, whose membership it is. */
  userOf(membership: Resource): string | undefined {
    return this.#referenceIn(membership.user);
  }

  isHeld({ meta }: Resource): boolean {
    const labels = [...((meta?.security as JsonObject[]) ?? []), ...((meta?.tag as JsonObject[]) ?? [])];
    return labels.some(({ system, code }) => system === HOLD_SYSTEM && code === HOLD_CODE);
  }

  /** Names of all that a resource refers to here, anywhere in it. */
  links(resource: Resource): string[] {
    const links = new Set<string>();
    const visit = (value: unknown): void => {
      if (typeof value === 'string') for (const name of this.#named.in(value)) links.add(name);
      if (typeof value !== 'object' || value === null) return;
      for (const part of Object.values(value)) visit(part);
    };
    visit(resource);
    return [...links];
  }

  #profileOf({ profile }: Resource): string | undefined {
    return this.#referenceIn(profile);
  }

  #referenceIn(value: unknown): string | undefined {
    const reference = (value as { reference?: unknown } | undefined)?.reference;
    return typeof reference === 'string' ? this.#named.in(reference)[0] : undefined;
  }

  /** In the compartment (http://hl7.org/fhir/R4/compartmentdefinition-patient.html), or with a patient or subject that may be one. */
  #belongsToPatients(type: string): boolean {
    if ((this.#definitions.compartment('Patient')?.resource.get(type)?.length ?? 0) > 0) return true;
    const isOfPatient = (code: string) =>
      this.#definitions.searchParameter(type, code)?.target?.includes('Patient') ?? false;
    return isOfPatient('patient') || isOfPatient('subject') || ALSO_OF_ONE.has(type);
  }
}
