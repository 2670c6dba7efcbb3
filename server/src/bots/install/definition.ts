/** What a bot of ours says of itself: `BotDefinition` of bots/lib/define, as JSON. */
export interface OwnBot {
  name: string;
  title: string;
  description: string;
  triggers: OwnTrigger[];
  policy: { resource?: object[]; extension?: object[] };
  limits?: { timeoutMs?: number; memoryMb?: number };
  secrets?: string[];
}

export type OwnTrigger =
  | { topic: string; filters?: string[] }
  | { criteria: string }
  | { cron: string; timeZone?: string }
  | { operation: true }
  | { webhook: true };

/** Id of the Bot, of its AccessPolicy and ProjectMembership; those of its Subscriptions begin so. */
export const ownBotId = (name: string): string => `maxray-bot-${name}`;
