import type { Operation, StoredVersion, Write } from '../checker/history.ts';
import { toldWrites, withOperation, withVersion, type Alteration } from './alteration.ts';

/** Something else is stored than what was written. */
export const STORAGE_ALTERATIONS: Alteration[] = [
  {
    what: 'an acknowledged write is gone',
    rules: ['lost'],
    places: (facts) =>
      toldWrites(facts).map(
        ({ write }) =>
          () =>
            withVersion(facts.history, write.key, write.version, undefined),
      ),
  },
  {
    what: 'two versions have changed places',
    rules: ['altered'],
    places: (facts) =>
      toldWrites(facts).flatMap(({ write: { key, version, does } }) => {
        const [before, stored] = [facts.stored(key, version - 1), facts.stored(key, version)!];
        if (does === 'delete' || before?.text === undefined) return [];
        return [
          () => withVersion(withVersion(facts.history, key, version, before), key, version - 1, stored),
        ];
      }),
  },
  {
    what: 'a patch has forgotten what was there',
    rules: ['lost-update'],
    places: (facts) =>
      [...facts.versions()].flatMap(([key, version, stored]) =>
        facts.writerOf(key, version)?.write.does === 'append'
          ? [() => withVersion(facts.history, key, version, { ...stored, marks: stored.marks.slice(1) })]
          : [],
      ),
  },
  {
    what: 'the last write of a resource was done twice',
    rules: ['written-twice'],
    places: (facts) =>
      [...facts.versions()].flatMap(([key, version, stored]) =>
        stored.text === undefined || facts.stored(key, version + 1) !== undefined
          ? []
          : [() => withVersion(facts.history, key, version + 1, stored)],
      ),
  },
  {
    what: 'nobody has written a version',
    rules: ['phantom'],
    places: (facts) =>
      facts.history.operations
        .filter(({ writes }) => writes.some((write) => write.mark !== undefined && facts.madeBy(write)))
        .map((operation) => () => withOperation(facts.history, operation, undefined)),
  },
  {
    what: 'a version is a deletion that nobody asked for',
    rules: ['phantom', 'half-there'],
    places: (facts) =>
      [...facts.versions()].flatMap(([key, version, stored]) =>
        stored.text === undefined || isDeletedByUnknown(facts.history.operations, key)
          ? []
          : [() => withVersion(facts.history, key, version + 1, deletionAfter(stored))].filter(
              () => facts.stored(key, version + 1) === undefined,
            ),
      ),
  },
  {
    what: 'what was refused is there',
    rules: ['refused-but-there'],
    places: (facts) =>
      toldWrites(facts).flatMap(({ operation, write }) =>
        write.mark === undefined
          ? []
          : [() => withOperation(facts.history, operation, unanswered(operation, 'refused'))],
      ),
  },
  {
    what: 'of what is of unknown outcome a part is missing',
    rules: ['half-there'],
    places: (facts) =>
      toldWrites(facts).flatMap(({ operation, write }) => {
        const others = operation.writes.some((other) => other !== write && other.mark !== undefined);
        const isLast = facts.stored(write.key, write.version + 1) === undefined;
        if (!others || !isLast || write.mark === undefined || write.isOptional) return [];
        const unknown = unanswered(operation, 'unknown');
        return [
          () =>
            withVersion(
              withOperation(facts.history, operation, unknown),
              write.key,
              write.version,
              undefined,
            ),
        ];
      }),
  },
];

/** An operation as if no answer had come. */
function unanswered(operation: Operation, outcome: 'refused' | 'unknown'): Operation {
  const writes = operation.writes.map(
    ({ version: _version, created: _created, text: _text, ...write }): Write => write,
  );
  const completed = outcome === 'unknown' ? Infinity : operation.completed;
  return { ...operation, outcome, completed, writes, views: [], reads: [] };
}

const deletionAfter = ({ lastUpdatedMs }: StoredVersion): StoredVersion => ({
  text: undefined,
  marks: [],
  lastUpdatedMs: lastUpdatedMs + 1,
});

const isDeletedByUnknown = (operations: readonly Operation[], key: string): boolean =>
  operations.some(
    ({ outcome, writes }) =>
      outcome === 'unknown' &&
      writes.some((write) => write.does === 'delete' && (write.key === undefined || write.key === key)),
  );
