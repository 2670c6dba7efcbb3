import type { Caller } from '../records/caller.ts';
import type { Operation } from './operation.ts';
import type { OperationParameters } from './parameters.ts';
import { acceptOnly, positiveInt } from './values.ts';
import { parameterFault } from './parameterFault.ts';

const GUIDE = 'http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription';
const OWN = 'https://maxray.example/fhir/OperationDefinition';
const EVENT_NUMBER = /^\d{1,15}$/;
const CONTENTS = ['empty', 'id-only', 'full-resource'] as const;

/** How much of a resource is wanted. */
export type EventContent = (typeof CONTENTS)[number];

/** What can be asked about Subscriptions and their events; JSON texts of resources. Callers see what they may. */
export interface SubscriptionQueries {
  /** A searchset of what states the Subscriptions are in. @param id of one; else `ids` (empty: all) with these `statuses` (empty: all) */
  status(
    caller: Caller,
    asked: { id: string } | { ids: readonly string[]; statuses: readonly string[] },
  ): Promise<string>;
  /** A notification of earlier events. */
  events(
    caller: Caller,
    id: string,
    range: { since?: number; until?: number; content?: EventContent },
  ): Promise<string>;
  /** Parameters with the key that notifications are signed with. */
  signingKey(caller: Caller, id: string): Promise<string>;
  /** Parameters with events that were given up. */
  deadLetters(caller: Caller, after: string | undefined): Promise<string>;
  /** Has them tried again, or dropped. @param number absent: all of the Subscription */
  settleDeadLetters(
    caller: Caller,
    subscription: string,
    number: number | undefined,
    how: 'replay' | 'drop',
  ): Promise<string>;
}

/** Operations on Subscriptions: of the backport guide (`$status`, `$events`), and for receivers and operators. */
export function subscriptionOperations(queries: SubscriptionQueries): Operation[] {
  const onSubscription = { types: ['Subscription'], affectsState: false };
  const resource = (body: string) => ({ kind: 'resource' as const, body });
  return [
    {
      ...onSubscription,
      name: 'status',
      definition: `${GUIDE}-status`,
      levels: ['type', 'instance'],
      run: async ({ caller, id, parameters }) => {
        acceptOnly(parameters, 'status', ['id', 'status']);
        const asked =
          id === undefined ? { ids: parameters.texts('id'), statuses: parameters.texts('status') } : { id };
        return resource(await queries.status(caller, asked));
      },
    },
    {
      ...onSubscription,
      name: 'events',
      definition: `${GUIDE}-events`,
      levels: ['instance'],
      run: async ({ caller, id, parameters }) => {
        acceptOnly(parameters, 'events', ['eventsSinceNumber', 'eventsUntilNumber', 'content']);
        const since = numberOf(parameters, 'eventsSinceNumber');
        const until = numberOf(parameters, 'eventsUntilNumber');
        const content = contentOf(parameters.text('content'));
        return resource(
          await queries.events(caller, id!, {
            ...(since !== undefined && { since }),
            ...(until !== undefined && { until }),
            ...(content !== undefined && { content }),
          }),
        );
      },
    },
    {
      ...onSubscription,
      name: 'signing-key',
      definition: `${OWN}/signing-key`,
      levels: ['instance'],
      run: async ({ caller, id, parameters }) => {
        acceptOnly(parameters, 'signing-key', []);
        return resource(await queries.signingKey(caller, id!));
      },
    },
    deadLettersOperation(queries),
  ];
}

/** GET lists what was given up, `after=Subscription/1/17` from behind one on; POST settles it: `subscription`, `number`, `action=replay|drop`. */
function deadLettersOperation(queries: SubscriptionQueries): Operation {
  return {
    name: 'dead-letters',
    definition: `${OWN}/dead-letters`,
    levels: ['type'],
    types: ['Subscription'],
    affectsState: 'by POST',
    run: async ({ caller, parameters, isPost }) => {
      if (isPost !== true) {
        acceptOnly(parameters, 'dead-letters', ['after']);
        return { kind: 'resource', body: await queries.deadLetters(caller, parameters.text('after')) };
      }
      acceptOnly(parameters, 'dead-letters', ['subscription', 'number', 'action']);
      const action = parameters.text('action');
      const subscription = parameters.text('subscription');
      if (action !== 'replay' && action !== 'drop')
        throw parameterFault('value', 'action', "action must be 'replay' or 'drop'.");
      if (subscription === undefined)
        throw parameterFault(
          'required',
          'subscription',
          'subscription must be the id of the Subscription whose events they are.',
        );
      const number = positiveInt(parameters, 'number', undefined);
      const body = await queries.settleDeadLetters(caller, subscription, number, action);
      return { kind: 'resource', body };
    },
  };
}

/** Numbers of events are strings in the guide, of any size; 0 is before the first. */
function numberOf(parameters: OperationParameters, name: string): number | undefined {
  const text = parameters.text(name);
  if (text === undefined || EVENT_NUMBER.test(text)) return text === undefined ? undefined : Number(text);
  throw parameterFault('value', name, `${name} must be the number of an event.`);
}

function contentOf(text: string | undefined): EventContent | undefined {
  if (text === undefined) return undefined;
  const content = CONTENTS.find((one) => one === text);
  if (content) return content;
  throw parameterFault('value', 'content', `content must be one of ${CONTENTS.join(', ')}.`);
}
