import type { JsonObject } from '../../fhir/resource.ts';
import type { ValidationState } from '../state.ts';

/**
 * What URIs must be beyond the form of their type, as HL7's validator has it. Only called where warnings are wanted too: a
 * write takes them as they are. What R4's own examples have is no more than a warning.
 */

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:./i;
const UUID = /^urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const OID = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/;
const URI_SYSTEM = 'urn:ietf:rfc:3986';

/** A `urn:uuid:` or `urn:oid:` with something else behind it. */
export function checkUri(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  uri: string,
  severity: 'error' | 'warning' = 'error',
): void {
  const isBad = uri.startsWith('urn:uuid:') ? !UUID.test(uri) : uri.startsWith('urn:oid:') && !OID.test(uri);
  // In a transaction it may stand for an entry, whatever its form.
  if (!isBad || state.resolve(uri) !== undefined) return;
  const text = `The element '${name}' begins as a UUID or an OID, but is none: write urn:uuid: with a UUID, or urn:oid: with an OID.`;
  state.report('uri-form', depth, name, index, text, severity);
}

/** The system of a Coding or an Identifier, which has no base that it could be relative to. */
export function checkSystem(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  system: string,
): void {
  if (ABSOLUTE.test(system)) return checkUri(state, depth, name, index, system);
  const text = `The element '${name}' must be an absolute URI, not a relative one: write the whole of it.`;
  state.report('system-relative', depth, name, index, text);
}

/** An Identifier whose system says that its value is a URI. */
export function checkIdentifier(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  { system, value }: JsonObject,
): void {
  if (system !== URI_SYSTEM || typeof value !== 'string' || ABSOLUTE.test(value)) return;
  const text = `The value of '${name}' must be an absolute URI, since its system is ${URI_SYSTEM}: write the whole of it, or correct the system.`;
  state.report('identifier-uri', depth, name, index, text, 'warning');
}

/** A canonical that does not name a contained resource. */
export function checkCanonical(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  canonical: string,
): void {
  if (ABSOLUTE.test(canonical)) {
    return checkUri(state, depth, name, index, canonical.split('|', 1)[0]!, 'warning');
  }
  const text = `The canonical '${name}' must be an absolute URL, or '#' and the id of a contained resource: write the whole of it.`;
  state.report('canonical-relative', depth, name, index, text, 'warning');
}
