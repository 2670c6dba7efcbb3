import { caseNamed } from '../cases/all.ts';
import type { FloorName } from '../floors/floors.ts';
import { FLOORS } from '../floors/floors.ts';
import { startFloor } from '../processes/floorProcess.ts';
import { requestsFrom } from './requests.ts';
import { measureSide, type Load, type Side } from './side.ts';

/** Measured time of a trial, which warms up and chooses among a floor's variants. */
export const TRIAL_MS = 2_000;

/** What a case is held against. */
export interface Reference {
  side: Side;
  /** Its name in a line. */
  label: string;
  close(): Promise<void>;
}

/** The floor of the server's case, or another case on the same server; undefined where it is held against nothing. */
export const openReference = async (server: Side, load: Load): Promise<Reference | undefined> => {
  const { floor, against } = server.bench;
  if (floor) return openFloor(server, floor, load);
  if (against === undefined) return undefined;
  const { requests: _own, ...same } = server;
  const bench = caseNamed(against);
  const requests = await requestsFrom(bench, server.plan, server.target);
  const side = { ...same, bench, ...(requests && { requests }) };
  await measureSide(side, { ...load, measureMs: TRIAL_MS });
  return { side, label: `against: ${bench.title}`, close: async () => undefined };
};

/**
 * The floor in its fastest variant at this number of connections (a slower one would flatter the server), warmed up by the
 * trial.
 */
const openFloor = async (server: Side, floor: FloorName, load: Load): Promise<Reference> => {
  const trials: { side: Side; variant: string; rate: number }[] = [];
  for (const variant of FLOORS[floor].variants) {
    const target = await startFloor(floor, variant, load.database.url);
    const side = { ...server, target, checkAnswers: false };
    const { load: seen } = await measureSide(side, { ...load, measureMs: TRIAL_MS });
    trials.push({ side, variant, rate: seen.errors ? 0 : seen.requestsPerSecond });
  }
  const [fastest, ...others] = trials.sort((a, b) => b.rate - a.rate);
  if (!fastest) throw new Error(`the floor ${floor} has no variant`);
  for (const other of others) await other.side.target.stop();
  const { side, variant } = fastest;
  return { side, label: `floor: ${variant}`, close: () => side.target.stop() };
};
