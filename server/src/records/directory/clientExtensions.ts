import type { ClientApplication, Extension } from '@medplum/fhirtypes';
import type { ClientAuthentication, NewClient, OAuthClient } from '../../identity/ports.ts';

const BASE = 'https://maxray.example/fhir/StructureDefinition/maxray-client-';

/** What a ClientApplication has no elements for: extensions of it, each with a simple value. */
type Extended = Pick<
  OAuthClient,
  | 'authentication'
  | 'firstParty'
  | 'native'
  | 'mayIntrospectAll'
  | 'jwks'
  | 'scopes'
  | 'unitsPerMinute'
  | 'accessTokenFormat'
  | 'postLogoutRedirectUris'
>;

const BOOLEANS = {
  'first-party': 'firstParty',
  native: 'native',
  'may-introspect-all': 'mayIntrospectAll',
} as const;
const AUTHENTICATIONS: readonly string[] = ['secret', 'key', 'none'] satisfies ClientAuthentication[];

/** What the extensions of a ClientApplication say of its client; what cannot be read says nothing. */
export function extendedClient({ extension = [] }: ClientApplication): Partial<Extended> {
  const all = (name: string): Extension[] => extension.filter(({ url }) => url === BASE + name);
  const client: Partial<Extended> = {};
  for (const [name, property] of Object.entries(BOOLEANS))
    if (all(name)[0]?.valueBoolean === true) client[property] = true;
  const authentication = all('authentication')[0]?.valueCode;
  if (authentication !== undefined && AUTHENTICATIONS.includes(authentication))
    client.authentication = authentication as ClientAuthentication;
  const jwks = keySet(all('jwks')[0]?.valueString);
  if (jwks) client.jwks = jwks;
  if (all('access-token-format')[0]?.valueCode === 'jwt') client.accessTokenFormat = 'jwt';
  const unitsPerMinute = all('units-per-minute')[0]?.valueUnsignedInt;
  if (unitsPerMinute !== undefined) client.unitsPerMinute = unitsPerMinute;
  const scope = all('scope')[0]?.valueString;
  if (scope !== undefined) client.scopes = scope.split(' ').filter((one) => one !== '');
  const uris = all('post-logout-redirect-uri').flatMap(({ valueUri }) => valueUri ?? []);
  if (uris.length > 0) client.postLogoutRedirectUris = uris;
  return client;
}

/** The extensions that say what {@link extendedClient} reads. */
export function clientExtensions(client: NewClient): Extension[] {
  const extensions: Extension[] = [{ url: `${BASE}authentication`, valueCode: client.authentication }];
  for (const [name, property] of Object.entries(BOOLEANS))
    if (client[property] === true) extensions.push({ url: BASE + name, valueBoolean: true });
  if (client.jwks) extensions.push({ url: `${BASE}jwks`, valueString: JSON.stringify(client.jwks) });
  if (client.accessTokenFormat !== undefined)
    extensions.push({ url: `${BASE}access-token-format`, valueCode: client.accessTokenFormat });
  if (client.unitsPerMinute !== undefined)
    extensions.push({ url: `${BASE}units-per-minute`, valueUnsignedInt: client.unitsPerMinute });
  if (client.scopes) extensions.push({ url: `${BASE}scope`, valueString: client.scopes.join(' ') });
  for (const uri of client.postLogoutRedirectUris ?? [])
    extensions.push({ url: `${BASE}post-logout-redirect-uri`, valueUri: uri });
  return extensions;
}

/** A JWK Set (RFC 7517, 5) from its text. */
function keySet(text: string | undefined): { keys: readonly object[] } | undefined {
  if (text === undefined) return undefined;
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown };
    const isKeys = Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null);
    return isKeys ? { keys: keys as object[] } : undefined;
  } catch {
    return undefined;
  }
}
