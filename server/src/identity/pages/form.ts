import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readBody } from '../body.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Fields of a form that was sent. @throws FhirError when it is no form, or too long */
export const readForm = async (request: IncomingMessage): Promise<URLSearchParams> =>
  new URLSearchParams(await readBody(request, FORM_TYPE));

/**
 * Tokens that prove that a form was sent from a page of ours: bound to the interaction, whose id only the browser has that it was
 * begun in.
 */
export class FormTokens {
  readonly #key: Buffer;

  constructor(secretKey: Uint8Array) {
    this.#key = createHmac('sha256', secretKey).update('identity forms').digest();
  }

  /** @param page name of what the form is about: its token fits no other */
  of(interaction: string, page: string): string {
    return createHmac('sha256', this.#key).update(`${interaction} ${page}`).digest('base64url');
  }

  fits(token: string | null, interaction: string, page: string): boolean {
    const expected = Buffer.from(this.of(interaction, page));
    const given = Buffer.from(token ?? '');
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}
