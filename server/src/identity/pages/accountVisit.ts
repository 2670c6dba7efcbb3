import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { ArtifactTable } from '../../store/identity/artifacts.ts';
import type { Given } from '../account/given.ts';
import type { ExternalAccounts } from '../external/externalAccounts.ts';
import type { Passkeys } from '../factors/passkeys.ts';
import type { SecondFactors } from '../factors/secondFactors.ts';
import type { MailedLinks } from '../mailedLinks.ts';
import type { UserAccount } from '../ports.ts';
import type { SignInParts } from '../signIn.ts';
import type { SignInSteps } from '../signInSteps.ts';
import type { FormTokens } from './form.ts';

export interface AccountParts extends SignInParts {
  provider: Provider;
  issuer: string;
  given: Given;
  secondFactors: SecondFactors;
  passkeys: Passkeys;
  externalAccounts: ExternalAccounts;
  /** Where the script of pages with passkeys is served. */
  passkeyScript: string;
  steps: SignInSteps;
  mailedLinks: MailedLinks;
  forms: FormTokens;
  artifacts: ArtifactTable;
  /** Ends all that a user was given. */
  revokeUser(userId: string): Promise<void>;
  addressOf(request: IncomingMessage): string;
}

/** A request of somebody who is signed in. */
export interface AccountVisit {
  request: IncomingMessage;
  response: ServerResponse;
  user: UserAccount;
  /** Names the session, also to `Given`. */
  sessionUid: string;
  address: string;
  csrf: string;
  /** Present after a POST whose token was right. */
  form: URLSearchParams | undefined;
}
