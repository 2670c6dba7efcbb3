import type { Definitions } from '../../fhir/definitions/types.ts';
import type { Records } from '../../records/records.ts';
import type { Interaction } from '../http/types.ts';

export interface CapabilitySettings {
  base: string;
  /** Version of this software. */
  softwareVersion: string;
  /** When this process started: the statement describes it. */
  date: Date;
}

const TYPE_INTERACTIONS = [
  'read',
  'vread',
  'update',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
];
const SYSTEM_INTERACTIONS = ['transaction', 'batch', 'history-system'];

/** GET metadata (http://hl7.org/fhir/R4/http.html#capabilities): made from what the server really does. */
export function capabilitiesInteraction(
  records: Records,
  definitions: Definitions,
  settings: CapabilitySettings,
): Interaction {
  let text: string | undefined;
  return async () => {
    text ??= JSON.stringify(capabilityStatement(records, definitions, settings));
    return { status: 200, body: text };
  };
}

function capabilityStatement(records: Records, definitions: Definitions, settings: CapabilitySettings) {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: settings.date.toISOString(),
    kind: 'instance',
    software: { name: 'MaxRay', version: settings.softwareVersion },
    implementation: { description: 'MaxRay FHIR server', url: settings.base },
    fhirVersion: definitions.fhirVersion,
    format: ['application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server',
        documentation: 'Reachable from this machine only, without sign-in.',
        security: { cors: true },
        resource: definitions.resourceTypes.map((type) => resourceCapability(records, type)),
        interaction: SYSTEM_INTERACTIONS.map((code) => ({ code })),
      },
    ],
  };
}

function resourceCapability(records: Records, type: string) {
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: TYPE_INTERACTIONS.map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: false,
    conditionalRead: 'full-support',
    conditionalUpdate: false,
    conditionalDelete: 'not-supported',
    searchParam: records
      .searchParameters(type)
      .map(({ code, url, type: kind }) => ({ name: code, definition: url, type: kind })),
  };
}
