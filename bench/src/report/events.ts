import { WRITES_RATIO_TARGET, type EventFigures } from '../events/figures.ts';
import { number, table } from './text.ts';

/** What telling of events takes, as Markdown. */
export const eventsText = ({ throughput, delay, writes, backlog }: EventFigures): string =>
  [
    table(
      ['writes beside Subscriptions to others', 'req/s', 'ratio', 'target', ''],
      writes.map(({ subscriptions, requestsPerSecond, ratio }) => [
        `create Observation, ${number(subscriptions)} Subscriptions`,
        number(requestsPerSecond),
        number(ratio, 2),
        `>= ${number(WRITES_RATIO_TARGET, 2)}`,
        ratio >= WRITES_RATIO_TARGET ? 'reached' : 'MISSED',
      ]),
    ),
    table(
      ['events', 'number', 'per second', 'p50 ms', 'p99 ms'],
      [
        ...throughput.map(({ subscriptions, events, eventsPerSecond }) => [
          `commit to receiver, ${subscriptions} told of each write`,
          number(events),
          number(eventsPerSecond),
          '',
          '',
        ]),
        [
          'delay from commit to receiver',
          number(delay.events),
          number(delay.perSecond),
          number(delay.p50Ms, 1),
          number(delay.p99Ms, 1),
        ],
        [
          'changes of a backlog looked through',
          number(backlog.changes),
          number(backlog.changesPerSecond),
          '',
          '',
        ],
      ],
    ),
    `An hour's backlog at 100 writes a second takes ${number(backlog.hourSeconds)} s.`,
  ].join('\n\n');
