import { interactionPolicy, type Client, type KoaContextWithOIDC } from 'oidc-provider';
import type { Launches } from '../launch.ts';
import type { OAuthClient, UserAccount } from '../ports.ts';
import { userOf } from './accounts.ts';
import { allowedScopes, isAboutOnePatient } from './scopes.ts';

const { base, Check, Prompt } = interactionPolicy;

export const PICK_PATIENT = 'pick_patient';

/** Id of the patient that a user is, where it is one. */
export const ownPatient = (user: UserAccount | undefined): string | undefined =>
  /^Patient\/(.+)$/.exec(user?.profile ?? '')?.[1];

export interface PromptParts {
  launches: Launches;
  /** The client as the directory has it. */
  clientOf(client: Client): OAuthClient;
}

/** What is asked of people, in order: who they are, which patient, and what the app may do. */
export function interactionPrompts(parts: PromptParts) {
  const policy = base();
  // A session can outlive its user: the provider's own checks would then go on with nobody.
  const isGone = ({ oidc }: KoaContextWithOIDC): boolean => oidc.account === undefined;
  policy
    .get('login')
    ?.checks.add(new Check('user_gone', 'the user cannot sign in any more', 'login_required', isGone));
  // A session may have begun before the user's role asked for a second factor.
  const lacksFactor = ({ oidc }: KoaContextWithOIDC): boolean =>
    userOf(oidc.account)?.mfaRequired === true && oidc.session?.amr?.includes('mfa') !== true;
  policy
    .get('login')
    ?.checks.add(new Check('mfa_missing', 'a second factor is required', 'login_required', lacksFactor));
  const needed = (ctx: KoaContextWithOIDC): Promise<boolean> => needsPatient(ctx, parts);
  const check = new Check('patient_missing', 'a patient has to be chosen', 'interaction_required', needed);
  policy.add(new Prompt({ name: PICK_PATIENT, requestable: false }, check), 1);
  return policy;
}

/**
 * `launch/patient` asks for a patient where neither the launch nor the user is one. So does a scope about one patient by itself: who grants
 * it has to establish the patient (SMART App Launch 2.2, "Patient-specific scopes").
 */
async function needsPatient({ oidc }: KoaContextWithOIDC, parts: PromptParts): Promise<boolean> {
  const { params, client, account, result } = oidc;
  if (!client || result?.[PICK_PATIENT] !== undefined || result?.consent) return false;
  const offered = allowedScopes(parts.clientOf(client), String(params?.scope ?? ''), 'authorization_code');
  if (!offered.some(isAboutOnePatient) || ownPatient(userOf(account)) !== undefined) return false;
  const launch = params?.launch;
  return (
    typeof launch !== 'string' || (await parts.launches.find(launch, client.clientId)).patient === undefined
  );
}
