import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, passwordProblem } from '../passwords.ts';
import { html, type Html } from './html.ts';

/** Fields for a new password, typed twice. @param email what password managers file it under */
export const newPasswordFields = (email: string): Html =>
  html`<label for="username">Account</label>
    <input id="username" name="username" type="email" autocomplete="username" value="${email}" readonly />
    <label for="password">New password</label>
    <input
      id="password"
      name="password"
      type="password"
      autocomplete="new-password"
      minlength="${PASSWORD_CHARS_MIN}"
      maxlength="${PASSWORD_CHARS_MAX}"
      aria-describedby="rule"
      required
    />
    <small id="rule">At least ${PASSWORD_CHARS_MIN} characters. A few words are easy to remember.</small>
    <label for="repeat">The same once more</label>
    <input id="repeat" name="repeat" type="password" autocomplete="new-password" required />`;

/** The password that was typed; or why it cannot be taken. */
export function newPassword(
  form: URLSearchParams,
  email: string,
): { password: string } | { problem: string } {
  const password = form.get('password') ?? '';
  const problem = passwordProblem(password);
  if (problem !== undefined) return { problem };
  if (password !== form.get('repeat')) return { problem: 'The two passwords are not the same.' };
  if (password.toLowerCase() === email.toLowerCase())
    return { problem: 'Your email address is no password.' };
  return { password };
}
