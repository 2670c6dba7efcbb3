import type { Account } from 'oidc-provider';
import type { UserAccount, UserDirectory } from '../ports.ts';
import { inOAuthWords } from './failures.ts';

/** A user as the provider sees it. Undefined for one that is not there any more or may not sign in. */
export async function findAccount(
  users: UserDirectory,
  id: string,
  fhirBase: string,
): Promise<Account | undefined> {
  const user = await inOAuthWords(users.byId(id));
  if (!user?.active) return undefined;
  return { accountId: user.id, user, claims: () => claimsOf(user, fhirBase) };
}

/** The user of an account that {@link findAccount} gave. */
export const userOf = (account: Account | undefined): UserAccount | undefined =>
  account?.user as UserAccount | undefined;

/** Claims of an id_token and of userinfo, as far as the scopes let them through. */
export function claimsOf(user: UserAccount, fhirBase: string): { sub: string } & Record<string, unknown> {
  const { id, email, name } = user;
  return { sub: id, email, ...(name === undefined ? {} : { name }), ...fhirUserClaim(user, fhirBase) };
}

/** `fhirUser`: absolute URL of the user's own resource (SMART App Launch 2.2). */
export const fhirUserClaim = ({ profile }: UserAccount, fhirBase: string): { fhirUser?: string } =>
  profile === undefined ? {} : { fhirUser: `${fhirBase}/${profile}` };
