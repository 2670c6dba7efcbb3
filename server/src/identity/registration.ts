import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Provider } from 'oidc-provider';
import { FhirError } from '../fhir/outcome.ts';
import type { AttemptTable, BackOff } from '../store/identity/attempts.ts';
import type { ClientSecrets } from './clientSecrets.ts';
import { readBody } from './body.ts';
import type { IdentityPorts, NewClient } from './ports.ts';
import { metadataOf } from './provider/clientMetadata.ts';
import { readRegistration, RegistrationFault } from './registrationRequest.ts';
import { networkOf } from '../limits/network.ts';

export interface RegistrationParts {
  ports: IdentityPorts;
  provider: Provider;
  attempts: AttemptTable;
  clientSecrets: ClientSecrets;
  addressOf(request: IncomingMessage): string;
}

/** Registrations of one address. */
const BACK_OFF: BackOff = { free: 20, firstWaitS: 60, waitS: 3600 };

/** Answers the registration endpoint (RFC 7591); where clients cannot be registered there is none. */
export async function answerRegistration(
  parts: RegistrationParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, body: object, headers: Record<string, string> = {}): void => {
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      Pragma: 'no-cache',
      ...headers,
    });
    response.end(JSON.stringify(body));
  };
  const refuse = (status: number, error: string, text: string, headers = {}): void =>
    send(status, { error, error_description: text }, headers);
  if (request.method !== 'POST') return refuse(405, 'invalid_request', 'send a POST', { Allow: 'POST' });
  try {
    const client = readRegistration(await readJson(request));
    await parts.provider.Client.validate({ ...metadataOf({ ...client, id: 'new' }), client_id: 'new' });
    const key = `registration ${networkOf(parts.addressOf(request))}`;
    const waitS = await parts.attempts.begin(key, BACK_OFF);
    if (waitS !== undefined)
      return refuse(429, 'invalid_request', 'too many registrations', { 'Retry-After': String(waitS) });
    send(201, await register(parts, client));
  } catch (error) {
    if (error instanceof RegistrationFault) refuse(400, error.code, error.message);
    else if (error instanceof errors.OIDCProviderError)
      refuse(400, error.message, error.error_description ?? error.message);
    else if (error instanceof FhirError && error.category === 'busy')
      refuse(503, 'temporarily_unavailable', 'try again', { 'Retry-After': String(error.retryAfterS ?? 2) });
    else if (error instanceof FhirError) refuse(400, 'invalid_client_metadata', error.message);
    else throw error;
  }
}

async function register({ ports, clientSecrets }: RegistrationParts, client: NewClient): Promise<object> {
  const id = await ports.clients.register!(client);
  const secret =
    client.authentication === 'secret'
      ? { client_secret: await clientSecrets.make(id), client_secret_expires_at: 0 }
      : {};
  const { client_secret: _word, ...metadata } = metadataOf({ ...client, id });
  ports.onEvent({ kind: 'client-registered', clientId: id });
  const scope = client.scopes === undefined ? {} : { scope: client.scopes.join(' ') };
  return { ...metadata, client_id_issued_at: Math.floor(Date.now() / 1000), ...scope, ...secret };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readBody(request, 'application/json');
  try {
    return JSON.parse(text);
  } catch {
    throw new RegistrationFault('send a JSON object');
  }
}
