import type { Facts } from '../facts.ts';
import { described, nameOf, type StoredVersion } from '../history.ts';
import { unmatched } from '../matching.ts';
import type { Violation } from '../violation.ts';

/** What is stored is what was written: each version by somebody, once, and without gaps. */
export function checkVersions(facts: Facts): Violation[] {
  return [...gaps(facts), ...strangers(facts), ...contents(facts), ...deletions(facts)];
}

function gaps({ history }: Facts): Violation[] {
  return [...history.stored].flatMap(([key, versions]) => {
    const numbers = [...versions.keys()].sort((a, b) => a - b);
    if (numbers.every((version, i) => version === i + 1)) return [];
    return [{ rule: 'gap' as const, text: `${key} has the versions ${numbers.join()}` }];
  });
}

function strangers(facts: Facts): Violation[] {
  const found: Violation[] = [];
  const seen = new Map<string, string>();
  for (const [key, version, { text, marks }] of facts.versions()) {
    if (text === undefined) continue;
    const name = nameOf(key, version);
    const mark = marks.at(-1) ?? '';
    const writer = facts.marked.get(mark);
    const before = seen.get(mark);
    seen.set(mark, name);
    if (writer === undefined || (writer.write.key ?? key) !== key)
      found.push({ rule: 'phantom', text: `${name} was written by nobody: ${text}` });
    else if (before !== undefined)
      found.push({
        rule: 'written-twice',
        text: `${before} and ${name} are both of ${described(writer.operation)}`,
      });
    else if (writer.operation.outcome === 'refused')
      found.push({
        rule: 'refused-but-there',
        text: `${name} is of what was refused: ${described(writer.operation)}`,
      });
  }
  return found;
}

/** A put leaves its own mark alone, an append that of the version before and its own. */
function contents(facts: Facts): Violation[] {
  const found: Violation[] = [];
  for (const [key, version, stored] of facts.versions()) {
    const writer = facts.writerOf(key, version);
    if (writer === undefined) continue;
    const before = facts.stored(key, version - 1);
    if (isFollowed(writer.write.does, before, stored)) continue;
    const name = nameOf(key, version);
    const text = `${name} has ${stored.marks.join()} after ${before?.marks.join()}: ${described(writer.operation)}`;
    found.push({ rule: 'lost-update', text });
  }
  return found;
}

function isFollowed(
  does: 'put' | 'append' | 'delete',
  before: StoredVersion | undefined,
  { text, marks }: StoredVersion,
): boolean {
  if (does === 'put') return marks.length === 1;
  if (before?.text === undefined) return false; // nothing was there to be changed
  if (does === 'delete') return text === undefined;
  return marks.length === before.marks.length + 1 && before.marks.every((mark, i) => mark === marks[i]);
}

/** Deletions that nobody was told of come from requests of unknown outcome, one from each. */
function deletions(facts: Facts): Violation[] {
  const strange = unmatched(facts.orphans, (orphan) =>
    facts
      .mayHaveDeleted(orphan)
      .filter(({ operation }) => facts.mayHaveHappened(operation))
      .map(({ write }) => write),
  );
  const baseless = facts.orphans.filter(({ key, version }) => facts.isAbsent(key, version - 1));
  return [...new Set([...strange, ...baseless])].map((orphan) => {
    const half = facts.mayHaveDeleted(orphan).find(({ operation }) => !facts.mayHaveHappened(operation));
    const name = nameOf(orphan.key, orphan.version);
    return half === undefined
      ? { rule: 'phantom', text: `${name} is a deletion by nobody, or of nothing` }
      : { rule: 'half-there', text: `${name} is there alone, if it is of ${described(half.operation)}` };
  });
}
