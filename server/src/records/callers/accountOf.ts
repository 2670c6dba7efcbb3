import type { Identified } from '../../identity/ports.ts';

const BOT = 'Bot/';

/** What a membership is about: `User/1`, `ClientApplication/1`, or `Bot/1`, which acts as a client by this very name. */
export function accountOf({ clientId, userId }: Pick<Identified, 'clientId' | 'userId'>): string {
  if (userId !== undefined) return `User/${userId}`;
  return clientId.startsWith(BOT) ? clientId : `ClientApplication/${clientId}`;
}
