import type { Communication } from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler } from '../../lib/define/define.ts';
import { NOTIFICATION_SYSTEM } from '../../lib/notify/codes.ts';
import type { BotWorkshop, Trial } from '../support/workshop.ts';

export interface BotModule {
  bot: BotDefinition;
  handler: BotHandler<never>;
}

export const trial = ({ bot, handler }: BotModule, arrange: Trial['arrange']): Trial => ({
  bot,
  handler: () => handler as BotHandler,
  arrange,
  // A run that is cut off before a call leaves what one leaves that was cut off after the call before.
  kinds: ['killed-after'],
});

/** What was made: template and who is told. */
export async function notices(workshop: BotWorkshop, of: Trial): Promise<string[]> {
  const { stored } = await workshop.run(of);
  return stored
    .map((text) => JSON.parse(text) as Communication)
    .filter(({ identifier }) => identifier?.[0]?.system === NOTIFICATION_SYSTEM)
    .map((one) => `${one.extension?.[0]?.extension?.[0]?.valueCode} to ${one.recipient?.[0]?.reference}`)
    .sort();
}
