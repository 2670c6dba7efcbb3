import { coveredByAny, parseResourceScope, type ResourceScope } from '../../fhir/smart/scope.ts';
import type { GrantType, OAuthClient } from '../ports.ts';

/** Scopes that are not about resources (SMART App Launch 2.2, "Scopes for requesting identity data" and "... context data"). */
export const IDENTITY_SCOPES = [
  'openid',
  'profile',
  'email',
  'fhirUser',
  'launch',
  'launch/patient',
  'online_access',
  'offline_access',
] as const;

/** Scopes of a request after which the rest is not looked at. */
const SCOPES_MAX = 200;

/** What a client may ask for where it has no list of its own; policies limit that further. */
const CONTEXTS: Readonly<Record<'user' | 'system', ReadonlySet<ResourceScope['context']>>> = {
  user: new Set(['patient', 'user']),
  system: new Set(['system']),
};

const words = (scope: string | undefined): string[] => (scope ?? '').split(' ').filter(Boolean);

/**
 * Of the scopes that were asked for, those that the client may have: a request for what it may not have is granted without that
 * (RFC 6749, 3.3). A scope about resources must lie within those of the client; `system/` goes with client_credentials alone.
 */
export function allowedScopes(client: OAuthClient, asked: string | undefined, grant: GrantType): string[] {
  const side = grant === 'client_credentials' ? 'system' : 'user';
  const listed = client.scopes && new Set(client.scopes);
  const granted = [...(listed ?? [])].flatMap((scope) => parseResourceScope(scope) ?? []);
  return words(asked)
    .slice(0, SCOPES_MAX)
    .filter((scope) => {
      const resource = parseResourceScope(scope);
      if (resource)
        return CONTEXTS[side].has(resource.context) && (!listed || coveredByAny(granted, resource));
      const known = side === 'user' && (IDENTITY_SCOPES as readonly string[]).includes(scope);
      return known && (!listed || listed.has(scope));
    });
}

/** Whether a scope can only be granted together with a patient. */
export const isAboutOnePatient = (scope: string): boolean =>
  scope === 'launch/patient' || parseResourceScope(scope)?.context === 'patient';

/** What a client gets by client_credentials that does not say what it wants. */
export function defaultSystemScopes(client: OAuthClient): string[] {
  const scopes = client.defaultScopes ?? client.scopes;
  if (scopes === undefined) return ['system/*.cruds'];
  return scopes.filter((scope) => parseResourceScope(scope)?.context === 'system');
}
