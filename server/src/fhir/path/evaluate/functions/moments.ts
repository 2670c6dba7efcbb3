import type { PathFunctions } from '../scope.ts';
import { HOUR, PARTS, Temporal } from '../values/temporal.ts';
import { nodesOf } from '../values/values.ts';
import { ofCollections } from './define.ts';

/** The moment of the evaluation, in UTC, as `now()`, `today()` and `timeOfDay()` tell it. */
export const MOMENTS: PathFunctions = {
  now: ofCollections(0, 0, (_input, _args, { now }) =>
    nodesOf(Temporal.ofMs('dateTime', now.getTime(), PARTS.length, 0)),
  ),
  today: ofCollections(0, 0, (_input, _args, { now }) =>
    nodesOf(Temporal.ofMs('date', now.getTime(), HOUR, undefined)),
  ),
  timeOfDay: ofCollections(0, 0, (_input, _args, { now }) => {
    const { parts } = Temporal.ofMs('dateTime', now.getTime(), PARTS.length, 0);
    return nodesOf(new Temporal('time', [1, 1, 1, ...parts.slice(HOUR)], PARTS.length, undefined));
  }),
};
