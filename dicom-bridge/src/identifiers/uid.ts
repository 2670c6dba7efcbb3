import { createHash, randomUUID } from 'node:crypto';

/** DICOM PS3.5 section 9.1: at most so many characters, digits and dots only. */
export const UID_CHARS_MAX = 64;

const UID = /^(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+$/;
/** ISO/IEC 8824-1 and 9834-1: roots 0 (ITU-T) and 1 (ISO) have arcs 0 to 39 below them, root 2 has any. */
const ROOT_MAX = 2;
const SECOND_ARC_MAX = 39;
/** Root under which every UUID is a UID (PS3.5 annex B.2). */
const UUID_ROOT = '2.25';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Is this a DICOM UID: at most 64 characters, two components or more, none with a leading zero, under a root
 * that exists? UIDs arrive from the network and end up in file names and addresses: let none through unchecked.
 */
export function isUid(text: string): boolean {
  if (text.length > UID_CHARS_MAX || !UID.test(text)) return false;
  const [root, second] = text.split('.', 2).map(Number) as [number, number];
  return root <= ROOT_MAX && (root === ROOT_MAX || second <= SECOND_ARC_MAX);
}

/** The UID of a UUID: `2.25.` and the UUID as one decimal number. Throws RangeError when it is no UUID. */
export function uidOfUuid(uuid: string): string {
  if (!UUID.test(uuid)) throw new RangeError('Not a UUID.');
  return `${UUID_ROOT}.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`;
}

/** A UID that nobody has used before. */
export function newUid(): string {
  return uidOfUuid(randomUUID());
}

/**
 * Always the same UID for the same name in a name space, and another one for every other name: by way of a
 * name-based UUID (RFC 9562 section 5.5). So an order keeps its Study Instance UID however often it is asked for.
 * Throws RangeError when the name space is no UUID.
 */
export function uidOfName(namespaceUuid: string, name: string): string {
  if (!UUID.test(namespaceUuid)) throw new RangeError('The name space is not a UUID.');
  const namespace = Buffer.from(namespaceUuid.replaceAll('-', ''), 'hex');
  const bytes = createHash('sha1').update(namespace).update(name, 'utf8').digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50; // version 5
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80; // variant of RFC 9562
  return `${UUID_ROOT}.${BigInt(`0x${bytes.toString('hex')}`)}`;
}

/** How FHIR writes a UID in an identifier of system `urn:dicom:uid`. Throws RangeError when it is no UID. */
export function urnOfUid(uid: string): string {
  if (!isUid(uid)) throw new RangeError('Not a DICOM UID.');
  return `urn:oid:${uid}`;
}
