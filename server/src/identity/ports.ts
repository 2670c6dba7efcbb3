import type { IncomingMessage } from 'node:http';
import type { Revocation } from '../store/identity/revocation.ts';

/** How a client proves who it is: by a secret, by a key of its own (private_key_jwt), or not at all (public, with PKCE). */
export type ClientAuthentication = 'secret' | 'key' | 'none';

export type GrantType = 'authorization_code' | 'refresh_token' | 'client_credentials';

/** A ClientApplication as the authorization server needs it. Its secret is not here but in the table of secrets. */
export interface OAuthClient {
  /** Id of the ClientApplication. */
  id: string;
  /** Shown to people. */
  name?: string;
  /** False: it can do nothing, and what it was given opens nothing. */
  active: boolean;
  authentication: ClientAuthentication;
  grantTypes: readonly GrantType[];
  /** Compared character by character; with `native` the port of a loopback address may differ (RFC 8252, 7.3). */
  redirectUris: readonly string[];
  postLogoutRedirectUris?: readonly string[];
  /** An app on a device of its user's. */
  native?: boolean;
  /** Public keys, for `key`: these, or where they are to be fetched. */
  jwks?: { keys: readonly object[] };
  jwksUri?: string;
  /** Most that it may ask for; absent: all that its kinds of grant can mean. Policies limit it all the same. */
  scopes?: readonly string[];
  /** What it gets by client_credentials when it says no scope; absent: all that it may ask for. */
  defaultScopes?: readonly string[];
  /** One of the organisation's own: its users are not asked for consent. */
  firstParty?: boolean;
  /** Whether it may ask about tokens that are not its own (RFC 7662): a resource server. */
  mayIntrospectAll?: boolean;
  /** Units of the rate limit in a minute, instead of RATE_LIMIT_CLIENT; 0: as many as it likes. */
  unitsPerMinute?: number;
  /** Its access tokens are JWTs (RFC 9068); absent: opaque. */
  accessTokenFormat?: 'jwt';
  accessTokenLifetimeS?: number;
  refreshTokenLifetimeS?: number;
  /** Web origins from which it calls the token endpoint, besides those of its redirect URIs. */
  allowedOrigins?: readonly string[];
}

/** A client that has no id yet. */
export type NewClient = Omit<OAuthClient, 'id'>;

export interface ClientDirectory {
  /** @param id of the form of a FHIR id */
  find(id: string): Promise<OAuthClient | undefined>;
  /** Stores a client that registers itself (RFC 7591). @returns its id. Absent: none can. */
  register?(client: NewClient): Promise<string>;
}

/** A User, with the profile that its membership links it to. */
export interface UserAccount {
  /** Id of the User. */
  id: string;
  email: string;
  /** Whether mail to it has been shown to reach the user; absent: not known, and not asked for. */
  emailVerified?: boolean;
  name?: string;
  /** False: cannot sign in, and what was given on its behalf opens nothing. */
  active: boolean;
  /** `Patient/1`, `Practitioner/1`, `RelatedPerson/1`. */
  profile?: string;
  /** Whether its role, or it alone, must sign in with a second factor: one is then set up at the next sign-in. */
  mfaRequired?: boolean;
}

export interface UserDirectory {
  byId(id: string): Promise<UserAccount | undefined>;
  /** @param email in lower case */
  byEmail(email: string): Promise<UserAccount | undefined>;
  /** Told when mail to this address has been shown to reach the user (User.emailVerified). */
  emailVerified?(id: string, email: string): Promise<void>;
}

/** A mail to one person, as plain text. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** A patient as shown in the picker. */
export interface PatientChoice {
  id: string;
  name: string;
  /** Further facts that tell namesakes apart: date of birth, record number. */
  detail?: string;
}

/** Patients that a user may open an app for: the policies decide. */
export interface PatientDirectory {
  /** At most `max` whose name or number has the text; with an empty text, those seen of late. */
  search(user: UserAccount, text: string, max: number): Promise<PatientChoice[]>;
  /** Whether the user may open an app for this very patient. */
  allowed(user: UserAccount, patientId: string): Promise<boolean>;
}

/** What the audit wants to know. Never a secret, token or password. */
export interface IdentityEvent {
  kind:
    | 'sign-in'
    | 'sign-in-failed'
    | 'sign-in-locked'
    | 'sign-out'
    | 'consent'
    | 'refused'
    | 'token-issued'
    | 'token-refused'
    | 'client-registered'
    // A second factor: what was typed or signed was wrong; one was set up, or removed.
    | 'mfa-failed'
    | 'mfa-enrolled'
    | 'mfa-removed'
    // Links: given out, and used.
    | 'invited'
    | 'password-reset-requested'
    | 'password-reset'
    | 'password-changed'
    | 'email-verified'
    // Of the user: what a page of the account, or the user-info endpoint, shows.
    | 'account-shown'
    | 'user-info'
    // By the user, on the page of the account.
    | 'verification-requested'
    | 'session-ended'
    | 'grant-revoked'
    // An account of an external provider now signs this user in.
    | 'account-linked'
    | 'account-unlinked';
  clientId?: string | undefined;
  userId?: string | undefined;
  address?: string | undefined;
  /** Error code of OAuth, grant type, scopes, method of a sign-in: what the kind suggests. */
  detail?: string | undefined;
}

/** How often requests of nobody who is known may come from an address. */
export interface AddressLimits {
  /** Counts one. @throws FhirError throttled */
  anonymous(address: string): void;
  /** Asked before a token is looked up that is not remembered. @throws FhirError throttled */
  mayTry(address: string): void;
}

/** What the authorization server needs of the rest of the house. */
export interface IdentityPorts {
  clients: ClientDirectory;
  users: UserDirectory;
  patients: PatientDirectory;
  /** Absent: no mail is sent, and whoever invites has to hand on the link. */
  sendMail?(mail: Mail): Promise<void>;
  onEvent(event: IdentityEvent): void;
  /** Records what somebody is shown, before it leaves. Absent: it is not recorded. @throws FhirError busy when that cannot be */
  onShown?(event: IdentityEvent): Promise<void>;
  /** Told when what a user has given (to one client or to all), or what a client has been given, is withdrawn: before it ends, and when it has. */
  onWithdrawn?(who: { userId?: string; clientId?: string }): Promise<void>;
  /** Told of defects of ours; must not log the message, which could quote a secret. */
  onDefect(error: unknown): void;
  /** Whom a request comes from; absent: the other end of the connection. */
  addressOf?(request: IncomingMessage): string;
  /** How often an address may ask; absent: as often as it likes. */
  limits?: AddressLimits;
}

/** What a FHIR request acts on behalf of: what its access token says. */
export interface Identified {
  clientId: string;
  userId?: string;
  /** `Practitioner/1`; of the user. */
  profile?: string;
  scopes: readonly string[];
  /** Launch context: an id. */
  patient?: string;
  encounter?: string;
  fhirContext?: readonly object[];
  expiresAtMs: number;
  grantId?: string;
  /** As the client has it. */
  unitsPerMinute?: number;
}

export type { Revocation };
