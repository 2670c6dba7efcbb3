import { isId } from '../../fhir/id.ts';

/** Path of the viewer below the root of a store. */
export const VIEWER_PATH = '/viewer';

/** What a URL of the viewer asks for. */
export type ViewerUrl =
  /** A file of the page. */
  | { kind: 'asset'; name: string }
  /** The page of a study; `ticket` begins a visit. */
  | { kind: 'page'; studyId: string; ticket?: string }
  /** What the page itself asks for; `url` is that of the service which has it, below the root. */
  | { kind: 'data'; studyId: string; service: 'fhir' | 'dicomweb'; url: string };

/** No FHIR id has an underscore. */
const ASSETS = '_assets/';
const TICKET = /^ticket=([A-Za-z0-9_-]{32})$/;
/** Of FHIR the page reads studies and whose they are, and a visit opens nothing else. */
const FHIR = /^\/fhir\/R4\/(?:ImagingStudy|Patient)(?:\/[A-Za-z0-9.-]{1,64})?(?:\?|$)/;
const DICOMWEB = /^\/dicomweb\/studies\//;

/**
 * Reads the target of a request. Paths are compared as they were sent: what is percent-encoded is part of none.
 *
 * @returns undefined for a URL that is none of the viewer; 'unknown' for one below it that asks for nothing that there is
 */
export function viewerUrl(target: string): ViewerUrl | 'unknown' | undefined {
  if (!target.startsWith(`${VIEWER_PATH}/`)) return undefined;
  const below = target.slice(VIEWER_PATH.length + 1);
  if (below.startsWith(ASSETS)) return { kind: 'asset', name: below.split('?')[0]! };
  const [studyId = ''] = below.split(/[/?]/, 1);
  if (!isId(studyId)) return 'unknown';
  const rest = below.slice(studyId.length);
  if (FHIR.test(rest)) return { kind: 'data', studyId, service: 'fhir', url: rest };
  if (DICOMWEB.test(rest)) return { kind: 'data', studyId, service: 'dicomweb', url: rest };
  if (rest.startsWith('/')) return 'unknown';
  const [, ticket] = TICKET.exec(rest.slice(1)) ?? [];
  return { kind: 'page', studyId, ...(ticket !== undefined && { ticket }) };
}
