import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { ClientDirectory, OAuthClient } from '../ports.ts';
import { inOAuthWords } from './failures.ts';

/** What a client's id may be: that of a resource. */
const CLIENT_ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Whether a resource can have this id: nothing else is asked for. */
export const isResourceId = (id: string): boolean => CLIENT_ID.test(id);

/**
 * Clients as the provider reads them: from the directory. It never writes them.
 *
 * @param ownMember name of the member that carries the client as the directory has it
 */
export function clientAdapter(clients: ClientDirectory, ownMember: string): Adapter {
  const none = async (): Promise<undefined> => undefined;
  const refuse = (): Promise<never> => Promise.reject(new Error('clients are not written by the provider'));
  return {
    async find(id) {
      const client = isResourceId(id) ? await inOAuthWords(clients.find(id)) : undefined;
      return client?.active ? { ...metadataOf(client), [ownMember]: client } : undefined;
    },
    findByUid: none,
    findByUserCode: none,
    upsert: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}

const METHODS = { secret: 'client_secret_basic', key: 'private_key_jwt', none: 'none' } as const;

/** RFC 7591's names. The secret is compared by its hash: here stands a word for it, since there must be one. */
export function metadataOf(client: OAuthClient): AdapterPayload {
  const withCode = client.grantTypes.includes('authorization_code');
  return {
    client_id: client.id,
    client_name: client.name ?? client.id,
    application_type: client.native ? 'native' : 'web',
    token_endpoint_auth_method: METHODS[client.authentication],
    ...(client.authentication === 'secret' ? { client_secret: 'hashed' } : {}),
    ...(client.jwks === undefined ? {} : { jwks: client.jwks as AdapterPayload['jwks'] }),
    ...(client.jwks === undefined && client.jwksUri !== undefined ? { jwks_uri: client.jwksUri } : {}),
    grant_types: [...client.grantTypes],
    response_types: withCode ? ['code'] : [],
    response_modes: withCode ? ['query'] : [],
    redirect_uris: withCode ? [...client.redirectUris] : [],
    post_logout_redirect_uris: [...(client.postLogoutRedirectUris ?? [])],
    id_token_signed_response_alg: 'RS256',
  };
}
