import type { Facts } from '../checker/facts.ts';
import type { History, Operation, StoredVersion } from '../checker/history.ts';
import {
  endOf,
  sightOf,
  toldWrites,
  withOperation,
  withSeen,
  withVersion,
  withWrite,
  type Alteration,
  type ToldWrite,
} from './alteration.ts';

/** Things happened in another order, or not together. */
export const ORDER_ALTERATIONS: Alteration[] = [
  {
    what: 'a write comes before what was there before it was asked for',
    rules: ['late-write'],
    places: (facts) =>
      toldWrites(facts).flatMap(({ operation, write }) => {
        const end = endOf(facts.history);
        if (facts.known(write.key, end) <= write.version) return [];
        return [
          () => withOperation(facts.history, operation, { ...operation, invoked: end, completed: end + 1 }),
        ];
      }),
  },
  {
    what: 'one resource of a transaction is seen without the other',
    rules: ['torn-read'],
    places: (facts) =>
      facts.history.operations.flatMap((operation) =>
        operation.reads.flatMap((seen) => {
          if (seen.version === 'absent' || seen.version === 0) return [];
          const writer = facts.writerOf(seen.key, seen.version)?.operation;
          if (writer === undefined || writer === operation || !showsMore(facts, operation, writer, seen.key))
            return [];
          const older = sightOf(facts, seen.key, seen.version - 1);
          return [() => withOperation(facts.history, operation, withSeen(operation, seen, older))];
        }),
      ),
  },
  {
    what: 'a transaction does not see what it has written',
    rules: ['own-write-unseen'],
    places: (facts) =>
      toldWrites(facts).flatMap(({ operation, write }) =>
        operation.reads
          .filter(({ key }) => key === write.key)
          .map((seen) => {
            const older = sightOf(facts, write.key, write.version - 1);
            return () => withOperation(facts.history, operation, withSeen(operation, seen, older));
          }),
      ),
  },
  {
    what: 'two transactions have replaced each other',
    rules: ['no-order'],
    places: (facts) =>
      toldWrites(facts).flatMap(({ operation, write }) => {
        const next = facts.writerOf(write.key, write.version + 1);
        if (next?.operation.outcome !== 'acknowledged' || next.operation === operation) return [];
        const later = next.write as ToldWrite;
        if (
          !isPlainPut(write) ||
          !isPlainPut(later) ||
          !areOrdered(facts, operation, next.operation, write.key)
        )
          return [];
        return [() => swapped(facts, operation, write, next.operation, later)];
      }),
  },
  {
    what: 'two were created by one criterion',
    rules: ['two-created'],
    places: (facts) =>
      toldWrites(facts).flatMap(({ operation, write }) => {
        const { criterion, created, key } = write;
        const versions = [...(facts.history.stored.get(key)?.keys() ?? [])];
        const isDeleted = versions.some((version) => facts.isAbsent(key, version));
        if (criterion === undefined || created !== true || isDeleted) return [];
        return [() => withTwin(facts.history, operation, write)];
      }),
  },
];

/** Whether one who reads sees another resource of a transaction, at its version or a later one. */
const showsMore = (facts: Facts, { reads }: Operation, { writes }: Operation, key: string): boolean =>
  writes.some((write) => {
    const made = facts.madeBy(write);
    if (made === undefined || made.key === key) return false;
    return reads.some(
      (seen) => seen.key === made.key && seen.version !== 'absent' && seen.version >= made.version,
    );
  });

const isPlainPut = ({ does, expected, key }: ToldWrite): boolean =>
  does === 'put' && expected === undefined && key !== undefined;

/** Whether two transactions have another resource in common, which the first wrote before the second. */
const areOrdered = (facts: Facts, first: Operation, second: Operation, key: string): boolean =>
  first.writes.some((write) => {
    if (write.key === key || write.key === undefined) return false;
    const later = second.writes.find((other) => other.key === write.key);
    return later !== undefined && facts.madeBy(write)!.version < facts.madeBy(later)!.version;
  });

function swapped(
  facts: Facts,
  first: Operation,
  write: ToldWrite,
  second: Operation,
  later: ToldWrite,
): History {
  const { key, version } = write;
  const moved = (one: ToldWrite, to: number): ToldWrite => ({ ...one, version: to });
  let history = withOperation(facts.history, first, withWrite(first, write, moved(write, version + 1)));
  history = withOperation(history, second, withWrite(second, later, moved(later, version)));
  history = withVersion(history, key, version, facts.stored(key, version + 1));
  return withVersion(history, key, version + 1, facts.stored(key, version));
}

/** Another resource by the same criterion, made by a request at the same time. */
function withTwin(history: History, operation: Operation, write: ToldWrite): History {
  const key = `${write.key}-twin`;
  const { lastUpdatedMs } = history.stored.get(write.key)!.get(write.version)!;
  const stored: StoredVersion = { text: 'twin', marks: ['twin'], lastUpdatedMs };
  const twin = { ...write, key, mark: 'twin', text: 'twin', version: 1 };
  const operations = [...history.operations, { ...operation, writes: [twin], views: [], reads: [] }];
  return withVersion({ ...history, operations }, key, 1, stored);
}
