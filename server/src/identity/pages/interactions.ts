import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Client, type InteractionResults, type Provider } from 'oidc-provider';
import { FhirError, fhirError } from '../../fhir/outcome.ts';
import { contextOf, makeGrant, offered, type Request } from '../consents.ts';
import type { Launches } from '../launch.ts';
import { INTERACTION_PATH } from '../paths.ts';
import { clientOf } from '../provider/configuration.ts';
import { isResourceId } from '../provider/clientMetadata.ts';
import { PICK_PATIENT } from '../provider/prompts.ts';
import { signIn, type SignInParts } from '../signIn.ts';
import { consentPage, isOptional } from './consent.ts';
import { readForm, type FormTokens } from './form.ts';
import { html } from './html.ts';
import { documentOf, pageHeaders, type Page } from './layout.ts';
import { pickPatientPage } from './pickPatient.ts';
import { formTarget } from './signOut.ts';
import { signInPage } from './signIn.ts';

export interface InteractionParts extends SignInParts {
  provider: Provider;
  launches: Launches;
  fhirBase: string;
  forms: FormTokens;
  addressOf(request: IncomingMessage): string;
}

/** Patients shown in the picker at once. */
const PATIENTS_SHOWN = 20;
const SEARCH_CHARS_MAX = 100;

type Details = Awaited<ReturnType<Provider['interactionDetails']>>;

/** What one request to the pages works with. */
interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  details: Details;
  client: Client;
  /** Present after a POST whose token was right. */
  form: URLSearchParams | undefined;
  formTargets: string[];
  token: string;
}

/** Answers below {@link INTERACTION_PATH}: signs people in, lets them pick a patient and consent. */
export async function answerInteraction(
  parts: InteractionParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const visit = await visitOf(parts, request, response);
    const { name } = visit.details.prompt;
    if (visit.form?.get('action') === 'cancel') await refuse(parts, visit, 'the user refused');
    else if (name === 'login') await askWho(parts, visit);
    else if (name === PICK_PATIENT) await askPatient(parts, visit);
    else await askConsent(parts, visit);
  } catch (error) {
    showError(error, response);
  }
}

async function visitOf(
  { provider, forms }: InteractionParts,
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
  const form = request.method === 'POST' ? await readForm(request) : undefined;
  if (form && !forms.fits(form.get('csrf'), details.uid, prompt.name))
    throw fhirError('forbidden', 'security', 'The form is not one of this page. Go back and load it again.');
  const formTargets = [formTarget(String(params.redirect_uri))];
  return { request, response, details, client, form, formTargets, token: forms.of(details.uid, prompt.name) };
}

async function askWho(parts: InteractionParts, visit: Visit): Promise<void> {
  const { client, form, formTargets, token, details } = visit;
  const email = form?.get('email') ?? hintOf(details);
  let problem: string | undefined;
  if (form) {
    const password = form.get('password') ?? '';
    const address = parts.addressOf(visit.request);
    const outcome = await signIn(parts, { email, password, address, clientId: client.clientId });
    if ('user' in outcome)
      return finish(parts, visit, {
        login: { accountId: outcome.user.id, amr: ['pwd'], remember: false },
      });
    problem = outcome.problem;
  }
  const clientName = nameOf(client);
  show(
    visit.response,
    problem === undefined ? 200 : 403,
    signInPage({ token, clientName, email, problem, formTargets }),
  );
}

const hintOf = ({ params }: Details): string =>
  typeof params.login_hint === 'string' ? params.login_hint.slice(0, 254) : '';

async function askPatient(parts: InteractionParts, visit: Visit): Promise<void> {
  const { client, form, formTargets, token } = visit;
  const { user } = await requestOf(parts, visit);
  const { patients } = parts.ports;
  const chosen = form?.get('patient') ?? undefined;
  let problem: string | undefined;
  if (chosen !== undefined) {
    if (isResourceId(chosen) && (await patients.allowed(user, chosen)))
      return finish(parts, visit, { [PICK_PATIENT]: { patient: chosen } });
    problem = 'This patient cannot be chosen.';
  } else if (form) problem = 'Choose a patient.';
  const url = new URL(visit.request.url ?? '', 'http://localhost');
  const search = (url.searchParams.get('search') ?? '').slice(0, SEARCH_CHARS_MAX);
  const found = await patients.search(user, search, PATIENTS_SHOWN + 1);
  const view = { token, clientName: nameOf(client), search, problem, formTargets };
  const shown = { patients: found.slice(0, PATIENTS_SHOWN), more: found.length > PATIENTS_SHOWN };
  show(visit.response, problem === undefined ? 200 : 422, pickPatientPage({ ...view, ...shown }));
}

