import type { Resource } from '../../fhir/resource.ts';
import { MEMORY_EXTENSION, OFF_EXTENSION, SECRET_EXTENSION } from '../bot.ts';
import { ownBotId, type OwnBot, type OwnTrigger } from './definition.ts';

type Stored = Resource & { id: string };

/** What a bot of ours is in a store. */
export interface BotResources {
  /** The Bot with its rights. */
  bot: Stored[];
  /** What it is told of. */
  subscriptions: Stored[];
  schedules: { name: string; cron: string; timeZone?: string }[];
}

const IDENTIFIER_SYSTEM = 'https://maxray.example/fhir/identifier/bot';
const PAYLOAD_CONTENT =
  'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content';
const FILTER_CRITERIA =
  'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-filter-criteria';

/** @param project id of the Project @param isOff whether somebody has switched the bot off */
export function resourcesOf(definition: OwnBot, project: string, isOff: boolean): BotResources {
  const { name, triggers } = definition;
  const id = ownBotId(name);
  const numbered = triggers.map((trigger, i) => ({ trigger, key: `${id}-${i + 1}` }));
  return {
    bot: [botOf(definition, isOff), policyOf(definition), membershipOf(definition, project)],
    subscriptions: numbered.flatMap(({ trigger, key }) => subscriptionOf(id, key, trigger)),
    schedules: numbered.flatMap(({ trigger, key }) => {
      if (!('cron' in trigger)) return [];
      const { cron, timeZone } = trigger;
      return [{ name: scheduleName(id, key), cron, ...(timeZone !== undefined && { timeZone }) }];
    }),
  };
}

/** `bot/[id of the Bot]/[trigger]`. */
export const scheduleName = (bot: string, trigger: string): string => `bot/${bot}/${trigger}`;

function botOf(definition: OwnBot, isOff: boolean): Stored {
  const { name, title, description, triggers, limits = {}, secrets = [] } = definition;
  const isWebhook = triggers.some((trigger) => 'webhook' in trigger);
  const { timeoutMs, memoryMb } = limits;
  const extension = [
    ...(isOff ? [{ url: OFF_EXTENSION, valueBoolean: true }] : []),
    ...(memoryMb === undefined ? [] : [{ url: MEMORY_EXTENSION, valuePositiveInt: memoryMb }]),
    ...secrets.map((valueString) => ({ url: SECRET_EXTENSION, valueString })),
  ];
  return {
    resourceType: 'Bot',
    id: ownBotId(name),
    ...(extension.length > 0 && { extension }),
    identifier: [{ system: IDENTIFIER_SYSTEM, value: name }],
    name: title,
    description,
    ...(isWebhook && { publicWebhook: true, rawBody: true }),
    ...(timeoutMs !== undefined && { timeout: Math.ceil(timeoutMs / 1_000) }),
  };
}

const policyOf = ({ name, title, policy: { resource = [], extension } }: OwnBot): Stored =>
  ({
    resourceType: 'AccessPolicy',
    id: ownBotId(name),
    ...(extension && { extension }),
    name: `Bot: ${title}`,
    ...(resource.length > 0 && { resource }),
  }) as Stored;

const membershipOf = ({ name, title }: OwnBot, project: string): Stored => {
  const reference = { reference: `Bot/${ownBotId(name)}`, display: title };
  return {
    resourceType: 'ProjectMembership',
    id: ownBotId(name),
    project: { reference: `Project/${project}` },
    user: reference,
    profile: reference,
    access: [{ policy: { reference: `AccessPolicy/${ownBotId(name)}` } }],
  };
};

function subscriptionOf(bot: string, id: string, trigger: OwnTrigger): Stored[] {
  if (!('topic' in trigger || 'criteria' in trigger)) return [];
  const isTopic = 'topic' in trigger;
  const filters = isTopic ? (trigger.filters ?? []) : [];
  const content = { extension: [{ url: PAYLOAD_CONTENT, valueCode: 'full-resource' }] };
  return [
    {
      resourceType: 'Subscription',
      id,
      status: 'requested',
      reason: `Runs Bot/${bot}`,
      criteria: isTopic ? trigger.topic : trigger.criteria,
      ...(filters.length > 0 && {
        _criteria: { extension: filters.map((valueString) => ({ url: FILTER_CRITERIA, valueString })) },
      }),
      channel: {
        type: 'rest-hook',
        endpoint: `Bot/${bot}`,
        payload: 'application/fhir+json',
        ...(isTopic && { _payload: content }),
      },
    } as Stored,
  ];
}
