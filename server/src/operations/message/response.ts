import { randomUUID } from 'node:crypto';
import { operationOutcome, type Issue } from '../../fhir/outcome.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import type { IncomingMessage } from './readMessage.ts';

/** http://hl7.org/fhir/R4/valueset-response-code.html */
export type ResponseCode = 'ok' | 'transient-error' | 'fatal-error';

/** What is said to a message. */
export interface Reply {
  code: ResponseCode;
  focus?: readonly Resource[];
  issues: readonly Issue[];
}

const SOFTWARE = 'MaxRay';
/** http://hl7.org/fhir/R4/extension-messageheader-response-request.html */
const RESPONSE_REQUEST = 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request';

/**
 * The message that answers another (http://hl7.org/fhir/R4/messaging.html): of the same event, source and destination
 * changed over.
 *
 * @param own address of this server's `$process-message`
 */
export function responseMessage(message: IncomingMessage, reply: Reply, own: string, sent: Date): Resource {
  const { eventCoding, eventUri } = message.header;
  const focus = reply.focus?.map(entryOf) ?? [];
  const details = reply.issues.length > 0 ? entryOf(operationOutcome([...reply.issues])) : undefined;
  const header = {
    resourceType: 'MessageHeader',
    id: randomUUID(),
    ...(eventCoding !== undefined && { eventCoding }),
    ...(eventUri !== undefined && { eventUri }),
    destination: [nameAndEndpoint(message.header.source as JsonObject)],
    source: { software: SOFTWARE, ...addressed(message.header, own) },
    response: {
      identifier: message.headerId,
      code: reply.code,
      ...(details && { details: { reference: details.fullUrl } }),
    },
    ...(focus.length > 0 && { focus: focus.map(({ fullUrl }) => ({ reference: fullUrl })) }),
  };
  const entry = [
    { fullUrl: `urn:uuid:${header.id}`, resource: header },
    ...(details ? [details] : []),
    ...focus,
  ];
  return { resourceType: 'Bundle', type: 'message', timestamp: sent.toISOString(), entry };
}

const entryOf = (resource: object) => ({ fullUrl: `urn:uuid:${randomUUID()}`, resource });

/** Whether the sender wants this answer; where nothing is said, every one. */
export function isWanted({ extension = [] }: Resource, code: string): boolean {
  const asked = (extension as { url?: string; valueCode?: string }[]).find(
    ({ url }) => url === RESPONSE_REQUEST,
  );
  switch (asked?.valueCode) {
    case 'never':
      return false;
    case 'on-error':
      return code !== 'ok';
    case 'on-success':
      return code === 'ok';
    default:
      return true;
  }
}

/** By what the message calls this server: the destination with its address, or the only one. */
function addressed({ destination = [] }: Resource, own: string): JsonObject {
  const all = destination as JsonObject[];
  const known = all.find(({ endpoint }) => endpoint === own) ?? (all.length === 1 ? all[0] : undefined);
  return typeof known?.endpoint === 'string' ? nameAndEndpoint(known) : { endpoint: own };
}

const nameAndEndpoint = ({ name, endpoint }: JsonObject): JsonObject => ({
  ...(typeof name === 'string' && { name }),
  endpoint,
});
