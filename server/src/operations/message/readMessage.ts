import { EntryReferences, entriesOf } from '../../fhir/links/entryReferences.ts';
import type { Links } from '../../fhir/links/links.ts';
import { referencePlace } from '../../fhir/links/referencePlace.ts';
import { errorIssue, FhirError, fhirError, type Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { OperationParameters } from '../parameters.ts';
import type { ReceivedMessage } from './handlers.ts';

/** A message with what tells it from others (http://hl7.org/fhir/R4/messaging.html#reliable). */
export interface IncomingMessage extends ReceivedMessage {
  headerId: string;
  /** Bundle.id: of this sending of the message. */
  sendingId: string | undefined;
  /** Where the message comes from. */
  endpoint: string;
}

/** Broken references told in full. */
const BROKEN_TOLD_MAX = 20;
const HEADER = 'Bundle.entry[0].resource';
/** References that mean nothing outside of their Bundle. */
const PLACEHOLDER = /^urn:(uuid|oid):/;

/**
 * The message in a call of `$process-message` (http://hl7.org/fhir/R4/messageheader-operation-process-message.html): its body, or
 * the parameter `content`.
 *
 * @throws FhirError `incorrect` where there is none, `unprocessable` where it is no message that could be answered
 */
export function readMessage(parameters: OperationParameters, links: Links): IncomingMessage {
  const [content, ...more] = parameters.all.filter(({ resource }) => resource !== undefined);
  const sent = content?.resource;
  if (sent === undefined || more.length > 0 || sent.value.resourceType !== 'Bundle') {
    const text = '$process-message takes a Bundle of type message as its body.';
    throw fhirError('incorrect', 'structure', text);
  }
  const { value: bundle, exact } = sent;
  if (bundle.type !== 'message') throw noMessage('The Bundle must be of type message.', 'Bundle.type');
  const header = entriesOf(bundle)[0]?.resource;
  if (header?.resourceType !== 'MessageHeader')
    throw noMessage('The first entry of a message is its MessageHeader.', HEADER);
  const message = { bundle, exact, header, ...identityOf(bundle, header) };
  requireEntries(message, links);
  return message;
}

function identityOf(bundle: Resource, header: Resource) {
  if (header.response !== undefined) {
    const text = 'This is an answer to a message, and this server has sent none: it awaits no answers.';
    throw fhirError('unprocessable', 'not-supported', text, `${HEADER}.response`);
  }
  const { endpoint } = header.source as { endpoint?: unknown };
  if (header.id === undefined)
    throw noMessage('The MessageHeader needs an id, which the answer names.', `${HEADER}.id`);
  if (typeof endpoint !== 'string')
    throw noMessage('The source needs an endpoint, to which the answer is addressed.', `${HEADER}.source`);
  return { headerId: header.id, sendingId: bundle.id, endpoint };
}

/** What the event is about must be in the message, and so must what placeholders stand for. */
function requireEntries({ bundle, header }: IncomingMessage, links: Links): void {
  const entries = entriesOf(bundle);
  const references = new EntryReferences(bundle);
  const issues: Issue[] = [];
  const isBroken = (reference: unknown, fullUrl: unknown): reference is string =>
    typeof reference === 'string' && !references.has(reference, fullUrl);
  ((header.focus ?? []) as { reference?: unknown }[]).forEach(({ reference }, i) => {
    if (isBroken(reference, entries[0]?.fullUrl))
      issues.push(errorIssue('not-found', broken('focus'), `${HEADER}.focus[${i}]`));
  });
  entries.forEach(({ fullUrl, resource }, i) => {
    if (resource === undefined) return;
    links.visit(resource, (link, kind) => {
      if (kind !== 'reference' || !PLACEHOLDER.test(link) || !isBroken(link, fullUrl)) return;
      const place = referencePlace(resource, link).slice(resource.resourceType.length);
      const expression = `Bundle.entry[${i}].resource${place}`;
      if (issues.some((issue) => issue.expression?.[0] === expression)) return;
      issues.push(errorIssue('not-found', broken('placeholder'), expression));
    });
  });
  if (issues.length > 0) throw new FhirError('unprocessable', issues.slice(0, BROKEN_TOLD_MAX));
}

const broken = (what: string) =>
  `The ${what} refers to nothing in the message: a message carries what its event is about, each with its fullUrl.`;

const noMessage = (text: string, expression: string) =>
  fhirError('unprocessable', 'invariant', text, expression);
