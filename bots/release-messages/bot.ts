import type { BotDefinition, BotHandler } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import type { Message } from '../lib/message/message.ts';
import { isExpired, notSent, settle, windowOf } from '../lib/message/message.ts';
import { KIND_SYSTEM } from '../lib/notify/codes.ts';

const HELD = `Communication?category=${KIND_SYSTEM}|`;
const PAGE = 500;

export const bot: BotDefinition = {
  name: 'release-messages',
  title: 'Release of held messages',
  description:
    'Lets messages go that were held back in quiet hours, when these are over; gives up those that are of no use any more.',
  triggers: [{ cron: '*/5 * * * *' }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [{ resourceType: 'Communication', criteria: HELD, interaction: ['search', 'read', 'update'] }],
  },
  limits: { timeoutMs: 120_000 },
};

export const handler: BotHandler = async (medplum) => {
  const nowMs = Date.now();
  const query = new URLSearchParams({
    status: 'on-hold',
    category: `${KIND_SYSTEM}|`,
    _count: String(PAGE),
    _sort: '_lastUpdated',
  });
  const failures: unknown[] = [];
  // All of them: one that waits longer may stand before one whose time has come.
  for await (const held of medplum.searchResourcePages('Communication', query, { cache: 'reload' }))
    for (const message of held as Message[]) {
      const { startMs = Infinity } = windowOf(message);
      if (startMs > nowMs) continue;
      const change = isExpired(message, nowMs) ? notSent('expired') : { status: 'preparation' as const };
      // One that cannot be changed keeps no other back.
      await settle(medplum, message, change).catch((error: unknown) => failures.push(error));
    }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} messages could not be released`);
};
