import type { Answer } from '../../acceptance/support/client.ts';
import type { Seen, Write } from '../checker/history.ts';
import type { Learned } from './recorder.ts';
import { spelled } from './registers.ts';

/** Type and id at the end of a URL, perhaps with a version behind. */
const NAMED = /(\w+\/[^/]+?)(?:\/_history\/\d+)?$/;

export const keyIn = (url: string): string => NAMED.exec(url)![1]!;
export const versionIn = (etag: string | undefined): number | undefined => {
  const found = /^W\/"(\d+)"$/.exec(etag ?? '');
  return found ? Number(found[1]) : undefined;
};

/** The write of what a single request wrote. */
export function written(write: Write, { status, headers, text }: Answer): Write {
  const version = versionIn(headers.etag)!;
  const key = write.key ?? keyIn(headers.location!);
  return { ...write, key, version, created: status === 201, text: spelled(JSON.parse(text)) };
}

/** A resource in an answer. */
export function seenResource(resource: unknown): Seen {
  const { resourceType, id, meta } = resource as {
    resourceType: string;
    id: string;
    meta: { versionId: string };
  };
  return { key: `${resourceType}/${id}`, version: Number(meta.versionId), text: spelled(resource) };
}

/** A deletion, or that there was nothing to delete. */
export function deleted(write: Write & { key: string }, version: number | undefined): Learned {
  if (version !== undefined) return { writes: [{ ...write, version }] };
  return { writes: [], views: [[{ key: write.key, version: 'absent' }]] };
}

/** What a refusal tells of a resource, if anything. */
export function refusal(key: string, { status, headers, text }: Answer): Learned {
  const seen = (version: Seen['version']): Learned => ({ views: [[{ key, version }]] });
  if (status === 412) {
    const version = /is at version (\d+)/.exec(text)?.[1];
    if (version !== undefined) return seen(Number(version));
    if (/does not exist|No resource satisfies/.test(text)) return seen('absent');
    throw new Error('a precondition was refused without a version');
  }
  if (status === 404 || status === 410) return seen(versionIn(headers.etag) ?? 'absent');
  return {};
}
