import type { BotEvent } from '@medplum/core';

/** A setting of a bot that is a text. @returns undefined where it is not set, or empty */
export function setting(event: Pick<BotEvent, 'secrets'>, name: string): string | undefined {
  const value = event.secrets[name]?.valueString;
  return value === '' ? undefined : value;
}
