import type { Facts } from '../facts.ts';
import { described, type Operation, type Write } from '../history.ts';
import type { Violation } from '../violation.ts';

/** What is of unknown outcome is there with all its writes or with none. */
export function checkWholes(facts: Facts): Violation[] {
  const found: Violation[] = [];
  for (const operation of facts.history.operations) {
    if (operation.outcome !== 'unknown') continue;
    const there = operation.writes.filter((write) => facts.madeBy(write) !== undefined);
    if (there.length === 0) continue;
    const missing = operation.writes.filter((write) => !mayBeThere(facts, operation, write));
    for (const { key, criterion, does } of missing) {
      const text = `${does} of ${key ?? criterion} is not there, ${there.length} others are: ${described(operation)}`;
      found.push({ rule: 'half-there', text });
    }
  }
  return found;
}

function mayBeThere(facts: Facts, operation: Operation, write: Write): boolean {
  if (facts.madeBy(write) !== undefined) return true;
  if (write.does === 'delete') return mayBeDeleted(facts, operation, write);
  return write.isOptional === true && isSatisfied(facts, write.criterion!);
}

/** It was there already, else it would have been made. */
const isSatisfied = (facts: Facts, criterion: string): boolean =>
  [...facts.history.stored.keys()].some((key) => facts.criterionOf(key) === criterion);

/** It was deleted since, or was not there at some moment since. */
function mayBeDeleted(facts: Facts, { invoked }: Operation, { key }: Write): boolean {
  if (key === undefined) return true;
  const known = facts.known(key, invoked);
  if (facts.isAbsent(key, known)) return true;
  const versions = [...(facts.history.stored.get(key)?.keys() ?? [])];
  return versions.some((version) => version > known && facts.isAbsent(key, version));
}
