import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { fhirError } from '../../fhir/outcome.ts';

/** Longest form, in bytes: a consent with all its scopes. */
export const FORM_BYTES_MAX = 64 * 1024;
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** @throws FhirError when it is no form, or too long */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const [type] = (request.headers['content-type'] ?? '').split(';');
  if (type?.trim().toLowerCase() !== FORM_TYPE)
    throw fhirError('unsupported-media-type', 'not-supported', `Send the form as ${FORM_TYPE}.`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > FORM_BYTES_MAX) throw fhirError('too-large', 'too-long', 'The form is too long.');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

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
