import { errorIssue, type Issue } from '../../fhir/outcome.ts';
import type { Channel, SubscriptionRequest } from '../subscriptions/request.ts';

/** FHIR's formats of a payload. */
export type PayloadFormat = 'json' | 'xml';

const FORMATS: Readonly<Record<string, PayloadFormat>> = {
  'application/fhir+json': 'json',
  'application/json': 'json',
  'application/fhir+xml': 'xml',
  'application/xml': 'xml',
};

/** MIME types of FHIR that are offered. */
export const PAYLOAD_TYPES: readonly string[] = Object.keys(FORMATS);

/** The format that a MIME type means, whatever its parameters. */
export const formatOf = (mimeType: string): PayloadFormat | undefined =>
  FORMATS[mimeType.split(';')[0]!.trim().toLowerCase()];

/** The format of a channel whose payload is FHIR; JSON where nothing is said. */
export const payloadFormat = ({ payload }: Pick<Channel, 'payload'>): PayloadFormat =>
  (payload === undefined ? undefined : formatOf(payload)) ?? 'json';

/** It becomes a header. */
const PRINTABLE = /^[\x20-\x7e]*$/;

/** What is wrong with a payload that has to be FHIR, or for R4's own Subscriptions nothing. */
export function payloadFaults({ asked, channel: { payload } }: SubscriptionRequest): Issue[] {
  const at = 'Subscription.channel.payload';
  if (payload !== undefined && (formatOf(payload) === undefined || !PRINTABLE.test(payload)))
    return [
      errorIssue('not-supported', `The payload must be one of ${PAYLOAD_TYPES.join(', ')}, in ASCII.`, at),
    ];
  if (payload !== undefined || asked.kind !== 'topic') return [];
  const text = 'A subscription to a topic needs a payload, with the extension that says how much of it.';
  return [errorIssue('required', text, at)];
}
