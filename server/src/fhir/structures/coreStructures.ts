import type { Bundle, StructureDefinition } from '@medplum/fhirtypes';
import { correctedElements } from '../definitions/corrections.ts';
import { compactStructure, type Structure } from './structure.ts';

const FHIR_VERSION = '4.0.1';
const FILE_NAME = /^[A-Za-z0-9.-]{1,100}$/;

/**
 * R4's own StructureDefinitions, with their snapshots only, by the last part of their URL, which is unique among them.
 *
 * @param bundles HL7's published bundles, parsed
 */
export function coreStructures(bundles: readonly Bundle[]): Map<string, Structure> {
  const structures = new Map<string, Structure>();
  for (const entry of bundles.flatMap((bundle) => bundle.entry ?? [])) {
    const resource = entry.resource;
    if (resource?.resourceType !== 'StructureDefinition' || resource.fhirVersion !== FHIR_VERSION) continue;
    const name = coreStructureName(resource.url);
    if (name !== undefined) structures.set(name, compact(resource));
  }
  return structures;
}

/** The name under which a definition is kept; undefined where R4 can have none with this URL. */
export function coreStructureName(url: string): string | undefined {
  const name = url.slice(url.lastIndexOf('/') + 1);
  return FILE_NAME.test(name) && !name.startsWith('.') ? name : undefined;
}

function compact(definition: StructureDefinition): Structure {
  const { differential: _differential, snapshot, ...rest } = definition;
  const elements = correctedElements(snapshot?.element ?? []);
  return compactStructure({ ...rest, snapshot: { element: elements } } as StructureDefinition);
}
