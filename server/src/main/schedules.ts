import type { StoreQueue } from '../queue/storeQueue.ts';
import { TableSchedules } from '../queue/tableSchedules.ts';
import { ScheduleTable } from '../store/schedules/scheduleTable.ts';
import { describeDefect } from './defect.ts';
import type { Lifetime } from './lifetime.ts';
import type { Machine } from './machine.ts';
import type { StorePlace } from './storePlace.ts';

/** The schedules of a store; those who handle what is due say so, then it is started. Stops at the end of `lifetime`. */
export function openSchedules(
  { log }: Pick<Machine, 'log'>,
  { database, schema }: Pick<StorePlace, 'database' | 'schema'>,
  queue: StoreQueue,
  lifetime: Lifetime,
): TableSchedules {
  const schedules = new TableSchedules({
    table: new ScheduleTable(database, schema),
    queue,
    onDefect: (error) => log.error({ defect: describeDefect(error) }, 'what was scheduled failed'),
  });
  lifetime.atEnd(() => schedules.stop());
  return schedules;
}
