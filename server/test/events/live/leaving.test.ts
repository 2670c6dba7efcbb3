import { expect, test } from '@jest/globals';
import { eventStream } from '../../../src/events/live/eventStream.ts';
import type { FeedOrder } from '../../../src/events/live/feed.ts';
import type { LiveEvents } from '../../../src/events/live/liveEvents.ts';
import { LOCAL_CALLER } from '../../../src/records/caller.ts';

test('whoever leaves while a notification waits for room is not waited for', async () => {
  const orders: FeedOrder[] = [];
  const ended: string[] = [];
  const live = {
    lastEvents: (ids: readonly string[]) => Promise.resolve(new Map(ids.map((id) => [id, 0]))),
    connect: () => () => ended.push('connection'),
    follow: (order: FeedOrder) => {
      orders.push(order);
      return { stop: () => ended.push('feed') };
    },
  } as unknown as LiveEvents;
  const stream = await eventStream(live, {
    ...{ caller: LOCAL_CALLER, subscription: 'one', expiresMs: Infinity, origin: { requestId: 'one' } },
    callerNow: () => Promise.resolve(LOCAL_CALLER),
  });
  const sending = orders[0]!.outlet.send('x'.repeat(2 ** 20), 1);
  stream.destroy();
  await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
  expect(ended).toEqual(['feed', 'connection']);
});
