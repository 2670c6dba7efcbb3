import type { Resource } from '@medplum/fhirtypes';

/** Resources that are said to have been written at the same time, as those of one transaction are. */
const RESOURCES_PER_INSTANT = 200;
const INSTANT_MS = 25;
const FIRST_INSTANT_MS = Date.UTC(2026, 0, 1);

/** When the resource of this place in the plan is said to have been written; ISO 8601. */
export const updatedOf = (place: number): string =>
  new Date(FIRST_INSTANT_MS + Math.floor(place / RESOURCES_PER_INSTANT) * INSTANT_MS).toISOString();

/** The text that a server stores: version and time in it, so that floor and server answer with as many bytes. */
export const storedText = ({ resourceType, id, meta, ...rest }: Resource, updated: string): string =>
  JSON.stringify({ resourceType, id, meta: { versionId: '1', lastUpdated: updated, ...meta }, ...rest });
