import { html, type Html } from './html.ts';
import { problemOf, type Page } from './layout.ts';
import { passkeyForm, type PasskeyForm } from './passkeyForm.ts';
import { qrCode } from './qrCode.ts';

export interface StepView {
  token: string;
  problem: string | undefined;
  formTargets: readonly string[];
  passkey?: PasskeyForm | undefined;
}

const START_AGAIN = html`<button name="action" value="restart" formnovalidate>
  Sign in as somebody else
</button>`;

/** Asks for the second factor of somebody whose password was right. */
export const codePage = ({ token, problem, formTargets, passkey }: StepView, hasApp: boolean): Page => ({
  title: 'Second step',
  formTargets,
  script: passkey?.script,
  body: html`${problemOf(problem)} ${passkey && passkeyForm(passkey, 'get', token, 'Use a passkey')}
    <form method="post">
      <input type="hidden" name="csrf" value="${token}" />
      ${codeField(hasApp ? 'Code from your authenticator app, or a recovery code' : 'Recovery code')}
      <button name="action" value="code">Continue</button>
      ${START_AGAIN}
    </form>`,
});

export interface EnrolView extends StepView {
  /** base32. */
  secret: string;
  /** Key URI of it. */
  uri: string;
  /** Why it is asked for, and what else the form can do. */
  intro: Html;
  more: Html;
}

/** Sets up an authenticator app. */
export const enrolPage = ({
  token,
  problem,
  formTargets,
  secret,
  uri,
  intro,
  more,
  passkey,
}: EnrolView): Page => ({
  title: 'Set up an authenticator app',
  formTargets,
  script: passkey?.script,
  body: html`${problemOf(problem)} ${intro}
    <ol>
      <li>
        <p>In an authenticator app on your phone, add an account and scan this picture:</p>
        ${qrCode(uri, 'QR code that holds the key below')}
        <p>Or type this key: <code id="key">${secret.match(/.{1,4}/g)!.join(' ')}</code></p>
        <p>On this device: <a href="${uri}">open the app</a></p>
      </li>
      <li>
        <form method="post">
          <input type="hidden" name="csrf" value="${token}" />
          ${codeField('Type the code that the app shows')}
          <button name="action" value="enrol">Continue</button>
          ${more}
        </form>
      </li>
    </ol>
    ${
      passkey &&
      html`<h2>Or a passkey</h2>
        ${passkeyForm(passkey, 'create', token, 'Add a passkey instead')}`
    }`,
});

export const FORCED = {
  intro: html`<p>Your role signs in with a password and a second step.</p>`,
  more: START_AGAIN,
};

/** Shows recovery codes, once. @param next where to go on, and by what */
export const recoveryCodesPage = (
  codes: readonly string[],
  next: Html,
  formTargets: readonly string[] = [],
): Page => ({
  title: 'Your recovery codes',
  formTargets,
  body: html`<p>
      If you lose your phone, each of these codes lets you in once, in place of a code from the app. Print
      them or write them down now: they are <b>not shown again</b>.
    </p>
    <ul class="codes">
      ${codes.map((code) => html`<li><code>${code}</code></li>`)}
    </ul>
    ${next}`,
});

const codeField = (label: string): Html =>
  html`<label for="code">${label}</label>
    <input
      id="code"
      name="code"
      type="text"
      inputmode="text"
      autocomplete="one-time-code"
      autocapitalize="characters"
      spellcheck="false"
      maxlength="40"
      required
      autofocus
    />`;
