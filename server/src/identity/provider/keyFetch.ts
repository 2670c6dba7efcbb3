import { errors } from 'oidc-provider';

/** Longest key set of a client, in bytes. */
export const JWKS_BYTES_MAX = 64 * 1024;
type Fetch = typeof fetch;

const refuse = (text: string): Promise<never> => Promise.reject(new errors.InvalidClientMetadata(text));

/**
 * Fetches key sets of clients: without following redirects, for 2.5 s at most (the provider's signal), over https, and from public addresses only (the provider's dispatcher
 * sees to that). The origins of `private` are believed to be ours, and may be anywhere and without https.
 */
export function keyFetch(privateOrigins: readonly string[], fetchIt: Fetch = fetch): Fetch {
  const known = new Set(privateOrigins);
  return (target, options) => {
    const url = target instanceof Request ? target.url : target;
    const { origin, protocol } = new URL(url);
    if (!known.has(origin)) {
      if (protocol !== 'https:') return refuse('jwks_uri must be an https URL');
      // The provider goes on without, where it could not make one.
      if (!options || !('dispatcher' in options)) return refuse('jwks_uri cannot be fetched safely');
      return fetchIt(url, { ...options, redirect: 'error' });
    }
    const { dispatcher: _publicOnly, ...rest } = (options ?? {}) as RequestInit & { dispatcher?: unknown };
    return fetchIt(url, { ...rest, redirect: 'error' });
  };
}
