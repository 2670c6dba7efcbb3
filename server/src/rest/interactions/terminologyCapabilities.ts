import type { KnownSystem, TerminologyRecords } from '../../records/terminology.ts';
import type { Interaction } from '../http/types.ts';
import type { CapabilitySettings } from './capabilities.ts';

/** What `$expand` takes and what it means here. */
const EXPANSION_PARAMETERS = [
  'activeOnly',
  'check-system-version',
  'count',
  'default-valueset-version',
  'designation',
  'displayLanguage',
  'exclude-system',
  'excludeNested',
  'excludeNotForUI',
  'filter',
  'force-system-version',
  'includeDefinition',
  'includeDesignations',
  'offset',
  'property',
  'system-version',
  'tx-resource',
  'useSupplement',
  'versionsMatch',
];

/**
 * GET metadata, of which `?mode=terminology` asks for what is known of terminology
 * (http://hl7.org/fhir/R4/terminologycapabilities.html), and all else is left to the other interaction.
 */
export function withTerminologyMode(
  other: Interaction,
  terminology: TerminologyRecords,
  settings: Omit<CapabilitySettings, 'conditionalDeletesMax' | 'oauth'>,
): Interaction {
  return async (request) => {
    const [, mode] = request.query.find(([name]) => name === 'mode') ?? [];
    if (mode !== 'terminology') return other(request);
    const systems = await terminology.systems(request.caller);
    return { status: 200, body: JSON.stringify(statement(systems, settings)) };
  };
}

function statement(
  systems: readonly KnownSystem[],
  { base, softwareVersion, date }: Omit<CapabilitySettings, 'conditionalDeletesMax' | 'oauth'>,
) {
  return {
    resourceType: 'TerminologyCapabilities',
    url: `${base}/metadata?mode=terminology`,
    version: softwareVersion,
    name: 'MaxRayTerminology',
    title: 'What MaxRay knows of code systems and value sets',
    status: 'active',
    date: date.toISOString(),
    description: 'Code systems that are stored here, come with FHIR R4, or were loaded from releases.',
    kind: 'instance',
    software: { name: 'MaxRay', version: softwareVersion },
    implementation: { description: 'MaxRay FHIR server', url: base },
    lockedDate: false,
    codeSystem: systems.map(({ url, versions }) => ({
      uri: url,
      ...(versions.length > 0 && { version: versions.map((code) => ({ code })) }),
      subsumption: true,
    })),
    expansion: {
      hierarchical: true,
      paging: true,
      incomplete: false,
      parameter: EXPANSION_PARAMETERS.map((name) => ({ name })),
      textFilter: 'Each word of the filter begins one of the words of a display, a designation or the code.',
    },
    codeSearch: 'all',
    validateCode: { translations: true },
    translation: { needsMap: false },
    closure: { translation: false },
  };
}
