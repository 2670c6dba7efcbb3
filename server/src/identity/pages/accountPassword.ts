import { addressKey, accountKey, countAttempt } from '../signIn.ts';
import type { AccountParts, AccountVisit } from './accountVisit.ts';
import { html } from './html.ts';
import { problemOf } from './layout.ts';
import { newPassword, newPasswordFields } from './newPassword.ts';
import { show } from './visit.ts';

/** Sets another password for whoever knows the one before; then all have to sign in again, which a thief cannot. */
export async function changePassword(parts: AccountParts, visit: AccountVisit): Promise<void> {
  const { user, csrf, response, form } = visit;
  const problem = form && (await change(parts, visit, form));
  if (form && problem === undefined) {
    const body = html`<p role="status">Your password is changed, and you are signed out everywhere.</p>
      <p><a href="../account">Sign in</a></p>`;
    return show(response, 200, { title: 'Done', body });
  }
  const forgot = parts.mailedLinks.canMail
    ? html`<p><a href="../forgot">I do not know it</a></p>`
    : undefined;
  const body = html`${problemOf(problem)}
    <form method="post">
      <input type="hidden" name="csrf" value="${csrf}" />
      <label for="current">Password now</label>
      <input id="current" name="current" type="password" autocomplete="current-password" required />
      ${newPasswordFields(user.email)}
      <button>Change password</button>
    </form>
    ${forgot}
    <p><a href="../account">Back to your account</a></p>`;
  show(response, problem === undefined ? 200 : 422, { title: 'Change your password', body });
}

/** @returns why it cannot be */
async function change(
  { passwords, attempts, ports, revokeUser }: AccountParts,
  { user, address }: AccountVisit,
  form: URLSearchParams,
): Promise<string | undefined> {
  const { id, email } = user;
  const typed = newPassword(form, email);
  if ('problem' in typed) return typed.problem;
  const tooMany = await countAttempt({ ports, attempts }, { email, address });
  if (tooMany !== undefined) return tooMany;
  if (!(await passwords.matches(id, form.get('current') ?? ''))) {
    ports.onEvent({ kind: 'sign-in-failed', userId: id, address, detail: 'change of password' });
    return 'The password that you have now is another one.';
  }
  await Promise.all([attempts.forget(accountKey(email)), attempts.takeBack(addressKey(address))]);
  await passwords.setHashed(id, await passwords.hashed(typed.password));
  await revokeUser(id);
  ports.onEvent({ kind: 'password-changed', userId: id, address });
  return undefined;
}
