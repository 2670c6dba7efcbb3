import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { isIP } from 'node:net';
import type { ArtifactTable } from '../../store/identity/artifacts.ts';
import type { Credential, CredentialTable } from '../../store/identity/credentials.ts';
import { isBusy } from '../../fhir/outcome.ts';
import type { UserAccount } from '../ports.ts';

/** A browser asks its user for no longer; nor is a challenge good for longer. */
const CHALLENGE_LIFETIME_S = 300;
const PASSKEYS_MAX = 20;
const LABEL_CHARS_MAX = 60;
/** EdDSA, ES256, RS256 (RFC 9053, RFC 8812): one of them is what every device has. */
const ALGORITHMS = [-8, -7, -257];
const CHALLENGE = 'PasskeyChallenge';

export interface ListedPasskey {
  /** Names it to its user. */
  name: string;
  label: string;
  createdAtMs: number;
  usedAtMs?: number;
}

/** Who signed with a passkey. */
export interface PasskeyProof {
  userId: string;
  /** Whether the device made sure that it is its owner, by PIN or finger: then nothing else is needed. */
  userVerified: boolean;
}

/** What is kept of a passkey. */
interface StoredPasskey {
  credentialId: string;
  /** base64url. */
  publicKey: string;
  transports?: string[];
  label: string;
}

export interface PasskeysParts {
  table: CredentialTable;
  artifacts: ArtifactTable;
  /** Absolute URL; passkeys belong to its host name. */
  issuer: string;
}

/** Passkeys of users (WebAuthn Level 3). What a device signs is good for one challenge, in the browser that was given it. */
export class Passkeys {
  readonly #parts: PasskeysParts;
  readonly #origin: string;
  readonly #host: string;

  constructor(parts: PasskeysParts) {
    this.#parts = parts;
    const { origin, hostname } = new URL(parts.issuer);
    this.#origin = origin;
    this.#host = hostname;
  }

  /** Browsers know passkeys of a name only, not of an address, and in secure contexts only. */
  get available(): boolean {
    const isName = isIP(this.#host) === 0 && !this.#host.startsWith('[');
    return isName && (this.#origin.startsWith('https:') || this.#host === 'localhost');
  }

  async of(userId: string): Promise<ListedPasskey[]> {
    return (await this.#stored(userId)).map(({ name, value, createdAtMs, usedAtMs }) => ({
      name,
      label: String(value.label),
      createdAtMs,
      ...(usedAtMs === undefined ? {} : { usedAtMs }),
    }));
  }

  /** Options of `navigator.credentials.create`, as JSON. @param binding of the browser's: session or interaction */
  async creationOptions({ id, email, name }: UserAccount, binding: string): Promise<string> {
    const known = await this.#stored(id);
    const options = await generateRegistrationOptions({
      rpName: 'MaxRay',
      rpID: this.#host,
      userID: new Uint8Array(Buffer.from(id)),
      userName: email,
      userDisplayName: name ?? email,
      attestationType: 'none',
      supportedAlgorithmIDs: ALGORITHMS,
      excludeCredentials: known.map(descriptorOf),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      timeout: CHALLENGE_LIFETIME_S * 1000,
    });
    await this.#offer('create', binding, options.challenge);
    return JSON.stringify(options);
  }

