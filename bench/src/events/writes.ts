import { measureInTurn, measureSide, type Load } from '../measure/side.ts';
import { TRIAL_MS } from '../measure/reference.ts';
import { median, pairedRatio } from '../measure/statistics.ts';
import { createSide } from './createSide.ts';
import type { WritesBeside } from './figures.ts';
import { subscribe } from './subscriptions.ts';
import type { EventsWorld } from './world.ts';

/** Creates on a server with Subscriptions to other patients, in turn with a server that has none. */
export const measureWrites = async (
  [beside, none]: readonly [EventsWorld, EventsWorld],
  load: Load,
  { rounds, subscriptions, had }: { rounds: number; subscriptions: number; had: number },
): Promise<WritesBeside> => {
  const criteria = Array.from(
    { length: subscriptions - had },
    (_, at) => `Observation?subject=Patient/unrelated-${had + at}`,
  );
  await subscribe(beside.database, beside.server, beside.receiver.url, criteria);
  const sides = [createSide(beside.server, beside.plan), createSide(none.server, none.plan)] as const;
  for (const side of sides) await measureSide(side, { ...load, measureMs: TRIAL_MS });
  const [ours, theirs] = (await measureInTurn(sides, load, rounds)).map((windows) =>
    windows.map((window) => window.load.requestsPerSecond),
  ) as [number[], number[]];
  return { subscriptions, requestsPerSecond: median(ours), ratio: pairedRatio(ours, theirs) };
};
