import { isBusy, errorIssue, FhirError, type Issue } from '../../fhir/outcome.ts';
import { BotError } from '../../bots/botError.ts';
import type { Bots } from '../../bots/bots.ts';
import { subscriberOf, type EventRecords } from '../../records/events/eventRecords.ts';
import type { Resource } from '../../fhir/resource.ts';
import { botOf, type SubscriptionRequest } from '../subscriptions/request.ts';
import type { Notice, Outcome, PushChannel } from './channel.ts';
import { bundleText, type TextParts } from './notificationText.ts';
import { payloadFaults } from './payload.ts';

/** What runs bots, as far as notifications need it. */
export type BotRunner = Pick<Bots, 'run' | 'mayExecute' | 'timeoutMs'>;

export interface BotHookParts {
  bots: BotRunner;
  records: Pick<EventRecords, 'subscription' | 'callerOf'>;
  texts: Pick<TextParts, 'base'>;
  /** The server ends: what is under way is told again. */
  signal: AbortSignal;
}

/** How soon is tried again where there was no place to run. */
const BUSY_MS = 1_000;
const CONTENT_TYPE = 'application/fhir+json';

/** Notifications that run a Bot of this server (`channel.endpoint` `Bot/[id]`): told when its handler has ended well. */
export class BotHook implements PushChannel {
  readonly #parts: BotHookParts;

  constructor(parts: BotHookParts) {
    this.#parts = parts;
  }

  faults(request: SubscriptionRequest): Issue[] {
    const { asked, channel } = request;
    if (channel.headers.length > 0)
      return [
        errorIssue(
          'not-supported',
          'A Bot gets no headers of a Subscription.',
          'Subscription.channel.header',
        ),
      ];
    return asked.kind === 'topic' || channel.payload !== undefined ? payloadFaults(request) : [];
  }

  /** So that a Bot that is not there, or may not be run, is found before there is an event. */
  greets(): boolean {
    return true;
  }

  async send(notice: Notice, beforeSending: () => Promise<void>): Promise<Outcome> {
    const { bots, signal } = this.#parts;
    const bot = botOf(notice.request.channel)!;
    const fault = await this.#fault(notice.subscription, bot);
    if (fault !== undefined) return { kind: 'failed', fault };
    if (notice.events.length === 0) return { kind: 'accepted' };
    await beforeSending();
    const run = bots.run({
      bot,
      trigger: `Subscription/${notice.subscription}`,
      contentType: CONTENT_TYPE,
      input: { value: this.#input(notice) },
      headers: { 'idempotency-key': notice.key },
    });
    const ending = Promise.withResolvers<'ending'>();
    const end = () => ending.resolve('ending');
    signal.addEventListener('abort', end);
    try {
      const ended = await Promise.race([run, ending.promise]);
      return ended === 'ending' && signal.aborted ? { kind: 'resting', ms: 0 } : { kind: 'accepted' };
    } catch (error) {
      return outcomeOf(error);
    } finally {
      signal.removeEventListener('abort', end);
      run.catch(() => undefined); // it was told above, or comes again
    }
  }

  /** Why it cannot be run for whoever wrote the Subscription. */
  async #fault(subscription: string, bot: string): Promise<string | undefined> {
    const { bots, records } = this.#parts;
    const found = await records.subscription(subscription);
    const subscriber = found && subscriberOf(JSON.parse(found.content) as Resource);
    const caller = subscriber && (await records.callerOf(subscriber));
    if (!caller || !bots.mayExecute(caller, bot))
      return 'whoever wrote the Subscription may not execute this Bot';
    try {
      await bots.timeoutMs(bot);
      return undefined;
    } catch (error) {
      if (!(error instanceof FhirError) || isBusy(error)) throw error;
      return 'there is no such Bot';
    }
  }

  /** As Medplum has it: the resource, or of a topic the notification. */
  #input(notice: Notice): unknown {
    if (notice.request.asked.kind === 'topic') return JSON.parse(bundleText(this.#parts.texts, notice));
    return JSON.parse(notice.events[0]!.told?.content ?? 'null');
  }
}

/** What the bot said is for those who administer: a Subscription's error is read by others. */
function outcomeOf(error: unknown): Outcome {
  if (isBusy(error)) return { kind: 'resting', ms: BUSY_MS };
  if (!(error instanceof FhirError)) throw error;
  // What it was to hear while it is off, it does not hear later.
  if (error instanceof BotError && error.failure === 'off') return { kind: 'accepted' };
  const how = error instanceof BotError ? error.failure : 'not run';
  return { kind: 'failed', fault: `the run of the bot failed (${how}): Bot/[id]/$run-log may say more` };
}
