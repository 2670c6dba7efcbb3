import { parseResourceScope } from '../fhir/smart/scope.ts';
import type { ClientAuthentication, GrantType, NewClient } from './ports.ts';
import { IDENTITY_SCOPES } from './provider/scopes.ts';

const NAME_CHARS_MAX = 200;
const URI_CHARS_MAX = 2048;
const URIS_MAX = 20;
const SCOPE_CHARS_MAX = 8192;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

const METHODS: ReadonlyMap<string, ClientAuthentication> = new Map([
  ['none', 'none'],
  ['client_secret_basic', 'secret'],
  ['client_secret_post', 'secret'],
  ['private_key_jwt', 'key'],
]);
const GRANTS: ReadonlySet<string> = new Set(['authorization_code', 'refresh_token']);

/** What a client says of itself cannot be accepted; the message says why. */
export class RegistrationFault extends Error {
  /** RFC 7591, 3.2.2. */
  readonly code: 'invalid_client_metadata' | 'invalid_redirect_uri';

  constructor(message: string, code: RegistrationFault['code'] = 'invalid_client_metadata') {
    super(message);
    this.code = code;
  }
}

/** The client of a registration request (RFC 7591, 2). @throws RegistrationFault */
export function readRegistration(body: unknown): NewClient {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new RegistrationFault('send a JSON object');
  const metadata = body as Record<string, unknown>;
  const method = METHODS.get(String(metadata.token_endpoint_auth_method ?? 'client_secret_basic'));
  if (method === undefined)
    throw new RegistrationFault('token_endpoint_auth_method is none that is supported');
  const native = oneOf(metadata, 'application_type', ['web', 'native']) === 'native';
  const name = metadata.client_name;
  if (name !== undefined && (typeof name !== 'string' || name.length > NAME_CHARS_MAX))
    throw new RegistrationFault(`client_name is a text of at most ${NAME_CHARS_MAX} characters`);
  for (const type of texts(metadata, 'response_types') ?? [])
    if (type !== 'code') throw new RegistrationFault('response_types can only be code');
  const scopes = scopesOf(metadata.scope);
  return {
    active: true,
    authentication: method,
    grantTypes: grantsOf(metadata),
    redirectUris: redirectUrisOf(metadata, native),
    native,
    ...(name === undefined ? {} : { name }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(method === 'key' ? keysOf(metadata) : {}),
  };
}

function grantsOf(metadata: Record<string, unknown>): GrantType[] {
  const grants = texts(metadata, 'grant_types') ?? ['authorization_code'];
  if (grants.every((grant) => GRANTS.has(grant)) && grants.includes('authorization_code'))
    return grants as GrantType[];
  throw new RegistrationFault(
    'grant_types are authorization_code and refresh_token: a client without users is registered by an administrator',
  );
}

function redirectUrisOf(metadata: Record<string, unknown>, native: boolean): string[] {
  const uris = texts(metadata, 'redirect_uris') ?? [];
  const fault = (text: string): RegistrationFault => new RegistrationFault(text, 'invalid_redirect_uri');
  if (uris.length === 0 || uris.length > URIS_MAX) throw fault(`redirect_uris are 1 to ${URIS_MAX}`);
  for (const uri of uris) {
    const url = URL.parse(uri);
    if (!url || uri.length > URI_CHARS_MAX) throw fault('redirect_uris must be absolute URIs');
    const isLoopback = url.protocol === 'http:' && LOOPBACK.has(url.hostname);
    // A scheme of an app's own has a dot (RFC 8252, 7.1), which no scheme of browsers has.
    const isOwn = native && url.protocol.includes('.');
    if (url.protocol !== 'https:' && !isLoopback && !isOwn)
      throw fault('redirect_uris must be https, http on this device, or of an app of its own scheme (a.b:)');
  }
  return uris;
}

function keysOf({ jwks, jwks_uri: jwksUri }: Record<string, unknown>): Pick<NewClient, 'jwks' | 'jwksUri'> {
  if (typeof jwksUri === 'string' && jwks === undefined) {
    if (URL.parse(jwksUri)?.protocol !== 'https:')
      throw new RegistrationFault('jwks_uri must be an https URL');
    return { jwksUri };
  }
  const keys = (jwks as { keys?: unknown } | null | undefined)?.keys;
  const isSet = Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null);
  if (jwksUri !== undefined || !isSet) throw new RegistrationFault('give one of jwks and jwks_uri');
  return { jwks: { keys: keys as object[] } };
}

function scopesOf(scope: unknown): string[] | undefined {
  if (scope === undefined) return undefined;
  if (typeof scope !== 'string' || scope.length > SCOPE_CHARS_MAX)
    throw new RegistrationFault(`scope is a text of at most ${SCOPE_CHARS_MAX} characters`);
  const scopes = scope.split(' ').filter(Boolean);
  for (const one of scopes) {
    const isKnown = (IDENTITY_SCOPES as readonly string[]).includes(one);
    const context = parseResourceScope(one)?.context;
    if (!isKnown && context !== 'patient' && context !== 'user')
      throw new RegistrationFault(`scope has ${JSON.stringify(one)}, which a client can have no use for`);
  }
  return scopes;
}

function texts(metadata: Record<string, unknown>, name: string): string[] | undefined {
  const value = metadata[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string'))
    throw new RegistrationFault(`${name} must be an array of texts`);
  return value;
}

function oneOf(metadata: Record<string, unknown>, name: string, values: string[]): string | undefined {
  const value = metadata[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !values.includes(value))
    throw new RegistrationFault(`${name} is one of ${values.join(', ')}`);
  return value;
}
