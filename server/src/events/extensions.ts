import type { JsonObject } from '../fhir/resource.ts';

/** An extension as plain JSON. */
export type Extension = JsonObject & { url?: string; extension?: Extension[] };

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-';

/** Extensions of the Subscriptions R5 Backport guide (http://hl7.org/fhir/uv/subscriptions-backport/STU1.1). */
export const BACKPORT_EXTENSIONS = {
  filterCriteria: `${BACKPORT}filter-criteria`,
  payloadContent: `${BACKPORT}payload-content`,
  heartbeatPeriod: `${BACKPORT}heartbeat-period`,
  timeout: `${BACKPORT}timeout`,
  maxCount: `${BACKPORT}max-count`,
  channelType: `${BACKPORT}channel-type`,
} as const;

/** The extensions of an element, or of the companion of a primitive (`_criteria`). */
export function extensionsOf(element: unknown): Extension[] {
  const { extension } = (element ?? {}) as { extension?: unknown };
  return Array.isArray(extension) ? (extension as Extension[]) : [];
}

export const withUrl = (element: unknown, url: string): Extension[] =>
  extensionsOf(element).filter((one) => one.url === url);

/** The value of an extension, whatever its type. */
export function valueOf(extension: Extension | undefined): unknown {
  const name = Object.keys(extension ?? {}).find((key) => key.startsWith('value'));
  return name === undefined ? undefined : extension![name];
}

/** The value of an extension, where that is text. */
export function textOf(extension: Extension | undefined): string | undefined {
  const value = valueOf(extension);
  return typeof value === 'string' ? value : undefined;
}

const TYPE_URL = 'http://hl7.org/fhir/StructureDefinition/';

/** A type of resources: `Encounter`, or the URL of its definition. */
export function typeOf(extension: Extension | undefined): string | undefined {
  const text = textOf(extension);
  return text?.startsWith(TYPE_URL) === true ? text.slice(TYPE_URL.length) : text;
}

export function textValue(element: unknown, url: string): string | undefined {
  return textOf(withUrl(element, url)[0]);
}

export function wholeValue(element: unknown, url: string): number | undefined {
  const value = valueOf(withUrl(element, url)[0]);
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}
