import type { InteractionResults, Provider } from 'oidc-provider';
import type { LaunchContext, Launches, NewLaunch } from './launch.ts';
import type { OAuthClient, UserAccount } from './ports.ts';
import { GRANT_LIFETIME_S } from './provider/lifetimes.ts';
import { ownPatient, PICK_PATIENT } from './provider/prompts.ts';
import { allowedScopes, IDENTITY_SCOPES } from './provider/scopes.ts';

/** An authorization request as far as it has come. */
export interface Request {
  client: OAuthClient;
  user: UserAccount;
  /** Asked for, as written. */
  scope: string;
  launch: NewLaunch | undefined;
  launchId: string | undefined;
  /** Of the steps before. */
  results: InteractionResults;
}

const STATICS: ReadonlySet<string> = new Set(IDENTITY_SCOPES);

/** What the app may be given, if the user agrees. */
export const offered = ({ client, scope }: Request): string[] => [
  ...new Set(allowedScopes(client, scope, 'authorization_code')),
];

/** The context in which the app will find itself. */
export function contextOf(request: Request): LaunchContext {
  const { launch, user, results } = request;
  const { userId: _user, clientId: _client, ...begun } = launch ?? ({} as Partial<NewLaunch>);
  const asked = offered(request);
  const picked = (results[PICK_PATIENT] as { patient?: string } | undefined)?.patient;
  const patient = begun.patient ?? picked ?? ownPatient(user);
  const isAboutPatient = asked.some((scope) => scope.startsWith('launch') || scope.startsWith('patient/'));
  const rest = asked.includes('launch') ? begun : {};
  return isAboutPatient && patient !== undefined ? { ...rest, patient } : rest;
}

/** Makes a grant of what the user agreed to; the rest is noted as refused, so that it is not asked for again. */
export async function makeGrant(
  provider: Provider,
  launches: Launches,
  fhirBase: string,
  request: Request,
  agreed: readonly string[],
): Promise<string> {
  if (request.launchId !== undefined) await launches.take(request.launchId);
  const grant = new provider.Grant({ accountId: request.user.id, clientId: request.client.id });
  const given = new Set(agreed);
  for (const scope of offered(request)) {
    const isGiven = given.has(scope);
    const isStatic = STATICS.has(scope);
    if (isStatic && isGiven) grant.addOIDCScope(scope);
    else if (isStatic) grant.rejectOIDCScope(scope);
    if (isGiven) grant.addResourceScope(fhirBase, scope);
    else grant.rejectResourceScope(fhirBase, scope);
  }
  for (const scope of request.scope.split(' ').filter((one) => STATICS.has(one) && !given.has(one)))
    grant.rejectOIDCScope(scope);
  const id = await grant.save();
  const owners = { userId: request.user.id, clientId: request.client.id };
  await launches.bind({ id, ...owners }, contextOf(request), GRANT_LIFETIME_S);
  return id;
}
