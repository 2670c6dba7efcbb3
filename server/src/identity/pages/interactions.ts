import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors } from 'oidc-provider';
import { contextOf, makeGrant, offered, type Request } from '../consents.ts';
import { clientOf } from '../provider/configuration.ts';
import { isResourceId } from '../provider/clientMetadata.ts';
import { PICK_PATIENT } from '../provider/prompts.ts';
import { consentPage, isOptional } from './consent.ts';
import { showError } from './failure.ts';
import { pickPatientPage } from './pickPatient.ts';
import { askWho } from './askWho.ts';
import { finish, nameOf, refuse, show, visitOf, type InteractionParts, type Visit } from './visit.ts';

export type { InteractionParts };

/** Patients shown in the picker at once. */
const PATIENTS_SHOWN = 20;
const SEARCH_CHARS_MAX = 100;

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
    showError(error, response, request);
  }
}

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
