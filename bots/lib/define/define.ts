import type { BotEvent, MedplumClient } from '@medplum/core';
import type { AccessPolicy, Extension } from '@medplum/fhirtypes';

export type { BotEvent, MedplumClient };

/**
 * What runs a bot.
 *
 * - `topic`: canonical URL of a SubscriptionTopic; the input is the notification Bundle (type history, full-resource), one event in
 *   each. `filters` are those that the topic offers, e.g. `Appointment?patient=Patient/1`.
 * - `criteria`: R4's own Subscription.criteria; the input is the resource, as it was stored by that write.
 * - `cron`: five fields, minute first; the input is the Bot itself, the header `x-maxray-scheduled-time` the time that was due
 *   (an instant). `timeZone` is an IANA name; absent: UTC.
 * - `operation`: `Bot/[id]/$execute`, by whom policies let, other bots too; the input is what was sent.
 * - `webhook`: `POST /webhook/[id]`, by anybody: the handler must check a signature. The input is the text that was sent, also by `$execute`.
 */
export type BotTrigger =
  | { topic: string; filters?: string[] }
  | { criteria: string }
  | { cron: string; timeZone?: string }
  | { operation: true }
  | { webhook: true };

export interface BotLimits {
  /** How long a run may take; absent: 30 s. */
  timeoutMs?: number;
  /** Heap of its process in MiB; absent: 128. */
  memoryMb?: number;
}

/** What a bot is, besides its handler. */
export interface BotDefinition {
  /** Name of its folder; its Bot, AccessPolicy and ProjectMembership have the id `maxray-bot-[name]`. */
  name: string;
  /** What people read in lists. */
  title: string;
  description: string;
  triggers: BotTrigger[];
  /** What it may do; there is nothing that it may do besides. `extension` says for what purpose (`purposeOfUse`). */
  policy: Pick<AccessPolicy, 'resource'> & { extension?: Extension[] };
  limits?: BotLimits;
  /** Names of the secrets that it gets as `event.secrets`; it gets no others. */
  secrets?: string[];
}

/** Id of its Bot, AccessPolicy and ProjectMembership, and the beginning of those of its Subscriptions. */
export const botId = ({ name }: Pick<BotDefinition, 'name'>): string => `maxray-bot-${name}`;

/**
 * What a bot's module exports as `handler`: Medplum's own signature. Called at least once for each event, perhaps again after it was
 * killed anywhere in between: twice must be as once. `event.headers['idempotency-key']` is the same whenever the event is the same.
 *
 * @throws anything: the run has failed, and the event comes again
 */
export type BotHandler<Input = unknown> = (
  medplum: MedplumClient,
  event: BotEvent<Input>,
) => Promise<unknown>;

/** The resources of a notification Bundle: those that its events are about, as they were told. */
export function notifiedResources<T extends { resourceType: string } = { resourceType: string }>(
  bundle: unknown,
): T[] {
  const { entry = [] } = bundle as { entry?: { resource?: T }[] };
  return entry.slice(1).flatMap(({ resource }) => resource ?? []);
}

/**
 * For what purpose a bot works, as a code of v3 PurposeOfUse, for the extensions of its policy. Patients may withhold records from some
 * purposes: a bot without one may be for any, and is shown nothing that is withheld from one of them.
 */
export const purposeOfUse = (code: string): Extension[] => [
  { url: 'https://maxray.example/fhir/StructureDefinition/maxray-policy-purpose-of-use', valueCode: code },
];
