import { neighbourhoodOf } from '../limits/network.ts';
import type { ArtifactTable } from '../store/identity/artifacts.ts';
import type { Background } from './background.ts';
import { FORGOT_PATH } from './paths.ts';
import type { IdentityEvent, IdentityPorts, UserAccount } from './ports.ts';

/** Model of the artifact that remembers from where a user has signed in, and by which address. */
const MODEL = 'KnownSignIns';
/** Places that are remembered of a user: those of late. */
export const PLACES_MAX = 20;
const REMEMBERED_S = 366 * 24 * 3600;

interface KnownSignIns {
  email: string;
  places: string[];
}

export interface AccountNoticesParts {
  ports: Pick<IdentityPorts, 'users' | 'sendMail'>;
  artifacts: Pick<ArtifactTable, 'findGood' | 'put'>;
  background: Background;
  /** Where it comes from, for people. */
  issuer: string;
}

/**
 * Tells users by mail what has changed of how they sign in, and of a sign-in from where they never were: whoever has stolen an account
 * cannot take it over in silence. Where the address itself has changed since the last sign-in, the old one is told too.
 *
 * Without a mail server it does nothing.
 */
export class AccountNotices {
  readonly #parts: AccountNoticesParts;

  constructor(parts: AccountNoticesParts) {
    this.#parts = parts;
  }

  /** To be called with everything that happens; returns before anything is looked up or sent. */
  about(event: IdentityEvent): void {
    const { ports, background } = this.#parts;
    const { userId } = event;
    if (userId === undefined || !ports.sendMail) return;
    if (event.kind === 'sign-in') return background.run(() => this.#signedIn(userId, event));
    const what = whatChanged(event);
    if (what !== undefined) background.run(() => this.#changed(userId, what, event));
  }

  async #changed(userId: string, what: string, event: IdentityEvent): Promise<void> {
    const user = await this.#parts.ports.users.byId(userId);
    if (!user) return;
    const known = await this.#known(userId);
    await this.#send([user.email, known?.email], what, event);
  }

  async #signedIn(userId: string, event: IdentityEvent): Promise<void> {
    const user = await this.#parts.ports.users.byId(userId);
    if (!user) return;
    const place = neighbourhoodOf(event.address ?? '');
    const known = await this.#known(userId);
    await this.#remember(user, place, known);
    if (known && known.email !== user.email)
      await this.#send([user.email, known.email], 'The email address of your account was changed.', event);
    if (known && !known.places.includes(place))
      await this.#send([user.email], 'Somebody signed in to your account from a new place.', event);
  }

  async #known(userId: string): Promise<KnownSignIns | undefined> {
    const found = await this.#parts.artifacts.findGood(MODEL, userId);
    return found?.payload as KnownSignIns | undefined;
  }

  async #remember({ id, email }: UserAccount, place: string, known: KnownSignIns | undefined): Promise<void> {
    const others = (known?.places ?? []).filter((one) => one !== place);
    const payload: KnownSignIns = { email, places: [place, ...others].slice(0, PLACES_MAX) };
    // Of no account: it stays when all that the user was given ends.
    await this.#parts.artifacts.put({ model: MODEL, id, payload, expiresInS: REMEMBERED_S });
  }

  /** Nothing that a user could have written is in a mail, and nothing that opens anything. */
  async #send(to: readonly (string | undefined)[], what: string, { address }: IdentityEvent): Promise<void> {
    const { ports, issuer } = this.#parts;
    const from = address === undefined ? '' : `\nFrom: ${address}`;
    const text = `${what}\n\nWhen: ${new Date().toUTCString()}${from}\n\n${OTHERWISE(issuer)}\n\n${issuer}\n`;
    for (const email of new Set(to))
      if (email !== undefined && email !== '') await ports.sendMail?.({ to: email, subject: SUBJECT, text });
  }
}

const SUBJECT = 'Your MaxRay account';
const OTHERWISE = (issuer: string): string =>
  `If this was you, there is nothing to do. If not, choose another password at once, at ${issuer}${FORGOT_PATH}, and tell whoever runs this server.`;

const FACTORS: Readonly<Record<string, string>> = {
  totp: 'an authenticator app',
  passkey: 'a passkey',
  'recovery-codes': 'new recovery codes',
};

/** What a user is told of an event; undefined: nothing. */
function whatChanged({ kind, detail = '' }: IdentityEvent): string | undefined {
  switch (kind) {
    case 'password-changed':
      return 'The password of your account was changed.';
    case 'password-reset':
      return detail === 'invitation'
        ? undefined
        : 'The password of your account was changed by a link from a mail.';
    case 'mfa-enrolled':
      return `Your account can now be signed in to with ${FACTORS[detail] ?? 'another second factor'}.`;
    case 'mfa-removed':
      return `Your account cannot be signed in to with ${FACTORS[detail] ?? 'a second factor'} any more.`;
    case 'account-linked':
      return 'Your account can now be signed in to with an account elsewhere.';
    case 'account-unlinked':
      return 'Your account cannot be signed in to with an account elsewhere any more.';
    default:
      return undefined;
  }
}
