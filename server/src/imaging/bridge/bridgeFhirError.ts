import { FhirError, errorIssue, type ErrorCategory, type IssueCode } from '../../fhir/outcome.ts';
import { BridgeError, type BridgeFault } from './bridgeError.ts';

const ANSWERS: Readonly<Record<BridgeFault, [ErrorCategory, IssueCode]>> = {
  'not-found': ['not-found', 'not-found'],
  incorrect: ['incorrect', 'value'],
  'not-acceptable': ['not-acceptable', 'not-supported'],
  'too-large': ['too-large', 'too-long'],
  'too-costly': ['too-large', 'too-costly'],
  unsupported: ['unsupported-media-type', 'not-supported'],
  away: ['busy', 'transient'],
  fault: ['busy', 'exception'],
};

/** What a client is told of a fault of the bridge; anything else as it is. */
export function bridgeFhirError(error: unknown): unknown {
  if (!(error instanceof BridgeError)) return error;
  const [category, code] = ANSWERS[error.fault];
  return new FhirError(category, [errorIssue(code, error.message)], error.retryAfterS);
}
