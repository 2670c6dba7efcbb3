import type { IncomingMessage, ServerResponse } from 'node:http';
import { channelOf, readRevocation, type Revocation } from '../store/identity/revocation.ts';
import { ArtifactTable } from '../store/identity/artifacts.ts';
import { AttemptTable } from '../store/identity/attempts.ts';
import { CredentialTable } from '../store/identity/credentials.ts';
import { Sealer } from '../store/identity/sealer.ts';
import { SecretTable } from '../store/identity/secrets.ts';
import type { Database } from '../store/postgres/database.ts';
import type { Log } from '../store/postgres/log.ts';
import type { Notices } from '../store/postgres/notices.ts';
import { Given } from './account/given.ts';
import { Background } from './background.ts';
import { createCallback } from './callback.ts';
import { ClientSecrets } from './clientSecrets.ts';
import { ExternalAccounts } from './external/externalAccounts.ts';
import { ExternalProviders, type ExternalProvider } from './external/externalProviders.ts';
import { Passkeys } from './factors/passkeys.ts';
import { SecondFactors } from './factors/secondFactors.ts';
import { SlowHashing } from './hashing.ts';
import { Launches } from './launch.ts';
import { Links } from './links.ts';
import { MailedLinks, type Invitation } from './mailedLinks.ts';
import { FormTokens } from './pages/form.ts';
import { signedInUser } from './pages/signedIn.ts';
import { AccountNotices } from './notices.ts';
import { Passwords } from './passwords.ts';
import type { Identified, IdentityPorts } from './ports.ts';
import { createProvider } from './provider/provider.ts';
import { signingKeys } from './provider/signingKeys.ts';
import { endSession } from './sessions.ts';
import { SignInSteps } from './signInSteps.ts';
import { AccessJwts } from './tokens/accessJwts.ts';
import { bearerToken } from './tokens/bearer.ts';
import { BotTokens } from './tokens/botTokens.ts';
import { Identifier } from './tokens/identifier.ts';
import { Visits } from './visits.ts';
import { withdrawingBy } from './withdrawing.ts';

export interface IdentityOptions {
  database: Database;
  schema: string;
  /** Of the same database: by them revocations are heard. */
  notices: Notices;
  /** Of SECRET_KEY_FILE, at least 32 bytes. */
  secretKey: Uint8Array;
  /** Absolute URL without a slash at its end: PUBLIC_URL. */
  issuer: string;
  /** Absolute URL of the FHIR base. */
  fhirBase: string;
  ports: IdentityPorts;
  /** Origins from which clients' key sets may be fetched though they are private or not https. */
  privateKeyOrigins?: readonly string[];
  /** With which users may sign in too. */
  externalProviders?: readonly ExternalProvider[];
  /** Called when resources that decide who may do what have changed, or may have without our hearing of it. */
  onAdministration?: () => void;
  log: Log;
}

/** Who is it: the authorization server, and what its tokens mean. */
export interface Identity {
  /** Handles a request for one of its paths. @returns false if the URL is not its own, then nothing was done */
  callback(request: IncomingMessage, response: ServerResponse): boolean;
  /** The id of the user who has signed in in this browser, for pages; undefined: nobody. */
  signedIn(request: IncomingMessage, response: ServerResponse): Promise<string | undefined>;
  /** Who sends this Authorization header, from this address. @throws FhirError `login`, throttled, or busy while the database is away */
  authenticate(authorization: string | undefined, address?: string): Promise<Identified>;
  /** The same where it is remembered, without waiting; undefined: {@link authenticate} has to find out. */
  remembered(authorization: string | undefined): Identified | undefined;
  /** What opens the server to bots while they run. */
  readonly botTokens: BotTokens;
  readonly launches: Launches;
  readonly visits: Visits;
  readonly passwords: Passwords;
  readonly clientSecrets: ClientSecrets;
  /** Of a user who has lost them all, `removeAll`: to be followed by `revokeUser`. */
  readonly secondFactors: Pick<SecondFactors, 'of' | 'removeAll'>;
  /** Makes a link by which a user sets the first password, and mails it where mail is sent. @throws FhirError not-found */
  invite(userId: string): Promise<Invitation>;
  /** Mails a link that shows that the address is the user's. @throws FhirError not-found, unprocessable without mail */
  sendVerification(userId: string): Promise<void>;
  /** Tells users by mail what others have changed of their accounts. */
  readonly notices: Pick<AccountNotices, 'about'>;
  /** Ends all that a user, or a client, was given, on all servers. To be called when it is disabled, deleted or loses its password. */
  revokeUser(userId: string): Promise<void>;
  /** Ends its tokens; it gets others. */
  revokeClient(clientId: string): Promise<void>;
  /** Ends its tokens, and all that it has left behind. */
  withdrawClient(clientId: string): Promise<void>;
  /** To be called after a User, ProjectMembership or ClientApplication was written here: what is remembered of tokens counts no more. */
  forgetAll(): void;
  /** Whether what is remembered counts: nothing that any server announced over a second ago can have been missed. */
  trusted(): boolean;
  /** Stops listening and sweeping. Requests should have ended before. */
  stop(): Promise<void>;
}

