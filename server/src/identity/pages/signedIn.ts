import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { IdentityPorts, UserAccount } from '../ports.ts';

export type Session = Awaited<ReturnType<Provider['Session']['get']>>;

/** Who has signed in in this browser, as far as that does for pages; undefined: nobody. */
export async function signedInUser(
  { provider, ports }: { provider: Provider; ports: Pick<IdentityPorts, 'users'> },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<{ user: UserAccount; session: Session } | undefined> {
  const session = await provider.Session.get(provider.createContext(request, response));
  const { accountId, amr } = session;
  const user = accountId === undefined ? undefined : await ports.users.byId(accountId);
  if (!user?.active || (user.mfaRequired === true && amr?.includes('mfa') !== true)) return undefined;
  return { user, session };
}
