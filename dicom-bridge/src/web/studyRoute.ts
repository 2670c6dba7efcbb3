import type { StudyErasures } from '../erasure/studyErasures.ts';
import { isUid } from '../identifiers/uid.ts';
import { ApiError } from './apiError.ts';
import type { Route } from './internalApi.ts';

const STUDY = /^\/studies\/([^/]{1,64})$/;
const ERASURE = /^[A-Za-z0-9\-.]{1,64}$/;

/** How far the erasure of a study is. */
export interface ErasureAnswer {
  state: 'removing' | 'removed';
  /** Objects that are not gone yet. */
  objects: number;
}

/**
 * `DELETE /studies/[Study Instance UID]?erasure=[id]`: all that there is of a study goes, for good. It is noted when this is answered, and asked for again to see
 * how far it is: the same erasure is done once, and what comes of the study afterwards stays.
 */
export function studyRoute(erasures: Pick<StudyErasures, 'erase'>): Route {
  // eslint-disable-next-line @typescript-eslint/require-await -- the type of a route: this one has nothing to wait for
  return async ({ method, url }, response) => {
    const { pathname, searchParams } = new URL(url ?? '/', 'http://bridge');
    const [, uid] = STUDY.exec(pathname) ?? [];
    if (method !== 'DELETE' || uid === undefined) return false;
    if (!isUid(uid)) throw new ApiError(400, 'The address names no Study Instance UID.');
    const erasure = searchParams.get('erasure') ?? '';
    if (!ERASURE.test(erasure)) throw new ApiError(400, 'The parameter erasure is no id.');
    const left = erasures.erase(uid, erasure);
    const answer: ErasureAnswer = { state: left === undefined ? 'removed' : 'removing', objects: left ?? 0 };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    return true;
  };
}
