import type { ListedApp, ListedSession } from '../account/given.ts';
import type { ListedExternal } from '../external/externalAccounts.ts';
import type { ListedPasskey } from '../factors/passkeys.ts';
import type { Factors } from '../factors/secondFactors.ts';
import type { UserAccount } from '../ports.ts';
import { meaningOf } from './consent.ts';
import { html, type Html } from './html.ts';
import { noteOf, problemOf, type Page } from './layout.ts';

export interface AccountView {
  csrf: string;
  user: UserAccount;
  factors: Factors;
  keys: readonly ListedPasskey[];
  external: readonly ListedExternal[];
  /** Whether browsers know passkeys of this server. */
  canAdd: boolean;
  sessions: readonly ListedSession[];
  /** `uid` of the session in which the page is looked at. */
  here: string;
  apps: readonly ListedApp[];
  /** Whether mail can be sent to confirm the address. */
  canConfirm: boolean;
  /** What was done just now. */
  note?: string | undefined;
  problem?: string | undefined;
}

export const accountPage = (view: AccountView): Page => ({
  title: 'Your account',
  body: html`${problemOf(view.problem)} ${noteOf(view.note)}
    <p>${view.user.name ?? ''} <b>${view.user.email}</b></p>
    ${view.canConfirm ? button(view, 'Confirm this address by mail', { action: 'confirm-email' }) : undefined}
    <h2>Password</h2>
    <p><a href="account/password">Change your password</a></p>
    ${factors(view)} ${externals(view)} ${sessions(view)} ${apps(view)}`,
});

function factors(view: AccountView): Html {
  const { totp } = view.factors;
  const required = view.user.mfaRequired === true;
  return html`<h2>Second step</h2>
    ${
      totp
        ? html`<p>An authenticator app is set up.</p>
            ${button(view, required ? 'Set up another app instead' : 'Remove the app', { action: 'remove-totp' })}`
        : html`<p>No authenticator app is set up.</p>
            <p><a href="account/totp">Set up an authenticator app</a></p>`
    }
    ${passkeys(view)}`;
}

function passkeys(view: AccountView): Html {
  const { keys, canAdd, factors } = view;
  const hasFactor = factors.totp || keys.length > 0;
  return html`<h2>Passkeys</h2>
    <ul>
      ${keys.map(
        ({ name, label, createdAtMs, usedAtMs }) =>
          html`<li>
            ${label}
            <small
              >added
              ${timeOf(createdAtMs)}${usedAtMs === undefined ? '' : `, last used ${timeOf(usedAtMs)}`}</small
            >
            ${button(view, 'Remove', { action: 'remove-passkey', passkey: name }, label)}
          </li>`,
      )}
    </ul>
    ${keys.length === 0 ? html`<p>None.</p>` : undefined}
    ${canAdd ? html`<p><a href="account/passkey">Add a passkey</a></p>` : undefined}
    ${
      hasFactor
        ? html`<h2>Recovery codes</h2>
            <p>Unused: ${factors.recoveryCodes}.</p>
            ${button(view, 'Make new recovery codes', { action: 'new-codes' })}`
        : undefined
    }`;
}

const externals = (view: AccountView): Html | undefined =>
  view.external.length === 0
    ? undefined
    : html`<h2>Sign-in elsewhere</h2>
        <ul>
          ${view.external.map(
            ({ name, provider, email }) =>
              html`<li>
                ${provider} <small>as ${email}</small>
                ${button(view, 'Remove', { action: 'unlink', external: name }, provider)}
              </li>`,
          )}
        </ul>`;

const sessions = (view: AccountView): Html =>
  html`<h2>Where you are signed in</h2>
    <ul>
      ${view.sessions.map(
        ({ uid, signedInAtMs, facts, apps: names }) =>
          html`<li>
            ${facts === undefined ? 'Unknown browser' : browserOf(facts.userAgent)}${
              uid === view.here ? html` <b>(this one)</b>` : undefined
            }
            <small
              >since ${timeOf(signedInAtMs)}${facts === undefined ? '' : `, from ${facts.address}`}</small
            >
            ${names.length === 0 ? undefined : html`<small>for ${names.join(', ')}</small>`}
            ${button(view, 'Sign out', { action: 'end-session', session: uid }, timeOf(signedInAtMs))}
          </li>`,
      )}
    </ul>
    ${button(view, 'Sign out everywhere, and all apps', { action: 'end-all' })}`;

const apps = (view: AccountView): Html =>
  html`<h2>Apps with access</h2>
    ${view.apps.length === 0 ? html`<p>None.</p>` : undefined}
    <ul>
      ${view.apps.map(
        ({ clientId, name, scopes, sinceMs, usedAtMs }) =>
          html`<li>
            ${name} <small>since ${timeOf(sinceMs)}, last token ${timeOf(usedAtMs)}</small>
            <details>
              <summary>What it may do</summary>
              <ul>
                ${scopes.map((scope) => html`<li>${meaningOf(scope)}</li>`)}
              </ul>
            </details>
            ${button(view, 'Remove access', { action: 'end-app', client: clientId }, name)}
          </li>`,
      )}
    </ul>`;

/** A form of one button. @param about told to those who do not see what stands beside it */
function button({ csrf }: AccountView, label: string, fields: Record<string, string>, about?: string): Html {
  const hidden = Object.entries({ csrf, ...fields });
  return html`<form method="post" action="account">
    ${hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <button>${label}${about === undefined ? undefined : html`<span class="spoken">: ${about}</span>`}</button>
  </form>`;
}

/** To the minute, in the one time zone that is the same for all. */
const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(?:e|ium)\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux|X11/, 'Linux'],
];

/** What people call a browser, by what it says of itself. */
export function browserOf(userAgent: string): string {
  const named = (table: typeof BROWSERS) => table.find(([pattern]) => pattern.test(userAgent))?.[1];
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  if (browser === undefined) return userAgent.slice(0, 40) || 'Unknown browser';
  return system === undefined ? browser : `${browser} on ${system}`;
}
