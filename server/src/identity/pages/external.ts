import type { IncomingMessage, ServerResponse } from 'node:http';
import { fhirError } from '../../fhir/outcome.ts';
import type { ExternalAccounts } from '../external/externalAccounts.ts';
import { ExternalSignInError, type ExternalProviders } from '../external/externalProviders.ts';
import { INTERACTION_PATH } from '../paths.ts';
import type { UserAccount } from '../ports.ts';
import { addressKey, countAttempt } from '../signIn.ts';
import { html, type Html } from './html.ts';
import type { InteractionParts, Visit } from './visit.ts';

export interface ExternalPageParts {
  external: ExternalProviders;
  externalAccounts: ExternalAccounts;
}

/**
 * Answers the redirect URI: on to the interaction in which it was begun. Only there does the browser show the cookie without which nothing
 * comes of it, whoever's link it followed.
 */
export async function answerExternal(
  { external, issuer }: ExternalPageParts & { issuer: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { searchParams } = new URL(request.url ?? '', 'http://localhost');
  const interaction = await external.interactionOf(searchParams.get('state') ?? '');
  if (interaction === undefined)
    throw fhirError('forbidden', 'security', 'This sign-in has expired, or was used already.');
  const location = `${issuer}${INTERACTION_PATH}${interaction}?${searchParams}`;
  response.writeHead(303, { Location: location, 'Cache-Control': 'no-store' }).end();
}

/** Links to the providers: each begins a sign-in there. */
export const externalLinks = ({ list }: ExternalProviders): Html[] =>
  list.map(({ id, name }) => html`<p><a href="?provider=${id}">Sign in with ${name}</a></p>`);

export type ExternalStep =
  { user: UserAccount; secondFactor: boolean } | { location: string } | { problem: string };

/** What the address of a sign-in page asks for: to go to a provider, or to take who comes back from one. Undefined: neither. */
export async function externalStep(
  parts: InteractionParts,
  { request, details, client }: Visit,
): Promise<ExternalStep | undefined> {
  const { searchParams } = new URL(request.url ?? '', 'http://localhost');
  const wanted = searchParams.get('provider');
  if (request.method !== 'GET' || (wanted === null && !searchParams.has('state'))) return undefined;
  const { clientId } = client;
  const address = parts.addressOf(request);
  const failed = (detail: string, userId?: string): void =>
    parts.ports.onEvent({ kind: 'sign-in-failed', clientId, userId, address, detail: `external ${detail}` });
  try {
    const { max_age: maxAge } = details.params;
    const maxAgeS = maxAge === undefined ? undefined : Number(maxAge);
    if (wanted !== null) return { location: await parts.external.begin(wanted, details.uid, maxAgeS) };
    const tooMany = await countAttempt(parts, { address, clientId });
    if (tooMany !== undefined) return { problem: tooMany };
    const identity = await parts.external.finish(details.uid, searchParams);
    const user = await parts.externalAccounts.userOf(identity, address);
    const { id, name, secondFactor = false } = identity.provider;
    if (!user) {
      failed(`${id}: no user`);
      return { problem: `Your account of ${name} is not that of a user here. Ask an administrator.` };
    }
    await parts.attempts.takeBack(addressKey(address));
    return { user, secondFactor };
  } catch (error) {
    if (!(error instanceof ExternalSignInError)) throw error;
    failed(error.code);
    return { problem: 'Nobody was signed in there. Try again, or sign in in another way.' };
  }
}
