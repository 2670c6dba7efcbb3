import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Client, type InteractionResults, type Provider } from 'oidc-provider';
import { fhirError } from '../../fhir/outcome.ts';
import type { ExternalAccounts } from '../external/externalAccounts.ts';
import type { ExternalProviders } from '../external/externalProviders.ts';
import type { Passkeys } from '../factors/passkeys.ts';
import type { SecondFactors } from '../factors/secondFactors.ts';
import type { Launches } from '../launch.ts';
import { INTERACTION_PATH } from '../paths.ts';
import type { SignInParts } from '../signIn.ts';
import type { SignInStep, SignInSteps } from '../signInSteps.ts';
import { readForm, type FormTokens } from './form.ts';
import { documentOf, pageHeaders, type Page } from './layout.ts';
import { formTarget } from './signOut.ts';

export interface InteractionParts extends SignInParts {
  provider: Provider;
  /** Absolute URL without a slash at its end. */
  issuer: string;
  launches: Launches;
  secondFactors: SecondFactors;
  passkeys: Passkeys;
  external: ExternalProviders;
  externalAccounts: ExternalAccounts;
  /** Where the script of pages with passkeys is served. */
  passkeyScript: string;
  steps: SignInSteps;
  fhirBase: string;
  forms: FormTokens;
  addressOf(request: IncomingMessage): string;
}

export type Details = Awaited<ReturnType<Provider['interactionDetails']>>;

/** What one request to the pages works with. */
export interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  details: Details;
  client: Client;
  /** How far signing in has come. */
  step: SignInStep | undefined;
  /** Present after a POST whose token was right. */
  form: URLSearchParams | undefined;
  formTargets: string[];
  token: string;
}

/** @throws errors.SessionNotFound, FhirError when it is not a request of the browser and page that it should come from */
export async function visitOf(
  { provider, forms, steps }: InteractionParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Visit> {
  if (request.method !== 'GET' && request.method !== 'POST')
    throw fhirError('method-not-allowed', 'not-supported', 'This page takes GET and POST.');
  const details = await provider.interactionDetails(request, response);
  const uid = new URL(request.url ?? '', 'http://localhost').pathname.slice(INTERACTION_PATH.length);
  const { params, prompt } = details;
  const client = await provider.Client.find(String(params.client_id));
  if (uid !== details.uid || !client) throw new errors.SessionNotFound('interaction session not found');
  const step = prompt.name === 'login' ? await steps.find(uid) : undefined;
  const page = pageOf(prompt.name, step);
  const form = request.method === 'POST' ? await readForm(request) : undefined;
  if (form && !forms.fits(form.get('csrf'), uid, page))
    throw fhirError('forbidden', 'security', 'The form is not one of this page. Go back and load it again.');
  const formTargets = [formTarget(String(params.redirect_uri))];
  return { request, response, details, client, step, form, formTargets, token: forms.of(uid, page) };
}

/** A form fits one step only: the token that its page carried. */
function pageOf(prompt: string, step: SignInStep | undefined): string {
  if (!step) return prompt;
  if (step.complete) return `${prompt} complete`;
  return `${prompt} ${step.secret === undefined ? 'code' : 'enrol'} ${step.userId}`;
}

export async function finish(
  parts: InteractionParts,
  visit: Visit,
  result: InteractionResults,
): Promise<void> {
  await parts.provider.interactionFinished(visit.request, visit.response, result);
}

export async function refuse(parts: InteractionParts, visit: Visit, reason: string): Promise<void> {
  parts.ports.onEvent({ kind: 'refused', clientId: visit.client.clientId, detail: reason });
  await finish(parts, visit, { error: 'access_denied', error_description: reason });
}

export const nameOf = (client: Client): string => client.clientName ?? client.clientId;

export function show(response: ServerResponse, status: number, page: Page): void {
  response.writeHead(status, pageHeaders(page)).end(documentOf(page));
}
