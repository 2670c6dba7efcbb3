import {
  sightOf,
  sights,
  toldWrites,
  withOperation,
  withSeen,
  withWrite,
  type Alteration,
} from './alteration.ts';

/** Somebody was told something else. */
export const ANSWER_ALTERATIONS: Alteration[] = [
  {
    what: 'a read gives the version before',
    rules: ['stale-read'],
    places: (facts) =>
      sights(facts).flatMap(({ operation, seen }) => {
        const { key, version } = seen;
        if (version === 0 || facts.known(key, operation.invoked) !== version) return [];
        const older = sightOf(facts, key, version - 1);
        return [() => withOperation(facts.history, operation, withSeen(operation, seen, older))];
      }),
  },
  {
    what: 'a read gives a version that was written later',
    rules: ['late-write'],
    places: (facts) =>
      sights(facts).flatMap(({ operation, seen }) => {
        const { key, version } = seen;
        const next = facts.writerOf(key, version + 1)?.operation;
        if (next === undefined || next.invoked < operation.completed) return [];
        const newer = sightOf(facts, key, version + 1);
        return [() => withOperation(facts.history, operation, withSeen(operation, seen, newer))];
      }),
  },
  {
    what: 'a read gives another text',
    rules: ['misread'],
    places: (facts) =>
      sights(facts).flatMap(({ operation, seen }) =>
        seen.text === undefined
          ? []
          : [
              () =>
                withOperation(facts.history, operation, withSeen(operation, seen, { ...seen, text: 'x' })),
            ],
      ),
  },
  {
    what: 'something that is there is not found',
    rules: ['absent-without-deletion'],
    places: (facts) =>
      sights(facts).flatMap(({ operation, seen }) =>
        facts.absences(seen.key, operation).length > 0
          ? []
          : [
              () =>
                withOperation(
                  facts.history,
                  operation,
                  withSeen(operation, seen, { key: seen.key, version: 'absent' }),
                ),
            ],
      ),
  },
  {
    what: 'a write was answered with another text',
    rules: ['altered'],
    places: (facts) =>
      toldWrites(facts).map(
        ({ operation, write }) =>
          () =>
            withOperation(facts.history, operation, withWrite(operation, write, { ...write, text: 'x' })),
      ),
  },
  {
    what: 'it is said wrongly whether a write made the resource',
    rules: ['created-wrongly-told'],
    places: (facts) =>
      toldWrites(facts).flatMap(({ operation, write }) =>
        write.created === undefined
          ? []
          : [
              () =>
                withOperation(
                  facts.history,
                  operation,
                  withWrite(operation, write, { ...write, created: !write.created }),
                ),
            ],
      ),
  },
  {
    what: 'a compare-and-set was to be on an older version',
    rules: ['precondition-passed-over'],
    places: (facts) =>
      toldWrites(facts).flatMap(({ operation, write }) =>
        write.expected === undefined || write.expected < 2
          ? []
          : [
              () =>
                withOperation(
                  facts.history,
                  operation,
                  withWrite(operation, write, { ...write, expected: write.expected! - 1 }),
                ),
            ],
      ),
  },
  {
    what: 'a compare-and-set that was refused is acknowledged',
    rules: ['version-given-twice'],
    places: (facts) =>
      facts.history.operations.flatMap((operation) => {
        const [write, ...others] = operation.writes;
        if (operation.outcome !== 'refused' || !write?.key || !write.expected || others.length > 0) return [];
        const version = write.expected + 1;
        if (facts.writerOf(write.key, version)?.operation.outcome !== 'acknowledged') return [];
        const told = {
          ...operation,
          outcome: 'acknowledged' as const,
          views: [],
          writes: [{ ...write, version }],
        };
        return [() => withOperation(facts.history, operation, told)];
      }),
  },
  {
    what: 'a precondition that holds is refused',
    rules: ['refused-without-cause'],
    places: (facts) =>
      facts.history.operations.flatMap((operation) =>
        operation.writes.flatMap((write) => {
          const seen = operation.views.flat().find(({ key }) => key === write.key);
          if (operation.outcome !== 'refused' || write.expected === undefined || seen === undefined)
            return [];
          const { version } = seen;
          if (version === 'absent' || facts.isAbsent(seen.key, version)) return [];
          const expecting = withWrite(operation, write, { ...write, expected: version });
          return [() => withOperation(facts.history, operation, expecting)];
        }),
      ),
  },
];
