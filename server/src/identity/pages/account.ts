import type { IncomingMessage, ServerResponse } from 'node:http';
import { fhirError } from '../../fhir/outcome.ts';
import { ACCOUNT_CLIENT_ID, accountSignIn, QUEUES_PAGE } from '../account/accountClient.ts';
import { ACCOUNT_PATH, QUEUES_PATH } from '../paths.ts';
import { actOnAccount } from './accountActions.ts';
import { changePassword } from './accountPassword.ts';
import { addPasskey } from './accountPasskey.ts';
import { setUpTotp } from './accountTotp.ts';
import { accountPage } from './accountView.ts';
import type { AccountParts, AccountVisit } from './accountVisit.ts';
import { readForm } from './form.ts';
import { html } from './html.ts';
import { signedInUser } from './signedIn.ts';
import { show } from './visit.ts';

/** A change of what somebody proves by who he is wants a sign-in that lies back no longer. */
export const FRESH_S = 600;

const METHODS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'POST']);

type AnswerPage = (parts: AccountParts, visit: AccountVisit) => Promise<void>;

/** Pages below {@link ACCOUNT_PATH}; those that change how somebody signs in want a fresh sign-in. */
const PAGES: Readonly<Record<string, { answer: AnswerPage; fresh: boolean }>> = {
  '': { answer: overview, fresh: false },
  password: { answer: changePassword, fresh: false },
  totp: { answer: setUpTotp, fresh: true },
  passkey: { answer: addPasskey, fresh: true },
};

/** Answers the pages of the account: whoever is not signed in does so first. */
export async function answerAccount(
  parts: AccountParts,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const name = path.slice(ACCOUNT_PATH.length).replace(/^\//, '');
  if (name === 'signed-in') return afterSignIn(parts, request, response);
  const page = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
  if (!page) throw fhirError('not-found', 'not-found', 'There is no such page.');
  if (!METHODS.has(request.method))
    throw fhirError('method-not-allowed', 'not-supported', 'This page takes GET and POST.');
  const signedIn = await signedInUser(parts, request, response);
  if (!signedIn) return redirect(response, accountSignIn(parts.issuer, name));
  const { user, session } = signedIn;
  const { uid } = session;
  const { forms, ports } = parts;
  const form = request.method === 'POST' ? await readForm(request) : undefined;
  const address = parts.addressOf(request);
  if (form && !forms.fits(form.get('csrf'), uid, 'account')) {
    ports.onEvent({ kind: 'refused', userId: user.id, address, detail: 'account: form of another page' });
    throw fhirError('forbidden', 'security', 'The form is not one of this page. Go back and load it again.');
  }
  if ((page.fresh || isDelicate(form)) && session.past(FRESH_S))
    return redirect(response, accountSignIn(parts.issuer, name, FRESH_S));
  const csrf = forms.of(uid, 'account');
  if (!form) {
    const detail = name === '' ? 'overview' : name;
    await ports.onShown?.({ kind: 'account-shown', userId: user.id, address, detail });
  }
  await page.answer(parts, { request, response, user, sessionUid: uid, address, csrf, form });
}

const isDelicate = (form: URLSearchParams | undefined): boolean =>
  ['new-codes', 'remove-totp', 'remove-passkey', 'unlink'].includes(form?.get('action') ?? '');

async function overview(parts: AccountParts, visit: AccountVisit): Promise<void> {
  const { user, sessionUid, csrf, response, form } = visit;
  const outcome = form ? await actOnAccount(parts, visit, form) : {};
  if ('page' in outcome) return show(response, 200, outcome.page);
  const now = (await parts.ports.users.byId(user.id)) ?? user;
  const { given, secondFactors, mailedLinks, passkeys, externalAccounts } = parts;
  const [factors, keys, external, sessions, apps] = await Promise.all([
    secondFactors.of(user.id),
    passkeys.of(user.id),
    externalAccounts.of(user.id),
    given.sessions(user.id),
    given.apps(user.id),
  ]);
  const canConfirm = mailedLinks.canMail && now.emailVerified === false;
  const canAdd = passkeys.available;
  const view = {
    csrf,
    user: now,
    factors,
    keys,
    external,
    canAdd,
    sessions,
    here: sessionUid,
    apps,
    canConfirm,
  };
  show(response, outcome.problem === undefined ? 200 : 422, accountPage({ ...view, ...outcome }));
}

/** The session is what somebody came for: the code, and the grant that it stands for, are given back at once. */
async function afterSignIn(
  { provider, artifacts, issuer }: AccountParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { searchParams } = new URL(request.url ?? '', 'http://localhost');
  const value = searchParams.get('code');
  const code = value === null ? undefined : await provider.AuthorizationCode.find(value);
  if (code?.clientId !== ACCOUNT_CLIENT_ID) {
    const body = html`<p>You are not signed in.</p>
      <p><a href="../account">Sign in</a></p>`;
    return show(response, 200, { title: 'Your account', body });
  }
  if (code.grantId !== undefined) await artifacts.removeGrant(code.grantId);
  const page = searchParams.get('state') ?? '';
  if (page === QUEUES_PAGE) return redirect(response, `${issuer}${QUEUES_PATH}`);
  const isPage = page !== '' && Object.hasOwn(PAGES, page);
  redirect(response, `${issuer}${ACCOUNT_PATH}${isPage ? `/${page}` : ''}`);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { Location: location, 'Cache-Control': 'no-store' }).end();
}
