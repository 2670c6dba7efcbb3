import { measureSide, type Load } from '../measure/side.ts';
import { until } from '../processes/until.ts';
import { createSide } from './createSide.ts';
import { BACKLOG_PER_SECOND, type Backlog } from './figures.ts';
import type { EventsWorld } from './world.ts';

const SECONDS_OF_HOUR = 3_600;

/** Takes the turn from the relay, writes, gives it back, and waits until all changes have been looked through. */
export const measureBacklog = async (
  { server, database: { client }, plan }: EventsWorld,
  load: Load,
): Promise<Backlog> => {
  await client.query(`UPDATE maxray.event_relay SET fence = fence + 1, held_until = 'infinity'`);
  await measureSide(createSide(server, plan), load);
  const { rows } = await client.query<{ changes: number; xid: string; seq: string }>(
    `SELECT (count(*) OVER ())::integer AS changes, c.xid::text AS xid, c.seq FROM maxray.changes c, maxray.event_relay r
     WHERE (c.xid, c.seq) > (r.xid, r.seq) ORDER BY c.xid DESC, c.seq DESC LIMIT 1`,
  );
  const { changes, xid, seq } = rows[0]!;
  const beganMs = performance.now();
  await client.query(`UPDATE maxray.event_relay SET held_until = '-infinity'`);
  await until(async () => {
    const text = 'SELECT (xid, seq) >= ($1::xid8, $2::bigint) AS done FROM maxray.event_relay';
    return (await client.query<{ done: boolean }>(text, [xid, seq])).rows[0]!.done;
  }, 'the backlog has been looked through');
  const changesPerSecond = (changes * 1_000) / (performance.now() - beganMs);
  const hourSeconds = (BACKLOG_PER_SECOND * SECONDS_OF_HOUR) / changesPerSecond;
  return { changes, changesPerSecond, hourSeconds };
};
