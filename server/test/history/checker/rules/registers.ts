import type { Facts } from '../facts.ts';
import { described, nameOf, type Operation, type Seen } from '../history.ts';
import type { Violation } from '../violation.ts';

/** Each resource by itself: nobody sees less than what was known before he asked, and what is seen is what is stored. */
export function checkRegisters(facts: Facts): Violation[] {
  return [...order(facts), ...contents(facts)];
}

function order(facts: Facts): Violation[] {
  const found: Violation[] = [];
  for (const [key, observed] of facts.observed) {
    for (const { version, operation, isWrite } of observed) {
      const before = facts.known(key, operation.invoked);
      if (isWrite ? before < version : before <= version) continue;
      const text = `${nameOf(key, version)} after ${before} was known: ${described(operation)}`;
      found.push({ rule: isWrite ? 'late-write' : 'stale-read', text });
    }
    found.push(...unknownWrites(facts, key));
  }
  return found;
}

/** What was never acknowledged was not seen before it was asked for, either. */
function unknownWrites(facts: Facts, key: string): Violation[] {
  return [...(facts.history.stored.get(key)?.keys() ?? [])].flatMap((version) => {
    const operation = facts.writerOf(key, version)?.operation;
    if (operation?.outcome !== 'unknown' || facts.known(key, operation.invoked) < version) return [];
    return [
      {
        rule: 'late-write' as const,
        text: `${nameOf(key, version)} was known before: ${described(operation)}`,
      },
    ];
  });
}

function contents(facts: Facts): Violation[] {
  return facts.history.operations.flatMap((operation) =>
    [...operation.views.flat(), ...operation.reads].flatMap((seen) => checkSeen(facts, operation, seen)),
  );
}

function checkSeen(facts: Facts, operation: Operation, { key, version, text }: Seen): Violation[] {
  if (version === 'absent') return checkAbsence(facts, operation, key);
  if (version === 0) return [];
  const stored = facts.stored(key, version);
  if (stored !== undefined && (text === undefined || text === stored.text)) return [];
  const fault = `${nameOf(key, version)} was read as ${text} and is ${stored?.text}: ${described(operation)}`;
  return [{ rule: 'misread', text: fault }];
}

function checkAbsence(facts: Facts, operation: Operation, key: string): Violation[] {
  if (facts.absences(key, operation).length > 0) return [];
  return [{ rule: 'absent-without-deletion', text: `${key} was not found: ${described(operation)}` }];
}
