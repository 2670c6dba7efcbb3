import { expect, jest, test } from '@jest/globals';
import { NO_ACCESS } from '../../../src/access/noAccess.ts';
import { DECISIONS_REMEMBERED_MAX, Decisions } from '../../../src/records/gate/decisions.ts';

const version = { id: 'o1', version: 1, lastUpdated: new Date(1_000) };
const somebody = { ...NO_ACCESS };
const other = { ...NO_ACCESS };

test('a version is decided once for each access and interaction', () => {
  const decisions = new Decisions();
  const decide = jest.fn(() => true);
  const ask = (
    access = somebody,
    interaction: 'read' | 'vread' = 'read',
    change = {},
    type = 'Observation',
  ) => decisions.of(access, interaction, type, { ...version, ...change }, decide);
  expect([ask(), ask()]).toEqual([true, true]);
  expect(decide).toHaveBeenCalledTimes(1);
  ask(other);
  ask(somebody, 'vread');
  ask(somebody, 'read', { version: 2 });
  ask(somebody, 'read', { id: 'o2' });
  ask(somebody, 'read', { lastUpdated: new Date(2_000) }); // made anew after it was erased
  ask(somebody, 'read', {}, 'Condition');
  expect(decide).toHaveBeenCalledTimes(7);
});

test('what is undecided is not remembered', () => {
  const decisions = new Decisions();
  const decide = jest.fn(() => undefined);
  for (let i = 0; i < 2; i++)
    expect(decisions.of(somebody, 'read', 'Observation', version, decide)).toBeUndefined();
  expect(decide).toHaveBeenCalledTimes(2);
});

test('what was not asked for again is forgotten', () => {
  const decisions = new Decisions();
  const decide = jest.fn(() => false);
  const ask = (id: string) => decisions.of(somebody, 'read', 'Observation', { ...version, id }, decide);
  ask('first');
  ask('often');
  for (let i = 0; i < 3 * DECISIONS_REMEMBERED_MAX; i++) {
    ask(`o${i}`);
    if (i % 1_000 === 0) ask('often');
  }
  const before = decide.mock.calls.length;
  expect(before).toBe(3 * DECISIONS_REMEMBERED_MAX + 2);
  ask('often');
  expect(decide).toHaveBeenCalledTimes(before);
  ask('first');
  expect(decide).toHaveBeenCalledTimes(before + 1);
});