/** How often what expired is removed. */
const SWEEP_MS = 10 * 60_000;

/** Opens the authorization server over a migrated store. */
export async function createIdentity(options: IdentityOptions): Promise<Identity> {
  const { database, schema, secretKey, issuer, fhirBase, log } = options;
  const sealer = new Sealer(secretKey, 'identity');
  const artifacts = new ArtifactTable(database, schema, sealer);
  const background = new Background((error) => options.ports.onDefect(error));
  const notices = new AccountNotices({ ports: options.ports, artifacts, background, issuer });
  const ports = noticing(options.ports, notices);
  const secrets = new SecretTable(database, schema, sealer);
  const attempts = new AttemptTable(database, schema);
  const hashing = new SlowHashing();
  const passwords = new Passwords(secrets, hashing);
  const clientSecrets = new ClientSecrets(secrets, hashing);
  const launches = new Launches(artifacts);
  const credentials = new CredentialTable(database, schema, sealer);
  const secondFactors = new SecondFactors(credentials);
  const externalAccounts = new ExternalAccounts(credentials, ports);
  const external = new ExternalProviders({ providers: options.externalProviders ?? [], artifacts, issuer });
  const passkeys = new Passkeys({ table: credentials, artifacts, issuer });
  const steps = new SignInSteps(artifacts);
  const links = new Links(artifacts, issuer);
  const mailedLinks = new MailedLinks({ ports, links, attempts, background, issuer });
  const missed = (): void => {
    identifier.forgetAll();
    options.onAdministration?.();
  };
  const heard = (revocation: Revocation): void => {
    identifier.forget(revocation);
    if (revocation.kind === 'administration') options.onAdministration?.();
  };
  const hearing = options.notices.hearing(channelOf(schema), {
    onNotice: (payload) => {
      const revocation = readRevocation(payload);
      if (revocation) heard(revocation);
      else missed();
    },
    onGap: missed,
  });
  const trusted = (): boolean => hearing.trusted();
  const jwks = await signingKeys(secrets);
  const jwts = new AccessJwts({ jwks, issuer, audience: fhirBase });
  const identifier = new Identifier({ jwts, artifacts, ports, trusted });
  const onRevoked = (revocation: Revocation): void => identifier.forget(revocation);
  const withdrawing = withdrawingBy(ports);
  const given = new Given(artifacts, ports.clients, onRevoked, withdrawing);
  const revokeUser = (id: string): Promise<void> =>
    withdrawing({ userId: id }, async () => onRevoked(await artifacts.removeOf('account', id)));
  const revokeClient = async (id: string): Promise<void> => onRevoked(await artifacts.removeOf('client', id));
  const provider = createProvider({
    issuer,
    ports,
    artifacts,
    launches,
    fhirBase,
    jwks,
    secretKey,
    privateKeyOrigins: options.privateKeyOrigins ?? [],
    clientSecrets,
    onRevoked,
    onSessionSeen: (uid, userId, facts) => given.seen(uid, userId, facts),
    onSessionEnded: (uid) => endSession(artifacts, uid, onRevoked),
  });
  const botTokens = new BotTokens();
  const remembered = (authorization: string | undefined): Identified | undefined => {
    const token = bearerToken(authorization);
    return token === undefined ? undefined : (botTokens.find(token) ?? identifier.known(token));
  };
  const identify = async (authorization: string | undefined, address?: string) =>
    remembered(authorization) ?? identifier.identify(authorization, address);
  const callback = createCallback({
    provider,
    issuer,
    fhirBase,
    identify,
    jwts,
    clientSecrets,
    interactions: {
      ports,
      passwords,
      attempts,
      launches,
      secondFactors,
      passkeys,
      external,
      externalAccounts,
      steps,
      forms: new FormTokens(secretKey),
    },
    people: { links, mailedLinks, revokeUser, given, artifacts },
  });
  await hearing.start();
  const sweep = (): void => {
    const failed = (error: Error): void => log('warn', `what expired could not be removed: ${error.name}`);
    Promise.all([artifacts.sweep(), attempts.sweep()]).catch(failed);
  };
  const timer = setInterval(sweep, SWEEP_MS);
  timer.unref();
  return {
    callback,
    signedIn: async (request, response) =>
      (await signedInUser({ provider, ports }, request, response))?.user.id,
    authenticate: identify,
    remembered,
    botTokens,
    launches,
    visits: new Visits(artifacts),
    passwords,
    clientSecrets,
    secondFactors,
    notices,
    invite: (id) => mailedLinks.invite(id),
    sendVerification: (id) => mailedLinks.sendVerification(id),
    revokeUser,
    revokeClient,
    withdrawClient: (id) => withdrawing({ clientId: id }, () => revokeClient(id)),
    forgetAll: () => identifier.forgetAll(),
    trusted,
    stop: async () => {
      clearInterval(timer);
      await background.settled();
      await hearing.stop();
    },
  };
}

/** The same ports; what happens is also told to the users whom it is about. */
const noticing = (ports: IdentityPorts, notices: AccountNotices): IdentityPorts => ({
  ...ports,
  onEvent(event) {
    ports.onEvent(event);
    notices.about(event);
  },
});
