import { html } from './html.ts';
import { problemOf, type Page } from './layout.ts';

export interface SignInView {
  token: string;
  /** Of the app that asks. */
  clientName: string;
  email: string;
  problem: string | undefined;
  formTargets: readonly string[];
  /** Whether a link can be sent to whoever has forgotten the password. */
  canReset: boolean;
}

export const signInPage = ({
  token,
  clientName,
  email,
  problem,
  formTargets,
  canReset,
}: SignInView): Page => ({
  title: 'Sign in',
  formTargets,
  body: html`${problemOf(problem)}
    <p>to go on to <b>${clientName}</b></p>
    <form method="post">
      <input type="hidden" name="csrf" value="${token}" />
      <label for="email">Email</label>
      <input
        id="email"
        name="email"
        type="email"
        autocomplete="username"
        required
        maxlength="254"
        value="${email}"
      />
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required />
      <button name="action" value="sign-in">Sign in</button>
      <button name="action" value="cancel" formnovalidate>Cancel</button>
    </form>
    ${canReset ? html`<p><a href="../forgot">Forgot your password?</a></p>` : undefined}`,
});
