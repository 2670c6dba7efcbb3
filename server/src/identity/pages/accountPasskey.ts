import type { AccountParts, AccountVisit } from './accountVisit.ts';
import { html } from './html.ts';
import { problemOf } from './layout.ts';
import { passkeyForm } from './passkeyForm.ts';
import { recoveryCodesPage } from './secondFactor.ts';
import { show } from './visit.ts';

const BACK = html`<p><a href="../account">Back to your account</a></p>`;

/** Adds a passkey for somebody who is signed in. */
export async function addPasskey(parts: AccountParts, visit: AccountVisit): Promise<void> {
  const { user, sessionUid, csrf, response, form, address } = visit;
  const { passkeys, secondFactors, ports, passkeyScript } = parts;
  const binding = `account ${sessionUid}`;
  let problem: string | undefined;
  if (form) {
    if (await passkeys.add(user, binding, form.get('credential') ?? '', form.get('label') ?? '')) {
      ports.onEvent({ kind: 'mfa-enrolled', userId: user.id, address, detail: 'passkey' });
      const hasCodes = (await secondFactors.of(user.id)).recoveryCodes > 0;
      const done = {
        title: 'Done',
        body: html`<p role="status">The passkey is added.</p>
          ${BACK}`,
      };
      const codes = hasCodes ? [] : await secondFactors.newRecoveryCodes(user.id);
      return show(response, 200, hasCodes ? done : recoveryCodesPage(codes, BACK));
    }
    problem = 'The passkey could not be added. Load the page again.';
  }
  const offered = { options: await passkeys.creationOptions(user, binding), script: passkeyScript };
  const body = html`${problemOf(problem)}
    <p>
      A passkey is kept by your phone, computer or security key. You sign in by unlocking it, without a
      password or as a second step.
    </p>
    ${passkeyForm(offered, 'create', csrf, 'Add a passkey')}
    <noscript><p>Your browser has scripts switched off, which passkeys need.</p></noscript>
    ${BACK}`;
  const title = 'Add a passkey';
  show(response, problem === undefined ? 200 : 422, { title, body, script: passkeyScript });
}
