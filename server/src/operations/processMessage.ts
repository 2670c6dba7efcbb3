import type { Definitions } from '../fhir/definitions/types.ts';
import { Links } from '../fhir/links/links.ts';
import { fhirError } from '../fhir/outcome.ts';
import { eventOf, type MessageHandler } from './message/handlers.ts';
import { Processing, type MessageRecords } from './message/processing.ts';
import { readMessage } from './message/readMessage.ts';
import type { Operation } from './operation.ts';
import type { OperationParameters } from './parameters.ts';
import { acceptOnly, boolean } from './values.ts';

export interface MessageSettings {
  /** Absolute URL of the FHIR base. */
  base: string;
  /** Those that act on events, at most one for each. */
  handlers: readonly MessageHandler[];
}

/** `$process-message` (http://hl7.org/fhir/R4/messageheader-operation-process-message.html), synchronously. */
export function processMessageOperation(
  records: MessageRecords,
  definitions: Definitions,
  { base, handlers }: MessageSettings,
): Operation {
  const links = new Links(definitions);
  const byEvent = new Map(handlers.map((handler) => [handler.event, handler]));
  return {
    name: 'process-message',
    definition: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message',
    levels: ['system'],
    affectsState: true,
    run: async ({ caller, parameters }) => {
      refuseAsynchronous(parameters);
      const message = readMessage(parameters, links);
      const handler = byEvent.get(eventOf(message.header));
      const processing = new Processing(records, caller, message, `${base}/$process-message`);
      const body = await processing.run(handler);
      return body === undefined ? { kind: 'nothing' } : { kind: 'resource', body };
    },
  };
}

function refuseAsynchronous(parameters: OperationParameters): void {
  acceptOnly(parameters, 'process-message', ['content', 'resource', 'async', 'response-url']);
  const isAsync = boolean(parameters, 'async') === true;
  if (!isAsync && parameters.named('response-url').length === 0) return;
  const text =
    'This server answers messages at once, and sends none itself: leave out async and response-url. Nothing was done.';
  throw fhirError('unprocessable', 'not-supported', text);
}
