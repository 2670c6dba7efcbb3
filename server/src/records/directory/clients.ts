import type { ClientApplication } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json/parse.ts';
import { isId } from '../../fhir/id.ts';
import type { ClientDirectory, NewClient, OAuthClient } from '../../identity/ports.ts';
import { administratorClient } from '../../identity/administratorClient.ts';
import { clientOf } from '../../identity/resources.ts';
import type { Store } from '../../store/store.ts';
import { LOCAL_CALLER } from '../caller.ts';
import type { Records } from '../records.ts';
import { clientExtensions, extendedClient } from './clientExtensions.ts';

export interface ClientRecordsParts {
  store: Pick<Store, 'reader'>;
  records: Pick<Records, 'create'>;
  /** Id of the first administrator client, which is no resource. */
  administratorId: () => string | undefined;
  hasSecret: (clientId: string) => Promise<boolean>;
}

/** ClientApplications that are stored, as the authorization server asks for them. */
export class ClientRecords implements ClientDirectory {
  readonly #parts: ClientRecordsParts;

  constructor(parts: ClientRecordsParts) {
    this.#parts = parts;
  }

  async find(id: string): Promise<OAuthClient | undefined> {
    const { store, administratorId, hasSecret } = this.#parts;
    if (id === administratorId()) return administratorClient(id);
    const found = isId(id) ? await store.reader.read('ClientApplication', id) : undefined;
    if (!found?.content) return undefined;
    const resource = JSON.parse(found.content) as ClientApplication;
    return clientOf(resource, { hasSecret: await hasSecret(id), more: extendedClient(resource) });
  }

  /** Stores a client that registered itself. Without a membership it may do nothing on its own behalf. */
  async register(client: NewClient): Promise<string> {
    const body = parseJson(Buffer.from(JSON.stringify(resourceOf(client))));
    return (await this.#parts.records.create(LOCAL_CALLER, 'ClientApplication', body)).id;
  }
}

function resourceOf(client: NewClient): ClientApplication {
  const { name, redirectUris, grantTypes, jwksUri } = client;
  const origins = client.allowedOrigins;
  return {
    resourceType: 'ClientApplication',
    extension: clientExtensions(client),
    ...(name === undefined ? {} : { name }),
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(redirectUris.length === 0 ? {} : { redirectUris: [...redirectUris] }),
    ...(origins === undefined || origins.length === 0 ? {} : { allowedOrigin: [...origins] }),
    grantType: [...grantTypes],
  };
}
