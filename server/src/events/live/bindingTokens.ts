import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { fhirError } from '../../fhir/outcome.ts';

/** What a token lets its holder be told of, and in whose name. */
export interface Binding {
  /** The header by which it was asked for: what ends that one, ends this. */
  authorization: string;
  /** By the id of the Subscription: the number of the last event when it was asked for. */
  after: Record<string, number>;
  /** Milliseconds since 1970 UTC. */
  expiresMs: number;
}

/** How long a token can be used, and what was bound by it is told of events; MedplumClient asks for another one five minutes before. */
export const BINDING_TOKEN_MS = 15 * 60_000;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Tokens that bind a WebSocket to Subscriptions and do nothing else. None is stored: each is encrypted (AES-256-GCM) by the store's own key, so that any server
 * of the store can read it, and holds the access token that it was got with: who is behind it is asked of that one each time.
 */
export class BindingTokens {
  readonly #key: KeyObject;

  /** @param secret of SECRET_KEY_FILE */
  constructor(secret: Uint8Array) {
    this.#key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'websocket binding tokens', 32)));
  }

  seal(binding: Binding): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const body = JSON.stringify(binding);
    return Buffer.concat([nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** @throws FhirError `login` for what is no such token, or has expired */
  open(token: string): Binding {
    const binding = this.#decrypt(Buffer.from(token, 'base64url'));
    if (binding !== undefined && binding.expiresMs > Date.now()) return binding;
    const text = 'The token is unknown or expired: get another one by $get-ws-binding-token.';
    throw fhirError('login', 'login', text);
  }

  #decrypt(bytes: Buffer): Binding | undefined {
    if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES)).setAuthTag(
      bytes.subarray(-TAG_BYTES),
    );
    try {
      const text = Buffer.concat([
        decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]);
      return JSON.parse(text.toString()) as Binding;
    } catch {
      return undefined; // not authentic: open() says so
    }
  }
}
