import { newTotpSecret, totpUri } from '../factors/totp.ts';
import type { AccountParts, AccountVisit } from './accountVisit.ts';
import { html } from './html.ts';
import { enrolPage, recoveryCodesPage } from './secondFactor.ts';
import { show } from './visit.ts';

const BACK = html`<p><a href="../account">Back to your account</a></p>`;

/** Sets up an authenticator app for somebody who is signed in. */
export async function setUpTotp(parts: AccountParts, visit: AccountVisit): Promise<void> {
  const { user, sessionUid, csrf, response, form, address } = visit;
  const { secondFactors, steps, ports } = parts;
  if ((await secondFactors.of(user.id)).totp) {
    const body = html`<p>An authenticator app is set up already.</p>
      ${BACK}`;
    return show(response, 200, { title: 'Set up an authenticator app', body });
  }
  const begun = `account ${sessionUid}`;
  const secret = (await steps.find(begun))?.secret ?? newTotpSecret();
  let problem: string | undefined;
  if (form) {
    if (await secondFactors.confirmTotp(user.id, secret, form.get('code') ?? '')) {
      await steps.remove(begun);
      ports.onEvent({ kind: 'mfa-enrolled', userId: user.id, address, detail: 'totp' });
      return show(response, 200, recoveryCodesPage(await secondFactors.newRecoveryCodes(user.id), BACK));
    }
    problem = 'The code is wrong. Is the clock of your phone right?';
  }
  await steps.put(begun, { userId: user.id, amr: [], secret });
  const uri = totpUri(secret, `MaxRay ${new URL(parts.issuer).host}`, user.email);
  const view = { token: csrf, problem, formTargets: [], secret, uri };
  const intro = html`<p>With it, nobody who only knows your password can sign in as you.</p>`;
  const page = enrolPage({ ...view, intro, more: html`` });
  show(response, problem === undefined ? 200 : 403, { ...page, body: html`${page.body} ${BACK}` });
}
