import type { AttemptTable, BackOff } from '../store/identity/attempts.ts';
import { networkOf } from '../limits/network.ts';
import type { Passwords } from './passwords.ts';
import type { IdentityPorts, UserAccount } from './ports.ts';

/** Of one account: guessing passwords. */
export const ACCOUNT_BACK_OFF: BackOff = { free: 5, firstWaitS: 30, waitS: 900 };
/** Of one address: guessing one password for many accounts; a clinic may share an address. */
export const ADDRESS_BACK_OFF: BackOff = { free: 50, firstWaitS: 10, waitS: 300 };

const EMAIL_CHARS_MAX = 254;

export interface SignInParts {
  ports: IdentityPorts;
  passwords: Passwords;
  attempts: AttemptTable;
}

/** The user; or why not, in words that tell nothing about the account. */
export type SignInOutcome = { user: UserAccount } | { problem: string };

export interface Credentials {
  email: string;
  password: string;
  address: string;
  clientId: string;
}

/**
 * Judges email and password. An unknown user, a wrong password and one who may not sign in get the same answer after the
 * same work; attempts count by account and address whether there is such an account or not. They are forgotten only by
 * {@link signedIn}: a right password alone must not make the codes of a second factor free to guess.
 */
export async function checkPassword(parts: SignInParts, credentials: Credentials): Promise<SignInOutcome> {
  const { ports, passwords, attempts } = parts;
  const { password, address, clientId } = credentials;
  const email = addressOfMail(credentials.email);
  const problem = await countAttempt(parts, { email, address, clientId });
  if (problem !== undefined) return { problem };
  const user = await ports.users.byEmail(email);
  const isRight = await passwords.matches(user?.id, password);
  if (!user?.active || !isRight) {
    ports.onEvent({ kind: 'sign-in-failed', clientId, userId: user?.id, address, detail: 'password' });
    return { problem: 'Email or password is wrong.' };
  }
  await attempts.takeBack(addressKey(address));
  return { user };
}

/** As users are looked up by. */
export const addressOfMail = (typed: string): string => typed.trim().toLowerCase().slice(0, EMAIL_CHARS_MAX);

/** Counts an attempt before it is made. @param email absent where it is not known whose account it is @returns why it must not be made yet */
export async function countAttempt(
  { ports, attempts }: Pick<SignInParts, 'ports' | 'attempts'>,
  { email, address, clientId }: { email?: string; address: string; clientId?: string | undefined },
): Promise<string | undefined> {
  const waitS =
    (await attempts.begin(addressKey(address), ADDRESS_BACK_OFF)) ??
    (email === undefined ? undefined : await attempts.begin(accountKey(email), ACCOUNT_BACK_OFF));
  if (waitS === undefined) return undefined;
  ports.onEvent({ kind: 'sign-in-locked', clientId, address });
  return `Too many attempts. Try again in ${waitText(waitS)}.`;
}

/** How somebody has proved who it is, and from where. */
export interface Proof {
  user: UserAccount;
  /** Methods, as an id_token names them (RFC 8176). */
  amr: readonly string[];
  address: string;
  clientId: string;
}

/** To be called when all is proved that has to be: what failed before is forgotten. */
export async function signedIn(
  { ports, attempts }: Pick<SignInParts, 'ports' | 'attempts'>,
  { user, amr, address, clientId }: Proof,
): Promise<void> {
  await attempts.forget(accountKey(user.email));
  ports.onEvent({ kind: 'sign-in', clientId, userId: user.id, address, detail: amr.join(' ') });
}

export const accountKey = (email: string): string => `account ${email}`;
export const addressKey = (address: string): string => `address ${networkOf(address)}`;

/** A time to wait, for people. */
export const waitText = (seconds: number): string =>
  seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