  /** Takes a new passkey into use. @returns false when it does not answer a challenge of ours, or there are too many */
  async add(user: UserAccount, binding: string, text: string, label: string): Promise<boolean> {
    const response = parsed<RegistrationResponseJSON>(text);
    if (!response || (await this.#stored(user.id)).length >= PASSKEYS_MAX) return false;
    const { verified, registrationInfo } = await refusal(
      verifyRegistrationResponse({
        response,
        supportedAlgorithmIDs: ALGORITHMS,
        expectedChallenge: (challenge) => this.#take('create', binding, challenge),
        expectedOrigin: this.#origin,
        expectedRPID: this.#host,
        requireUserVerification: false,
      }),
    );
    if (!verified || !registrationInfo) return false;
    const { id, publicKey, counter, transports } = registrationInfo.credential;
    const value: StoredPasskey = {
      credentialId: id,
      publicKey: Buffer.from(publicKey).toString('base64url'),
      ...(transports === undefined ? {} : { transports }),
      label: label.trim().slice(0, LABEL_CHARS_MAX) || 'Passkey',
    };
    return this.#parts.table.add({ kind: 'passkey', id, account: user.id, value, counter });
  }

  /** Options of `navigator.credentials.get`, as JSON. @param userId whose it must be; absent: whoever's the browser has */
  async requestOptions(binding: string, userId?: string): Promise<string> {
    const known = userId === undefined ? [] : await this.#stored(userId);
    const options = await generateAuthenticationOptions({
      rpID: this.#host,
      allowCredentials: known.map(descriptorOf),
      userVerification: userId === undefined ? 'required' : 'preferred',
      timeout: CHALLENGE_LIFETIME_S * 1000,
    });
    await this.#offer('get', binding, options.challenge);
    return JSON.stringify(options);
  }

  /** Who signed a challenge that was given to this browser. Undefined when nobody did, or with a copy of the key. */
  async check(binding: string, text: string): Promise<PasskeyProof | undefined> {
    const response = parsed<AuthenticationResponseJSON>(text);
    const known = response && (await this.#parts.table.find('passkey', String(response.id)));
    if (!known) return undefined;
    const { account, counter } = known;
    const { credentialId, publicKey } = storedOf(known);
    const handle = response.response?.userHandle;
    if (handle !== undefined && Buffer.from(String(handle), 'base64url').toString() !== account)
      return undefined;
    const { verified, authenticationInfo } = await refusal(
      verifyAuthenticationResponse({
        response,
        expectedChallenge: (challenge) => this.#take('get', binding, challenge),
        expectedOrigin: this.#origin,
        expectedRPID: this.#host,
        credential: { id: credentialId, publicKey: bytesOf(publicKey), counter },
        requireUserVerification: false,
      }),
    );
    if (!verified || !authenticationInfo) return undefined;
    const { newCounter, userVerified } = authenticationInfo;
    if (!(await this.#parts.table.use('passkey', credentialId, newCounter))) return undefined;
    return { userId: account, userVerified };
  }

  async remove(userId: string, name: string): Promise<boolean> {
    return /^[0-9a-f]{64}$/.test(name) && this.#parts.table.remove(userId, { kind: 'passkey', name });
  }

  async #stored(userId: string): Promise<Credential[]> {
    return (await this.#parts.table.ofAccount(userId)).filter(({ kind }) => kind === 'passkey');
  }

  async #offer(use: string, binding: string, challenge: string): Promise<void> {
    const id = `${use} ${binding} ${challenge}`;
    await this.#parts.artifacts.put({ model: CHALLENGE, id, payload: {}, expiresInS: CHALLENGE_LIFETIME_S });
  }

  async #take(use: string, binding: string, challenge: string): Promise<boolean> {
    return (await this.#parts.artifacts.take(CHALLENGE, `${use} ${binding} ${challenge}`)) !== undefined;
  }
}

const storedOf = ({ value }: Credential): StoredPasskey => value as unknown as StoredPasskey;

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'base64url'));

function descriptorOf(credential: Credential): { id: string; transports?: string[] } {
  const { credentialId, transports } = storedOf(credential);
  return { id: credentialId, ...(transports === undefined ? {} : { transports }) };
}

/** What a browser sent; its parts are judged by whoever reads them. */
function parsed<T extends object>(text: string): T | undefined {
  try {
    const value = JSON.parse(text) as T | null;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // no JSON: nothing that a browser of ours sends
  }
}

/** The library throws for all that does not fit, each time with other words: to whoever sent it, it is one answer. */
async function refusal<T extends { verified: boolean }>(verifying: Promise<T>): Promise<Partial<T>> {
  try {
    return await verifying;
  } catch (error) {
    if (isBusy(error)) throw error;
    return {};
  }
}
