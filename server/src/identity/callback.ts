import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { FhirError, isThrottled } from '../fhir/outcome.ts';
import { answerInteraction, type InteractionParts } from './pages/interactions.ts';
import { showError } from './pages/failure.ts';
import { answerAccount } from './pages/account.ts';
import type { AccountParts } from './pages/accountVisit.ts';
import { answerExternal } from './pages/external.ts';
import { PASSKEY_SCRIPT } from './pages/passkeyForm.ts';
import { answerForgot, answerLink, type LinkPageParts } from './pages/links.ts';
import {
  ACCOUNT_PATH,
  DISCOVERY_PATHS,
  EXTERNAL_PATH,
  FORGOT_PATH,
  INTERACTION_PATH,
  LINK_PATH,
  OAUTH_PATHS,
  PASSKEY_SCRIPT_PATH,
  REGISTRATION_PATH,
  USERINFO_PATH,
} from './paths.ts';
import type { ClientSecrets } from './clientSecrets.ts';
import { answerRegistration } from './registration.ts';
import { answerThrottled } from './throttled.ts';
import type { AccessJwts } from './tokens/accessJwts.ts';
import { withNamedToken } from './tokens/namedToken.ts';
import { answerUserInfo, type UserInfoParts } from './userInfo.ts';

export interface CallbackParts {
  provider: Provider;
  issuer: string;
  fhirBase: string;
  identify: UserInfoParts['identify'];
  jwts: AccessJwts;
  clientSecrets: ClientSecrets;
  interactions: Omit<InteractionParts, 'provider' | 'issuer' | 'fhirBase' | 'addressOf' | 'passkeyScript'>;
  people: Pick<LinkPageParts & AccountParts, 'links' | 'mailedLinks' | 'revokeUser' | 'given' | 'artifacts'>;
}

type Callback = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Headers of answers that are about tokens and people. */
const SECURITY_HEADERS = { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' };
/** Two years. */
const HSTS = 'max-age=63072000';

/** The request handler of the authorization server. */
export function createCallback(parts: CallbackParts): Callback {
  const { provider, issuer, fhirBase, identify, clientSecrets } = parts;
  const { ports } = parts.interactions;
  const addressOf = (request: IncomingMessage): string =>
    ports.addressOf?.(request) ?? request.socket.remoteAddress ?? '';
  const passkeyScript = `${issuer}${PASSKEY_SCRIPT_PATH}`;
  const interactions = { ...parts.interactions, provider, issuer, fhirBase, addressOf, passkeyScript };
  const people = { ...interactions, ...parts.people };
  const answer = provider.callback();
  const { host, protocol, pathname } = new URL(issuer);
  return (request, response) => {
    const { url = '' } = request;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    if (!isOwn(path)) return false;
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (protocol === 'https:') response.setHeader('Strict-Transport-Security', HSTS);
    // Links and cookies go by the issuer alone, whatever name or proxy a request came by.
    const address = addressOf(request);
    delete request.headers['x-forwarded-host'];
    Object.assign(request.headers, {
      host,
      'x-forwarded-proto': protocol.slice(0, -1),
      'x-forwarded-for': address,
    });
    if (pathname !== '/') Object.assign(request, { baseUrl: pathname });
    const tooMany = throttled(address);
    if (tooMany) {
      answerThrottled(tooMany, request, response);
      return true;
    }
    answerOne(path, request, response).catch((error: unknown) => {
      ports.onDefect(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
    return true;
  };

  function throttled(address: string): FhirError | undefined {
    try {
      ports.limits?.anonymous(address);
      return undefined;
    } catch (error) {
      if (isThrottled(error)) return error;
      throw error;
    }
  }

  async function answerAboutToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let named: IncomingMessage;
    try {
      named = await withNamedToken(request, parts.jwts);
    } catch (error) {
      return refuseForm(error, response);
    }
    await answer(named, response);
  }

  async function answerOne(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (path.startsWith(INTERACTION_PATH)) await answerInteraction(interactions, request, response);
    else if (path === USERINFO_PATH)
      await answerUserInfo({ identify, ports, addressOf, fhirBase }, request, response);
    else if (path === REGISTRATION_PATH && ports.clients.register)
      await answerRegistration({ ...interactions, clientSecrets }, request, response);
    else if (path === LINK_PATH) await shown(answerLink(people, request, response), response);
    else if (path === FORGOT_PATH && people.mailedLinks.canMail)
      await shown(answerForgot(people, request, response), response);
    else if (path === ACCOUNT_PATH || path.startsWith(`${ACCOUNT_PATH}/`))
      await shown(answerAccount(people, path, request, response), response);
    else if (path === EXTERNAL_PATH) await shown(answerExternal(people, request, response), response);
    else if (path === PASSKEY_SCRIPT_PATH) answerScript(response);
    else if (path === OAUTH_PATHS.introspection || path === OAUTH_PATHS.revocation)
      await answerAboutToken(request, response);
    else await answer(request, response);
  }
}

/** A form that cannot be read is the client's fault (RFC 6749, 5.2). */
function refuseForm(error: unknown, response: ServerResponse): void {
  if (!(error instanceof FhirError)) throw error;
  const body = { error: 'invalid_request', error_description: error.message };
  response.writeHead(400, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

function answerScript(response: ServerResponse): void {
  const headers = { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'max-age=600' };
  response.writeHead(200, headers).end(PASSKEY_SCRIPT);
}

/** Faults of a page are told on a page. @throws defects of ours */
const shown = (answered: Promise<void>, response: ServerResponse): Promise<void> =>
  answered.catch((error: unknown) => showError(error, response));

const isOwn = (path: string): boolean => path.startsWith('/oauth2/') || DISCOVERY_PATHS.includes(path);
