import type { Bundle, ElementDefinition, SearchParameter, StructureDefinition } from '@medplum/fhirtypes';

/**
 * Who uses the server and what they may do, as resources: the types of @medplum/fhirtypes, so that its clients can read them.
 * R4 does not have them; only administrators see them.
 */
const RESOURCES = ['AccessPolicy', 'Bot', 'ClientApplication', 'Project', 'ProjectMembership', 'User'];
const PARTS = ['IdentityProvider'];
const URL_PREFIX = 'https://medplum.com/';
const STRUCTURE_PREFIX = `${URL_PREFIX}fhir/StructureDefinition/`;
const HL7_STRUCTURE_PREFIX = 'http://hl7.org/fhir/StructureDefinition/';
/** Needs the resource behind a reference. */
const NOT_SEARCHABLE = ['profile-type'];

/** Of these types, and nothing else of the package. */
export function administrativeStructures(bundle: Bundle): StructureDefinition[] {
  const wanted = new Set([...PARTS, ...RESOURCES].map((name) => STRUCTURE_PREFIX + name));
  return resources(bundle)
    .filter((one): one is StructureDefinition => one.resourceType === 'StructureDefinition')
    .filter(({ url = '' }) => wanted.has(url))
    .map(asHl7Writes);
}

/** Those of these types alone. */
export function administrativeParameters(bundle: Bundle): SearchParameter[] {
  return resources(bundle)
    .filter((one): one is SearchParameter => one.resourceType === 'SearchParameter')
    .filter(
      ({ code = '', base = [] }) =>
        base.every((type) => RESOURCES.includes(type)) && !NOT_SEARCHABLE.includes(code),
    );
}

/** Its own value sets and code systems; those that quote others stay out. */
export function administrativeTerminology(bundle: Bundle): Bundle {
  const entry = bundle.entry?.filter(({ resource }) =>
    (resource as { url?: string }).url?.startsWith(URL_PREFIX),
  );
  return { ...bundle, entry: entry ?? [] };
}

const resources = (bundle: Bundle) => (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);

/** With what HL7's snapshots have and these leave out: ids as such, ids and extensions of the parts, R4's prefix of all types. */
function asHl7Writes(source: StructureDefinition): StructureDefinition {
  const element = source.snapshot?.element.flatMap((one) => [withIdType(one), ...ownParts(one)]);
  const text = JSON.stringify({ ...source, snapshot: { element } });
  return JSON.parse(text.replaceAll(STRUCTURE_PREFIX, HL7_STRUCTURE_PREFIX)) as StructureDefinition;
}

function withIdType(element: ElementDefinition): ElementDefinition {
  return /^[A-Z]\w+\.id$/.test(element.path) ? { ...element, type: [{ code: 'id' }] } : element;
}

function ownParts({ path, type }: ElementDefinition): ElementDefinition[] {
  if (type?.[0]?.code !== 'BackboneElement') return [];
  const part = (name: string, max: string, code: string): ElementDefinition => ({
    path: `${path}.${name}`,
    min: 0,
    max,
    type: [{ code }],
  });
  return [
    part('id', '1', 'string'),
    part('extension', '*', 'Extension'),
    part('modifierExtension', '*', 'Extension'),
  ];
}
