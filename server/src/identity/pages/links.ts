import type { IncomingMessage, ServerResponse } from 'node:http';
import { fhirError } from '../../fhir/outcome.ts';
import type { LinkContent, LinkPurpose, Links } from '../links.ts';
import type { MailedLinks } from '../mailedLinks.ts';
import type { Passwords } from '../passwords.ts';
import type { IdentityPorts, UserAccount } from '../ports.ts';
import { waitText } from '../signIn.ts';
import { readForm, type FormTokens } from './form.ts';
import { html, type Html } from './html.ts';
import { problemOf } from './layout.ts';
import { newPassword, newPasswordFields } from './newPassword.ts';
import { pageCookie } from './pageCookie.ts';
import { show } from './visit.ts';

export interface LinkPageParts {
  issuer: string;
  ports: IdentityPorts;
  links: Links;
  mailedLinks: MailedLinks;
  passwords: Passwords;
  forms: FormTokens;
  /** Ends all that a user was given. */
  revokeUser(userId: string): Promise<void>;
  addressOf(request: IncomingMessage): string;
}

const TITLES: Readonly<Record<LinkPurpose, string>> = {
  invitation: 'Choose your password',
  'password-reset': 'Choose a new password',
  'email-verification': 'Confirm your email address',
};

/** Answers {@link LINK_PATH}: a page that says what the link is for, whose form uses it. */
export async function answerLink(
  parts: LinkPageParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const token = new URL(request.url ?? '', 'http://localhost').searchParams.get('token') ?? '';
  const { csrf, form } = await formOf(parts, request, response, `link ${token}`);
  const content = await parts.links.find(token);
  const user = content && (await parts.ports.users.byId(content.userId));
  if (!content || !user?.active || user.email !== content.email) return showUseless(parts, response);
  const outcome = form && (await useLink(parts, token, content, user, form, parts.addressOf(request)));
  if (outcome === 'useless') return showUseless(parts, response);
  if (outcome && 'done' in outcome) return show(response, 200, { title: 'Done', body: outcome.done });
  const problem = outcome?.problem;
  const isPassword = content.purpose !== 'email-verification';
  const body = html`${problemOf(problem)}
    <form method="post">
      <input type="hidden" name="csrf" value="${csrf}" />
      ${isPassword ? newPasswordFields(user.email) : html`<p>Is <b>${user.email}</b> yours?</p>`}
      <button>${isPassword ? 'Set password' : 'Confirm'}</button>
    </form>`;
  show(response, problem === undefined ? 200 : 422, { title: TITLES[content.purpose], body });
}

/** Everybody else who was signed in as this user, perhaps the one because of whom it is reset, is not any more. */
async function useLink(
  { ports, links, passwords, revokeUser }: LinkPageParts,
  token: string,
  { purpose }: LinkContent,
  { id, email }: UserAccount,
  form: URLSearchParams,
  address: string,
): Promise<{ problem: string } | { done: Html } | 'useless'> {
  if (purpose === 'email-verification') {
    if (!(await links.take(token))) return 'useless';
    await ports.users.emailVerified?.(id, email);
    ports.onEvent({ kind: 'email-verified', userId: id, address });
    return { done: html`<p>Your email address is confirmed. You can close this page.</p>` };
  }
  const typed = newPassword(form, email);
  if ('problem' in typed) return typed;
  const hashed = await passwords.hashed(typed.password);
  if (!(await links.take(token))) return 'useless';
  await passwords.setHashed(id, hashed);
  await revokeUser(id);
  // An invitation may have been handed on by other ways than mail.
  if (purpose === 'password-reset') await ports.users.emailVerified?.(id, email);
  ports.onEvent({ kind: 'password-reset', userId: id, address, detail: purpose });
  return { done: html`<p>Your password is set. Go back to the app, and sign in with it.</p>` };
}

function showUseless({ mailedLinks }: LinkPageParts, response: ServerResponse): void {
  const again = mailedLinks.canMail
    ? html`<p><a href="forgot">Ask for a new password</a>, or ask whoever invited you to do so again.</p>`
    : html`<p>Ask an administrator for another one.</p>`;
  const body = html`<p class="problem" role="alert">The link has expired, or was used already.</p>
    ${again}`;
  show(response, 410, { title: 'This does not work', body });
}

/** Answers {@link FORGOT_PATH}: the same for every address, whether there is an account or not. */
export async function answerForgot(
  parts: LinkPageParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { csrf, form } = await formOf(parts, request, response, 'forgot');
  let problem: string | undefined;
  if (form) {
    const waitS = await parts.mailedLinks.requestReset(form.get('email') ?? '', parts.addressOf(request));
    if (waitS === undefined) {
      const text = 'If there is an account with this address, a mail with a link is on its way.';
      const body = html`<p role="status">${text} The link works for an hour.</p>`;
      return show(response, 200, { title: 'Look into your mail', body });
    }
    problem = `Too many attempts. Try again in ${waitText(waitS)}.`;
  }
  const body = html`${problemOf(problem)}
    <form method="post">
      <input type="hidden" name="csrf" value="${csrf}" />
      <label for="email">Email</label>
      <input id="email" name="email" type="email" autocomplete="username" required maxlength="254" />
      <button>Send me a link</button>
    </form>`;
  show(response, problem === undefined ? 200 : 429, { title: 'Forgot your password?', body });
}

/** @throws FhirError when a form was not sent from the page that it should come from */
async function formOf(
  { forms, issuer }: LinkPageParts,
  request: IncomingMessage,
  response: ServerResponse,
  page: string,
): Promise<{ csrf: string; form: URLSearchParams | undefined }> {
  if (request.method !== 'GET' && request.method !== 'POST')
    throw fhirError('method-not-allowed', 'not-supported', 'This page takes GET and POST.');
  const cookie = pageCookie(request, response, issuer);
  const form = request.method === 'POST' ? await readForm(request) : undefined;
  if (form && !forms.fits(form.get('csrf'), cookie, page))
    throw fhirError('forbidden', 'security', 'The form is not one of this page. Go back and load it again.');
  return { csrf: forms.of(cookie, page), form };
}
