import { hasSecondFactor } from '../factors/secondFactors.ts';
import { totpUri } from '../factors/totp.ts';
import type { UserAccount } from '../ports.ts';
import type { SignInStep } from '../signInSteps.ts';
import { html } from './html.ts';
import type { PasskeyForm } from './passkeyForm.ts';
import { codePage, enrolPage, FORCED, recoveryCodesPage } from './secondFactor.ts';
import { again, complete, guarded, passkeyOf } from './progress.ts';
import { show, type InteractionParts, type Visit } from './visit.ts';

/** Asks for the second factor that somebody has. */
export async function askCode(
  parts: InteractionParts,
  visit: Visit,
  user: UserAccount,
  step: SignInStep,
): Promise<void> {
  const { form, formTargets, token } = visit;
  let problem: string | undefined;
  if (form) {
    const withPasskey = form.get('action') === 'passkey';
    const method = await guarded(parts, visit, user, () =>
      withPasskey ? byPasskey(form.get('credential') ?? '') : byCode(form.get('code') ?? ''),
    );
    if (typeof method === 'string') return complete(parts, visit, user, [...step.amr, method, 'mfa']);
    const wrong = withPasskey
      ? 'This passkey is not one of this account.'
      : 'The code is wrong, or was used already. Wait for the next one.';
    problem = method?.problem ?? wrong;
  }
  const { totp, passkeys } = await parts.secondFactors.of(user.id);
  const passkey = passkeys ? await passkeyOf(parts, visit, user.id) : undefined;
  const page = codePage({ token, problem, formTargets, passkey }, totp);
  show(visit.response, problem === undefined ? 200 : 403, page);

  async function byCode(typed: string): Promise<string | undefined> {
    return (await parts.secondFactors.accept(user.id, typed)) && 'otp';
  }
  async function byPasskey(credential: string): Promise<string | undefined> {
    const proof = await parts.passkeys.check(visit.details.uid, credential);
    return proof?.userId === user.id ? 'pop' : undefined;
  }
}

/** Has somebody set one up whose role asks for it. */
export async function enrol(
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
    const withPasskey = form.get('action') === 'passkey';
    const added = await guarded(parts, visit, user, async () =>
      (await (withPasskey ? addPasskey(form) : addApp(form))) ? true : undefined,
    );
    if (added === true) return showNewCodes(withPasskey);
    const wrong = withPasskey
      ? 'The passkey could not be added. Try again.'
      : 'The code is wrong. Is the clock of your phone right?';
    problem = added?.problem ?? wrong;
  }
  const uri = totpUri(secret, `MaxRay ${new URL(parts.issuer).host}`, user.email);
  const passkey = await passkeyToAdd(parts, details.uid, user);
  const view = { token, problem, formTargets, secret, uri, passkey, ...FORCED };
  show(response, problem === undefined ? 200 : 403, enrolPage(view));

  function addApp(sent: URLSearchParams): Promise<boolean> {
    return parts.secondFactors.confirmTotp(user.id, secret, sent.get('code') ?? '');
  }
  function addPasskey(sent: URLSearchParams): Promise<boolean> {
    const credential = sent.get('credential') ?? '';
    return parts.passkeys.add(user, details.uid, credential, sent.get('label') ?? '');
  }
  async function showNewCodes(withPasskey: boolean): Promise<void> {
    const codes = await parts.secondFactors.newRecoveryCodes(user.id);
    const done: SignInStep = {
      ...rest,
      amr: [...step.amr, withPasskey ? 'pop' : 'otp', 'mfa'],
      complete: true,
    };
    await parts.steps.put(details.uid, done);
    const { clientId } = visit.client;
    parts.ports.onEvent({
      kind: 'mfa-enrolled',
      clientId,
      userId: user.id,
      detail: withPasskey ? 'passkey' : 'totp',
    });
    const next = html`<form method="post">
      <input type="hidden" name="csrf" value="${parts.forms.of(details.uid, 'login complete')}" />
      <button name="action" value="continue">I have written them down</button>
    </form>`;
    show(response, 200, recoveryCodesPage(codes, next, formTargets));
  }
}

async function passkeyToAdd(
  { passkeys, passkeyScript: script }: InteractionParts,
  interaction: string,
  user: UserAccount,
): Promise<PasskeyForm | undefined> {
  if (!passkeys.available) return undefined;
  return { options: await passkeys.creationOptions(user, interaction), script };
}
