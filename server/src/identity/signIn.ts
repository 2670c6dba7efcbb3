import type { AttemptTable, BackOff } from '../store/identity/attempts.ts';
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
 * Signs a user in by email and password. An unknown user, a wrong password and one who may not sign in get the same answer after the
 * same work; attempts count by account and address whether there is such an account or not.
 */
export async function signIn(parts: SignInParts, credentials: Credentials): Promise<SignInOutcome> {
  const { ports, passwords, attempts } = parts;
  const { password, address, clientId } = credentials;
  const email = credentials.email.trim().toLowerCase().slice(0, EMAIL_CHARS_MAX);
  const keys = { account: `account ${email}`, address: `address ${networkOf(address)}` };
  const waitS =
    (await attempts.begin(keys.address, ADDRESS_BACK_OFF)) ??
    (await attempts.begin(keys.account, ACCOUNT_BACK_OFF));
  if (waitS !== undefined) {
    ports.onEvent({ kind: 'sign-in-locked', clientId, address });
    return { problem: `Too many attempts. Try again in ${waitText(waitS)}.` };
  }
  const user = await ports.users.byEmail(email);
  const isRight = await passwords.matches(user?.id, password);
  if (!user?.active || !isRight) {
    ports.onEvent({ kind: 'sign-in-failed', clientId, userId: user?.id, address });
    return { problem: 'Email or password is wrong.' };
  }
  await Promise.all([attempts.forget(keys.account), attempts.takeBack(keys.address)]);
  ports.onEvent({ kind: 'sign-in', clientId, userId: user.id, address });
  return { user };
}

const waitText = (seconds: number): string =>
  seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;

/** Whoever has an IPv6 address has the 2^64 beside it too. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/i, '');
  if (!plain.includes(':')) return plain;
  const [left = '', right] = plain.split('::');
  const head = left.split(':').filter(Boolean);
  const tail = right === undefined ? [] : right.split(':').filter(Boolean);
  const all =
    right === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail];
  return `${all.slice(0, 4).join(':')}::/64`;
}
