import type { AccountParts, AccountVisit } from './accountVisit.ts';
import { html } from './html.ts';
import type { Page } from './layout.ts';
import { recoveryCodesPage } from './secondFactor.ts';

/** What to show after an action: a page of its own, or a word on that of the account. */
export type ActionOutcome = { page: Page } | { note?: string; problem?: string };

export const BACK = html`<p><a href="account">Back to your account</a></p>`;

/** Does what a button on the page of the account says. */
export async function actOnAccount(
  parts: AccountParts,
  visit: AccountVisit,
  form: URLSearchParams,
): Promise<ActionOutcome> {
  const act = ACTIONS[form.get('action') ?? ''];
  return act ? act(parts, visit, form) : { problem: 'The page does not know this button. Load it again.' };
}

type Action = (parts: AccountParts, visit: AccountVisit, form: URLSearchParams) => Promise<ActionOutcome>;

const ACTIONS: Readonly<Record<string, Action | undefined>> = {
  async 'end-session'({ given, ports }, { user, address }, form) {
    if (!(await given.endSession(user.id, form.get('session') ?? '')))
      return { problem: 'This session has ended already.' };
    ports.onEvent({ kind: 'session-ended', userId: user.id, address, detail: 'one' });
    return { note: 'The session has ended.' };
  },

  async 'end-all'({ revokeUser, ports }, { user, address }) {
    await revokeUser(user.id);
    ports.onEvent({ kind: 'session-ended', userId: user.id, address, detail: 'all' });
    const body = html`<p role="status">You are signed out everywhere, and no app has access any more.</p>
      <p><a href="account">Sign in</a></p>`;
    return { page: { title: 'Signed out', body } };
  },

  async 'end-app'({ given, ports }, { user, address }, form) {
    const clientId = form.get('client') ?? '';
    if (!(await given.endApp(user.id, clientId))) return { problem: 'This app has no access any more.' };
    ports.onEvent({ kind: 'grant-revoked', userId: user.id, clientId, address });
    return { note: 'The app has no access any more.' };
  },

  async 'confirm-email'({ mailedLinks, ports }, { user, address }) {
    await mailedLinks.sendVerification(user.id);
    ports.onEvent({ kind: 'verification-requested', userId: user.id, address });
    return { note: 'A mail with a link is on its way.' };
  },

  async 'new-codes'({ secondFactors, ports }, { user, address }) {
    const codes = await secondFactors.newRecoveryCodes(user.id);
    ports.onEvent({ kind: 'mfa-enrolled', userId: user.id, address, detail: 'recovery-codes' });
    return { page: recoveryCodesPage(codes, BACK) };
  },

  async 'remove-passkey'({ passkeys, secondFactors, ports }, { user, address }, form) {
    if (!(await passkeys.remove(user.id, form.get('passkey') ?? '')))
      return { problem: 'This passkey is removed already.' };
    await secondFactors.tidy(user.id);
    ports.onEvent({ kind: 'mfa-removed', userId: user.id, address, detail: 'passkey' });
    return { note: 'The passkey is removed.' };
  },

  async unlink({ externalAccounts, ports }, { user, address }, form) {
    if (!(await externalAccounts.remove(user.id, form.get('external') ?? '')))
      return { problem: 'This account is removed already.' };
    ports.onEvent({ kind: 'account-unlinked', userId: user.id, address });
    return { note: 'The account elsewhere signs you in no more, until you sign in with it again.' };
  },

  async 'remove-totp'({ secondFactors, ports }, { user, address }) {
    if (!(await secondFactors.removeTotp(user.id))) return { problem: 'There is no app any more.' };
    ports.onEvent({ kind: 'mfa-removed', userId: user.id, address, detail: 'totp' });
    return { note: 'The app is removed.' };
  },
};
