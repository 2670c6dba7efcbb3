import type { ImplementationGuide } from '@medplum/fhirtypes';
import { CANONICAL_BASE, type ProfileResource } from './definitions.ts';

const ID = 'maxray';

/** The guide that all of MaxRay's definitions belong to (http://hl7.org/fhir/R4/implementationguide.html), of their version. */
export function implementationGuide(
  definitions: readonly ProfileResource[],
): ImplementationGuide & { id: string } {
  const { version, date, fhirVersion } = definitions.find(
    (one) => one.resourceType === 'StructureDefinition',
  )! as { version: string; date: string; fhirVersion: '4.0.1' };
  return {
    resourceType: 'ImplementationGuide',
    id: ID,
    url: `${CANONICAL_BASE}/ImplementationGuide/${ID}`,
    version,
    name: 'MaxRay',
    title: 'MaxRay',
    status: 'active',
    experimental: false,
    date,
    publisher: 'MaxRay',
    description:
      'Profiles, extensions, value sets, code systems and search parameters of telehealth, emergency care and X-ray in the field.',
    packageId: 'maxray',
    license: 'Apache-2.0',
    fhirVersion: [fhirVersion],
    definition: { resource: Array.from(definitions, part) },
  };
}

const part = ({ resourceType, id, name, description }: ProfileResource) => ({
  reference: { reference: `${resourceType}/${id}` },
  ...(name !== undefined && { name }),
  ...(description !== undefined && { description }),
  exampleBoolean: false,
});