async function askConsent(parts: InteractionParts, visit: Visit): Promise<void> {
  const { client, form, formTargets, token } = visit;
  const request = await requestOf(parts, visit);
  const { user, launch } = request;
  if (launch && launch.userId !== user.id)
    return refuse(parts, visit, 'the launch was begun by another user');
  const { patient } = contextOf(request);
  if (patient !== undefined && !(await parts.ports.patients.allowed(user, patient)))
    return refuse(parts, visit, 'the user may not open this patient');
  const scopes = offered(request);
  const trusted = clientOf(client).firstParty === true;
  if (!trusted && !form) {
    const names = { clientName: nameOf(client), userName: user.name ?? user.email };
    const patientName = patient === undefined ? undefined : await patientNameOf(parts, user, patient);
    return show(visit.response, 200, consentPage({ ...names, patientName, token, scopes, formTargets }));
  }
  const ticked = new Set(form?.getAll('scope'));
  const agreed = trusted ? scopes : scopes.filter((scope) => !isOptional(scope) || ticked.has(scope));
  if (agreed.length === 0) return refuse(parts, visit, 'the user allowed nothing');
  const { provider, launches, fhirBase } = parts;
  const grantId = await makeGrant(provider, launches, fhirBase, request, agreed);
  parts.ports.onEvent({
    kind: 'consent',
    clientId: client.clientId,
    userId: user.id,
    detail: agreed.join(' '),
  });
  return finish(parts, visit, { consent: { grantId } });
}

async function patientNameOf(
  { ports }: InteractionParts,
  user: Request['user'],
  patient: string,
): Promise<string> {
  const [found] = await ports.patients.search(user, patient, 1);
  return found?.id === patient ? found.name : `Patient/${patient}`;
}

/** The request as the steps so far have made it. @throws FhirError when its user is gone */
async function requestOf(parts: InteractionParts, { details, client }: Visit): Promise<Request> {
  const { params, session, lastSubmission } = details;
  const accountId = session?.accountId;
  const user = accountId === undefined ? undefined : await parts.ports.users.byId(accountId);
  if (!user?.active) throw new errors.SessionNotFound('the user of this session is gone');
  const launchId = typeof params.launch === 'string' ? params.launch : undefined;
  const launch = launchId === undefined ? undefined : await parts.launches.find(launchId, client.clientId);
  const results = lastSubmission ?? {};
  return { client: clientOf(client), user, scope: String(params.scope ?? ''), launch, launchId, results };
}

async function finish(parts: InteractionParts, visit: Visit, result: InteractionResults): Promise<void> {
  await parts.provider.interactionFinished(visit.request, visit.response, result);
}

async function refuse(parts: InteractionParts, visit: Visit, reason: string): Promise<void> {
  parts.ports.onEvent({ kind: 'refused', clientId: visit.client.clientId, detail: reason });
  await finish(parts, visit, { error: 'access_denied', error_description: reason });
}

const nameOf = (client: Client): string => client.clientName ?? client.clientId;

function show(response: ServerResponse, status: number, page: Page): void {
  response.writeHead(status, pageHeaders(page)).end(documentOf(page));
}

/** Says what went wrong; of a defect of ours only that there was one. @throws the defect, for the caller to report */
function showError(error: unknown, response: ServerResponse): void {
  const known = STATUSES.find(([kind]) => error instanceof kind);
  const status = known?.[1](error as never) ?? 500;
  const text = known ? textOf(error) : 'Something went wrong here. Try again later.';
  const body = html`<p class="problem" role="alert">${text}</p>
    <p>Go back to the app and begin again.</p>`;
  if (!response.headersSent) show(response, status, { title: 'This does not work', body });
  if (status === 500) throw error;
}

const CATEGORIES: Readonly<Record<string, number>> = {
  forbidden: 403,
  'method-not-allowed': 405,
  'too-large': 413,
  'unsupported-media-type': 415,
  busy: 503,
};

const STATUSES: readonly (readonly [new (...values: never[]) => Error, (error: never) => number])[] = [
  [errors.SessionNotFound, () => 400],
  [errors.OIDCProviderError, ({ statusCode }: errors.OIDCProviderError) => statusCode],
  [FhirError, ({ category }: FhirError) => CATEGORIES[category] ?? 500],
];

function textOf(error: unknown): string {
  if (error instanceof errors.SessionNotFound) return 'This page has expired, or belongs to another window.';
  if (error instanceof errors.OIDCProviderError) return error.error_description ?? error.message;
  return error instanceof Error ? error.message : '';
}
