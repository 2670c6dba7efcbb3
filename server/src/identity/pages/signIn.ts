import { html, type Html } from './html.ts';
import { problemOf, type Page } from './layout.ts';
import { passkeyForm, type PasskeyForm } from './passkeyForm.ts';

export interface SignInView {
  token: string;
  /** Of the app that asks. */
  clientName: string;
  email: string;
  problem: string | undefined;
  formTargets: readonly string[];
  /** Whether a link can be sent to whoever has forgotten the password. */
  canReset: boolean;
  passkey: PasskeyForm | undefined;
  /** Links to external providers. */
  external: readonly Html[];
}

export const signInPage = (view: SignInView): Page => ({
  title: 'Sign in',
  formTargets: view.formTargets,
  script: view.passkey?.script,
  body: html`${problemOf(view.problem)}
    <p>to go on to <b>${view.clientName}</b></p>
    <form method="post">
      <input type="hidden" name="csrf" value="${view.token}" />
      <label for="email">Email</label>
      <input
        id="email"
        name="email"
        type="email"
        autocomplete="username"
        required
        maxlength="254"
        value="${view.email}"
      />
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required />
      <button name="action" value="sign-in">Sign in</button>
      <button name="action" value="cancel" formnovalidate>Cancel</button>
    </form>
    ${view.passkey && passkeyForm(view.passkey, 'get', view.token, 'Sign in with a passkey')} ${view.external}
    ${view.canReset ? html`<p><a href="../forgot">Forgot your password?</a></p>` : undefined}`,
});
