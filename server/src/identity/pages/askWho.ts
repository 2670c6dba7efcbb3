import { newTotpSecret, totpUri } from '../factors/totp.ts';
import { hasSecondFactor } from '../factors/secondFactors.ts';
import type { UserAccount } from '../ports.ts';
import { addressKey, checkPassword, countAttempt, signedIn } from '../signIn.ts';
import type { SignInStep } from '../signInSteps.ts';
import { html } from './html.ts';
import { codePage, enrolPage, FORCED, recoveryCodesPage } from './secondFactor.ts';
import { signInPage } from './signIn.ts';
import { finish, nameOf, show, type Details, type InteractionParts, type Visit } from './visit.ts';

/** Signs somebody in: by password, then by a second factor where there is one or has to be. */
export async function askWho(parts: InteractionParts, visit: Visit): Promise<void> {
  const { step, form } = visit;
  if (step && form?.get('action') === 'restart') {
    await parts.steps.remove(visit.details.uid);
    return again(visit);
  }
  const user = step && (await parts.ports.users.byId(step.userId));
  if (!step || !user?.active) return askPassword(parts, visit);
  if (step.complete) return complete(parts, visit, user, step);
  return step.secret === undefined ? askCode(parts, visit, user, step) : enrol(parts, visit, user, step);
}

async function askPassword(parts: InteractionParts, visit: Visit): Promise<void> {
  const { client, form, formTargets, token, details } = visit;
  const email = form?.get('email') ?? hintOf(details);
  let problem: string | undefined;
  if (form) {
    const password = form.get('password') ?? '';
    const address = parts.addressOf(visit.request);
    const outcome = await checkPassword(parts, { email, password, address, clientId: client.clientId });
    if ('user' in outcome) return proceed(parts, visit, outcome.user, ['pwd']);
    problem = outcome.problem;
  }
  const canReset = parts.ports.sendMail !== undefined;
  const page = signInPage({ token, clientName: nameOf(client), email, problem, formTargets, canReset });
  show(visit.response, problem === undefined ? 200 : 403, page);
}

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
    if (user.mfaRequired !== true) return complete(parts, visit, user, step);
    step.secret = newTotpSecret();
  }
  await parts.steps.put(visit.details.uid, step);
  again(visit);
}

async function askCode(
  parts: InteractionParts,
  visit: Visit,
  user: UserAccount,
  step: SignInStep,
): Promise<void> {
  const { form, formTargets, token } = visit;
  let problem: string | undefined;
  if (form) {
    const typed = form.get('code') ?? '';
    const kind = await guarded(parts, visit, user, () => parts.secondFactors.accept(user.id, typed));
    if (kind === 'totp' || kind === 'recovery-code')
      return complete(parts, visit, user, { ...step, amr: [...step.amr, 'otp', 'mfa'] });
    problem = kind?.problem ?? 'The code is wrong, or was used already. Wait for the next one.';
  }
  show(visit.response, problem === undefined ? 200 : 403, codePage({ token, problem, formTargets }));
}

async function enrol(
  parts: InteractionParts,
  visit: Visit,
  user: UserAccount,
  step: SignInStep & { secret?: string },
): Promise<void> {
  const { form, formTargets, token, details, response } = visit;
  const { secret = '', ...rest } = step;
  // Whoever has a factor is asked for it: else a password would be enough to set up another one.
  if (hasSecondFactor(await parts.secondFactors.of(user.id))) {
    await parts.steps.put(details.uid, rest);
    return again(visit);
  }
  let problem: string | undefined;
  if (form) {
    const typed = form.get('code') ?? '';
    const confirm = () => parts.secondFactors.confirmTotp(user.id, secret, typed);
    const confirmed = await guarded(parts, visit, user, async () => (await confirm()) || undefined);
    if (confirmed === true) return showNewCodes();
    problem = confirmed?.problem ?? 'The code is wrong. Is the clock of your phone right?';
  }
  const uri = totpUri(secret, `MaxRay ${new URL(parts.issuer).host}`, user.email);
  const view = { token, problem, formTargets, secret, uri, ...FORCED };
  show(response, problem === undefined ? 200 : 403, enrolPage(view));

  async function showNewCodes(): Promise<void> {
    const codes = await parts.secondFactors.newRecoveryCodes(user.id);
    const done: SignInStep = { ...rest, amr: [...step.amr, 'otp', 'mfa'], complete: true };
    await parts.steps.put(details.uid, done);
    const { clientId } = visit.client;
    parts.ports.onEvent({ kind: 'mfa-enrolled', clientId, userId: user.id, detail: 'totp' });
    const next = html`<form method="post">
      <input type="hidden" name="csrf" value="${parts.forms.of(details.uid, 'login complete')}" />
      <button name="action" value="continue">I have written them down</button>
    </form>`;
    show(response, 200, recoveryCodesPage(codes, next, formTargets));
  }
}

/** Runs a check that could be guessed at: counted before, and told when it fails. */
async function guarded<T>(
  parts: InteractionParts,
  visit: Visit,
  { id, email }: UserAccount,
  check: () => Promise<T | undefined>,
): Promise<T | { problem: string } | undefined> {
  const { clientId } = visit.client;
  const address = parts.addressOf(visit.request);
  const problem = await countAttempt(parts, { email, address, clientId });
  if (problem !== undefined) return { problem };
  const outcome = await check();
  if (outcome === undefined) parts.ports.onEvent({ kind: 'mfa-failed', clientId, userId: id, address });
  else await parts.attempts.takeBack(addressKey(address));
  return outcome;
}

async function complete(
  parts: InteractionParts,
  visit: Visit,
  user: UserAccount,
  { amr }: SignInStep,
): Promise<void> {
  const { clientId } = visit.client;
  await parts.steps.remove(visit.details.uid);
  await signedIn(parts, { user, amr, address: parts.addressOf(visit.request), clientId });
  return finish(parts, visit, { login: { accountId: user.id, amr, remember: false } });
}

/** To the page of the step that comes now; to load it again sends no form again. */
function again({ request, response }: Visit): void {
  const [path] = (request.url ?? '').split('?');
  response.writeHead(303, { Location: path, 'Cache-Control': 'no-store' }).end();
}

const hintOf = ({ params }: Details): string =>
  typeof params.login_hint === 'string' ? params.login_hint.slice(0, 254) : '';
