import type { Facts, Placement } from '../facts.ts';
import { described, nameOf } from '../history.ts';
import type { Violation } from '../violation.ts';

/** What was acknowledged is there, and whoever was refused was refused with reason. */
export function checkPromises(facts: Facts): Violation[] {
  const told = new Map<string, Placement>();
  return facts.history.operations.flatMap((operation) => {
    if (operation.outcome === 'refused')
      return operation.writes.flatMap((write) => causeless(facts, { operation, write }));
    return operation.writes.flatMap((write) => {
      const placement = { operation, write };
      const kept = operation.outcome === 'acknowledged' ? checkKept(facts, placement, told) : [];
      return [...kept, ...checkPrecondition(facts, placement)];
    });
  });
}

function checkKept(facts: Facts, placement: Placement, told: Map<string, Placement>): Violation[] {
  const { write, operation } = placement;
  const name = nameOf(write.key!, write.version!);
  const other = told.get(name);
  told.set(name, placement);
  const found: Violation[] = [];
  if (other) {
    const text = `${name} was given to ${described(other.operation)} and to ${described(operation)}`;
    found.push({ rule: 'version-given-twice', text });
  }
  const stored = facts.stored(write.key!, write.version!);
  if (stored === undefined)
    found.push({ rule: 'lost', text: `${name} is not there: ${described(operation)}` });
  else if (
    (write.does === 'delete') !== (stored.text === undefined) ||
    (write.mark !== undefined && stored.marks.at(-1) !== write.mark) ||
    (write.text !== undefined && stored.text !== write.text)
  ) {
    const text = `${name} was told as ${write.text ?? write.mark ?? 'a deletion'} and is ${stored.text}: ${described(operation)}`;
    found.push({ rule: 'altered', text });
  }
  const wasAbsent = facts.isAbsent(write.key!, write.version! - 1);
  if (write.created !== undefined && write.created !== wasAbsent) {
    const text = `${name} was ${write.created ? '' : 'not '}made, it was told: ${described(operation)}`;
    found.push({ rule: 'created-wrongly-told', text });
  }
  return found;
}

/** A write that demanded a version was made on that one. */
function checkPrecondition(facts: Facts, { operation, write }: Placement): Violation[] {
  const made = facts.madeBy(write);
  if (write.expected === undefined || made === undefined) return [];
  const { key, version } = made;
  const wasAbsent = facts.isAbsent(key, version - 1);
  const held = write.expected === 0 ? wasAbsent : !wasAbsent && version === write.expected + 1;
  if (held) return [];
  const text = `${nameOf(key, version)} was to be written on ${write.expected}: ${described(operation)}`;
  return [{ rule: 'precondition-passed-over', text }];
}

/** What the refusal told of the resource is not what the client had demanded. */
function causeless(facts: Facts, { operation, write }: Placement): Violation[] {
  if (write.expected === undefined) return [];
  const held = operation.views.flat().some(({ key, version }) => {
    if (key !== write.key) return false;
    return write.expected === 0
      ? version === 'absent' || facts.isAbsent(key, version)
      : version === write.expected && !facts.isAbsent(key, write.expected);
  });
  return held ? [{ rule: 'refused-without-cause', text: described(operation) }] : [];
}
