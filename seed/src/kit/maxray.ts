import type { Extension, Identifier, Location, Meta, Reference } from '@medplum/fhirtypes';
import type { Code } from './concept.ts';
import { quantity } from './concept.ts';

/** Begins the canonical URL of everything that MaxRay defines (fhir-profiles/). */
const MAXRAY = 'https://maxray.example/fhir';
const structure = (id: string): string => `${MAXRAY}/StructureDefinition/maxray-${id}`;

/** A code of MaxRay's own, e.g. of `service`. */
export const maxray = (system: string, code: string, display: string): Code => ({
  system: `${MAXRAY}/CodeSystem/maxray-${system}`,
  code,
  display,
});

/** What a resource says that keeps to one of MaxRay's profiles, e.g. `claim`. */
export const claiming = (profile: string): Meta => ({ profile: [structure(profile)] });

/** Under which title a device speaks DICOM. */
export const aeTitle = (value: string): Identifier => ({ system: `${MAXRAY}/sid/ae-title`, value });

/** Binds a consultation to a place. */
export const geofence = (place: Reference<Location>): Extension => ({
  url: structure('geofence'),
  valueReference: place,
});

/** How far a place reaches. */
export const geofenceRadius = (metres: number): Extension => ({
  url: structure('geofence-radius'),
  valueQuantity: quantity(metres, 'm'),
});
