import type { IdentityPorts } from './ports.ts';

/** Ends something that somebody has been given, with all that was left behind by it. */
export type Withdrawing = <T>(
  who: { userId?: string; clientId?: string },
  end: () => Promise<T>,
) => Promise<T>;

/** What is left behind ends first, so that a failure can be repeated, and again afterwards: meanwhile something may have been added. */
export function withdrawingBy({ onWithdrawn }: Pick<IdentityPorts, 'onWithdrawn'>): Withdrawing {
  return async (who, end) => {
    await onWithdrawn?.(who);
    const ended = await end();
    await onWithdrawn?.(who);
    return ended;
  };
}
