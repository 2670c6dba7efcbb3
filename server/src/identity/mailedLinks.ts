import { fhirError } from '../fhir/outcome.ts';
import { networkOf } from '../limits/network.ts';
import type { AttemptTable, BackOff } from '../store/identity/attempts.ts';
import type { Background } from './background.ts';
import { LINK_LIFETIME_S, type LinkPurpose, type Links, type NewLink } from './links.ts';
import type { IdentityPorts, UserAccount } from './ports.ts';
import { addressOfMail } from './signIn.ts';

/** Of one account: mails that others could have sent to its owner. */
export const RESET_ACCOUNT_BACK_OFF: BackOff = { free: 3, firstWaitS: 300, waitS: 3600 };
/** Of one address. */
export const RESET_ADDRESS_BACK_OFF: BackOff = { free: 20, firstWaitS: 60, waitS: 3600 };

export interface MailedLinksParts {
  ports: IdentityPorts;
  links: Links;
  attempts: AttemptTable;
  background: Background;
  /** Where it comes from, for people. */
  issuer: string;
}

/** An invitation, as whoever invites is told. */
export interface Invitation extends NewLink {
  /** Whether the link is on its way by mail too. */
  mailed: boolean;
}

/** Sends links by mail: to invited users, to those who forgot their password, and to see whether an address is the user's. */
export class MailedLinks {
  readonly #parts: MailedLinksParts;

  constructor(parts: MailedLinksParts) {
    this.#parts = parts;
  }

  /** Whether mail can be sent at all. */
  get canMail(): boolean {
    return this.#parts.ports.sendMail !== undefined;
  }

  /** Makes a link by which a user sets the first password. @throws FhirError not-found for one who cannot sign in */
  async invite(userId: string): Promise<Invitation> {
    const user = await this.#user(userId);
    const made = await this.#parts.links.make('invitation', user);
    this.#parts.ports.onEvent({ kind: 'invited', userId });
    if (this.canMail) this.#mail('invitation', user, made);
    return { ...made, mailed: this.canMail };
  }

  /** Sends a link that shows that mail reaches the user. @throws FhirError unprocessable without mail, not-found */
  async sendVerification(userId: string): Promise<void> {
    if (!this.canMail)
      throw fhirError('unprocessable', 'not-supported', 'This server sends no mail: set SMTP_URL.');
    const user = await this.#user(userId);
    this.#mail('email-verification', user, await this.#parts.links.make('email-verification', user));
  }

  /**
   * Somebody says that he has forgotten the password of an account. Returns before it is known whether there is one.
   * @returns seconds to wait, where this address has asked too often
   */
  async requestReset(typed: string, address: string): Promise<number | undefined> {
    const { attempts, background, ports, links } = this.#parts;
    const email = addressOfMail(typed);
    const waitS = await attempts.begin(`reset address ${networkOf(address)}`, RESET_ADDRESS_BACK_OFF);
    if (waitS !== undefined) return waitS;
    background.run(async () => {
      if ((await attempts.begin(`reset account ${email}`, RESET_ACCOUNT_BACK_OFF)) !== undefined) return;
      const user = await ports.users.byEmail(email);
      ports.onEvent({ kind: 'password-reset-requested', userId: user?.id, address });
      if (user?.active) this.#mail('password-reset', user, await links.make('password-reset', user));
    });
    return undefined;
  }

  async #user(userId: string): Promise<UserAccount> {
    const user = await this.#parts.ports.users.byId(userId);
    if (user?.active) return user;
    const text = `User/${userId} cannot sign in: it is not there, has no email, or no membership that is active.`;
    throw fhirError('not-found', 'not-found', text);
  }

  #mail(purpose: LinkPurpose, { email }: UserAccount, { link }: NewLink): void {
    const { ports, background, issuer } = this.#parts;
    const { subject, lead, otherwise } = TEXTS[purpose];
    const hours = LINK_LIFETIME_S[purpose] / 3600;
    const within = hours > 48 ? `${hours / 24} days` : hours > 1 ? `${hours} hours` : 'an hour';
    const text = `${lead}\n\n${link}\n\nThe link works once, within ${within}. ${otherwise}\n\n${issuer}\n`;
    background.run(async () => ports.sendMail?.({ to: email, subject, text }));
  }
}

/** Nothing that a user could have written is in a mail. */
const TEXTS: Readonly<Record<LinkPurpose, { subject: string; lead: string; otherwise: string }>> = {
  invitation: {
    subject: 'Your MaxRay account',
    lead: 'An account was made for you. To choose your password, open this link:',
    otherwise: 'If you do not know what this is about, ignore this mail.',
  },
  'password-reset': {
    subject: 'Reset your MaxRay password',
    lead: 'Somebody, probably you, asked to reset the password of your account. To choose another one, open this link:',
    otherwise: 'If you did not ask for it, ignore this mail: your password stays as it is.',
  },
  'email-verification': {
    subject: 'Confirm your email address',
    lead: 'To confirm that this is your email address, open this link:',
    otherwise: 'If you have no MaxRay account, ignore this mail.',
  },
};
