import { randomUUID } from 'node:crypto';
import { fhirError } from '../../fhir/outcome.ts';
import type { ByteRange } from './blobStore.ts';

const KEY = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A new key: random, so that it says nothing of its content and cannot be guessed. */
export const newBlobKey = (): string => randomUUID();

/** Whether a name is one that this server made. What is not never reaches a path or a URL. */
export const isBlobKey = (name: string): boolean => KEY.test(name);

/** The answer for a key without content. */
export const blobNotFound = () =>
  fhirError('not-found', 'not-found', 'The content of this Binary is not in the blob storage.');

/** @throws FhirError `not-found` for what cannot be a key. */
export function requireBlobKey(key: string): void {
  if (!isBlobKey(key)) throw blobNotFound();
}

/**
 * Fits a range to content of a known length.
 * @throws FhirError `incorrect` where nothing of the content lies in it.
 */
export function fitRange(range: ByteRange | undefined, bytesTotal: number): ByteRange | undefined {
  if (range === undefined) return undefined;
  const { start } = range;
  const end = Math.min(range.end, bytesTotal - 1);
  if (!Number.isSafeInteger(start) || start < 0 || end < start) throw rangeNotSatisfiable(bytesTotal);
  return { start, end };
}

/** The answer for a range that lies beyond the content. */
export const rangeNotSatisfiable = (bytesTotal: number) =>
  fhirError('incorrect', 'value', `The content has ${bytesTotal} bytes: the range asked for is not in it.`);
