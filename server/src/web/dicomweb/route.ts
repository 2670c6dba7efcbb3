import { isUid } from '@maxray/dicom-bridge/uid';
import { fhirError, type FhirError } from '../../fhir/outcome.ts';
import type { Level } from '../../imaging/search/attributes.ts';
import { notThere, type StudyPath } from '../../imaging/studies.ts';
import { MethodNotAllowedError } from '../../rest/router.ts';
import type { UploadRoute } from './uploads.ts';

/** What is retrieved of a study, a series, an instance or frames. */
export type Representation = 'objects' | 'metadata' | 'rendered' | 'thumbnail' | 'frames' | 'bulk';

/** What a URL below the service asks for (PS3.18 tables 10.4.1-1 to 10.4.1-6, 10.5.1-1, 10.6.1-1). */
export type Route =
  | { kind: 'capabilities' }
  | { kind: 'search'; level: Level; path: Partial<StudyPath> }
  | { kind: 'store'; study?: string }
  | UploadRoute
  | RetrieveRoute;

export interface RetrieveRoute {
  kind: 'retrieve';
  representation: Representation;
  path: StudyPath;
  /** Numbers from 1; absent: all of them. */
  frames?: number[];
  /** Of a bulk value, as the bridge's metadata has it. */
  bulkPath?: string;
}

/** Frames that one request may name. */
export const FRAMES_MAX = 1_000;
/** Digits alone: what JavaScript takes for numbers besides (`0x1`, `1e0`) are none here. */
const FRAME = /^0*[1-9]\d{0,9}$/;
const LEVEL_OF: Readonly<Record<string, Level>> = {
  studies: 'study',
  series: 'series',
  instances: 'instance',
};
const REPRESENTATIONS = new Set<string>(['metadata', 'rendered', 'thumbnail']);

/**
 * Reads a path below the service. It is compared as it was sent: what is percent-encoded is part of no route, so nothing of it can reach another URL.
 *
 * @param path begins with a slash, or is empty
 * @throws FhirError `not-found`, `method-not-allowed`
 */
export function route(method: string, path: string): Route {
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  if (method === 'OPTIONS') return { kind: 'capabilities' };
  if (segments.length === 0) throw new MethodNotAllowedError([]);
  if (segments[0] === 'uploads') return upload(method, segments);
  const stored = stores(segments);
  if (method === 'POST' && stored) return stored;
  return only(method, stored ? ['GET', 'POST'] : ['GET'], search(segments) ?? retrieve(segments));
}

/** @throws FhirError `not-found`, MethodNotAllowedError */
function upload(method: string, [, id, ...more]: string[]): UploadRoute {
  if (more.length > 0) throw notHere();
  const allowed = id === undefined ? (['POST'] as const) : (['HEAD', 'PATCH', 'DELETE'] as const);
  const found = allowed.find((one) => one === method);
  if (!found) throw new MethodNotAllowedError(allowed);
  return { kind: 'upload', method: found, ...(id !== undefined && { id }) };
}

/** All studies, or one. */
function stores([studies, study, ...more]: string[]): Route | undefined {
  if (studies !== 'studies' || more.length > 0) return undefined;
  return study === undefined ? { kind: 'store' } : { kind: 'store', study: uidIn(study) };
}

/** A path whose last part names a level, and no more. */
function search(segments: readonly string[]): Route | undefined {
  const level = LEVEL_OF[segments.at(-1)!];
  if (level === undefined) return undefined;
  const [first, study, second, series] = segments;
  if (segments.length === 1) return { kind: 'search', level, path: {} };
  if (first !== 'studies' || level === 'study') throw notHere();
  if (segments.length === 3) return { kind: 'search', level, path: { study: uidIn(study) } };
  if (segments.length !== 5 || second !== 'series' || level !== 'instance') throw notHere();
  return { kind: 'search', level, path: { study: uidIn(study), series: uidIn(series) } };
}

function retrieve(segments: readonly string[]): RetrieveRoute {
  const path: Partial<StudyPath> = {};
  const rest = [...segments];
  for (const [name, member] of [
    ['studies', 'study'],
    ['series', 'series'],
    ['instances', 'instance'],
  ] as const) {
    if (rest[0] !== name) break;
    path[member] = uidIn(rest[1]);
    rest.splice(0, 2);
  }
  const { study } = path;
  if (study === undefined) throw notHere();
  return ofResource({ ...path, study }, rest);
}

function ofResource(path: StudyPath, [what, ...rest]: readonly string[]): RetrieveRoute {
  const kind = 'retrieve';
  if (what === undefined) return { kind, representation: 'objects', path };
  if (rest.length === 0 && REPRESENTATIONS.has(what))
    return { kind, representation: what as Representation, path };
  if (path.instance === undefined) throw notHere();
  if (what === 'bulkdata' && rest.length > 0)
    return { kind, representation: 'bulk', path, bulkPath: rest.join('/') };
  if (what !== 'frames' || rest.length > 2) throw notHere();
  const [list, how = 'frames'] = rest;
  if (how !== 'frames' && how !== 'rendered' && how !== 'thumbnail') throw notHere();
  if (list === undefined) return { kind, representation: 'frames', path };
  return { kind, representation: how, path, frames: framesIn(list) };
}

/** What is no UID names nothing. */
function uidIn(text = ''): string {
  if (!isUid(text)) throw notThere();
  return text;
}

function framesIn(list: string): number[] {
  const written = list.replaceAll(/%2c/gi, ',').split(',');
  if (!written.every((one) => FRAME.test(one)))
    throw fhirError('incorrect', 'value', 'Frames are numbers from 1, with commas between them.');
  if (written.length > FRAMES_MAX)
    throw fhirError('incorrect', 'too-long', `One request takes ${FRAMES_MAX} frames at most: send several.`);
  return written.map(Number);
}

/** @param allowed without HEAD and OPTIONS @throws MethodNotAllowedError */
function only<T>(method: string, allowed: readonly string[], found: T): T {
  if (!allowed.includes(method === 'HEAD' ? 'GET' : method)) throw new MethodNotAllowedError(allowed);
  return found;
}

const notHere = (): FhirError =>
  fhirError(
    'not-found',
    'not-found',
    'There is nothing at this URL: it is no resource of DICOMweb (PS3.18 section 10) that this server has.',
  );
