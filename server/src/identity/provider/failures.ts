import { errors } from 'oidc-provider';
import { isBusy } from '../../fhir/outcome.ts';

/** The database is away, or too much is asked at once (RFC 6749, 4.1.2.1): a status that clients try again after. */
export class TemporarilyUnavailable extends errors.OIDCProviderError {
  constructor() {
    super(503, 'temporarily_unavailable');
    this.error_description = 'the server cannot answer at the moment; try again';
    this.expose = true;
  }
}

/** Runs work of ours for the provider: what only the moment does not allow is said in OAuth's words. */
export async function inOAuthWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isBusy(error) ? new TemporarilyUnavailable() : error;
  }
}
