import { createHmac } from 'node:crypto';

/**
 * Keys by which receivers know that a notification comes from here, and is whole: one for each Subscription, made of the server's own secret, so that none
 * is stored anywhere.
 */
export class SigningKeys {
  readonly #secret: Uint8Array;

  /** @param secret of SECRET_KEY_FILE */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** 64 hexadecimal digits; they are the key as they stand. */
  of(subscription: string): string {
    return createHmac('sha256', this.#secret).update(`subscription-signature\0${subscription}`).digest('hex');
  }

  /** HMAC-SHA256 of a body in hexadecimal digits: the header X-Signature. */
  sign(subscription: string, body: string): string {
    return createHmac('sha256', this.of(subscription)).update(body).digest('hex');
  }
}
