import { hasSecondFactor } from '../factors/secondFactors.ts';
import { newTotpSecret } from '../factors/totp.ts';
import type { UserAccount } from '../ports.ts';
import { addressKey, checkPassword, countAttempt } from '../signIn.ts';
import type { SignInStep } from '../signInSteps.ts';
import { externalLinks, externalStep } from './external.ts';
import { askCode, enrol } from './secondStep.ts';
import { signInPage } from './signIn.ts';
import { again, complete, passkeyOf } from './progress.ts';
import { nameOf, show, type Details, type InteractionParts, type Visit } from './visit.ts';

/** Signs somebody in: by password, then by a second factor where there is one or has to be. */
export async function askWho(parts: InteractionParts, visit: Visit): Promise<void> {
  const { step, form } = visit;
  if (step && form?.get('action') === 'restart') {
    await parts.steps.remove(visit.details.uid);
    return again(visit);
  }
  const user = step && (await parts.ports.users.byId(step.userId));
  if (!step || !user?.active) return askPassword(parts, visit);
  if (step.complete) return complete(parts, visit, user, step.amr);
  return step.secret === undefined ? askCode(parts, visit, user, step) : enrol(parts, visit, user, step);
}

async function askPassword(parts: InteractionParts, visit: Visit): Promise<void> {
  const { client, form, formTargets, token, details } = visit;
  const email = form?.get('email') ?? hintOf(details);
  let problem: string | undefined;
  if (form?.get('action') === 'passkey') {
    const outcome = await signInByPasskey(parts, visit, form);
    if ('user' in outcome) return complete(parts, visit, outcome.user, PASSKEY_ALONE);
    problem = outcome.problem;
  } else if (!form) {
    const outcome = await externalStep(parts, visit);
    if (outcome && 'location' in outcome) return leave(visit, outcome.location);
    if (outcome && 'user' in outcome) return afterExternal(parts, visit, outcome);
    problem = outcome?.problem;
  } else {
    const password = form.get('password') ?? '';
    const address = parts.addressOf(visit.request);
    const outcome = await checkPassword(parts, { email, password, address, clientId: client.clientId });
    if ('user' in outcome) return proceed(parts, visit, outcome.user, ['pwd']);
    problem = outcome.problem;
  }
  const canReset = parts.ports.sendMail !== undefined;
  const passkey = await passkeyOf(parts, visit);
  const external = externalLinks(parts.external);
  const clientName = nameOf(client);
  const page = signInPage({ token, clientName, email, problem, formTargets, canReset, passkey, external });
  show(visit.response, problem === undefined ? 200 : 403, page);
}

/** @param secondFactor whether the provider has asked for one */
async function afterExternal(
  parts: InteractionParts,
  visit: Visit,
  { user, secondFactor }: { user: UserAccount; secondFactor: boolean },
): Promise<void> {
  if (secondFactor) return complete(parts, visit, user, ['ext', 'mfa']);
  return proceed(parts, visit, user, ['ext']);
}

function leave({ response }: Visit, location: string): void {
  response.writeHead(303, { Location: location, 'Cache-Control': 'no-store' }).end();
}

/** A passkey stands for the account and both factors, where the device made sure who holds it. */
async function signInByPasskey(
  parts: InteractionParts,
  visit: Visit,
  form: URLSearchParams,
): Promise<{ user: UserAccount } | { problem: string }> {
  const { clientId } = visit.client;
  const address = parts.addressOf(visit.request);
  const tooMany = await countAttempt(parts, { address, clientId });
  if (tooMany !== undefined) return { problem: tooMany };
  const proof = await parts.passkeys.check(visit.details.uid, form.get('credential') ?? '');
  const user = proof?.userVerified === true ? await parts.ports.users.byId(proof.userId) : undefined;
  if (!user?.active) {
    const event = { clientId, userId: proof?.userId, address, detail: 'passkey' };
    parts.ports.onEvent({ kind: 'sign-in-failed', ...event });
    return { problem: 'This passkey does not sign in here. Use your password, or another passkey.' };
  }
  await parts.attempts.takeBack(addressKey(address));
  return { user };
}

/** RFC 8176: proof of possession, of a key whose owner the device has verified. */
const PASSKEY_ALONE = ['pop', 'user', 'mfa'];

/** Goes on after the first proof: to the second step where there is one, or has to be. */
async function proceed(
  parts: InteractionParts,
  visit: Visit,
  user: UserAccount,
  amr: string[],
): Promise<void> {
  const step: SignInStep = { userId: user.id, amr };
  const factors = await parts.secondFactors.of(user.id);
  if (!hasSecondFactor(factors)) {
    if (user.mfaRequired !== true) return complete(parts, visit, user, amr);
    step.secret = newTotpSecret();
  }
  await parts.steps.put(visit.details.uid, step);
  again(visit);
}

const hintOf = ({ params }: Details): string =>
  typeof params.login_hint === 'string' ? params.login_hint.slice(0, 254) : '';
