import { inFlight, type Client } from '../../acceptance/support/client.ts';
import { allVersions, type Versions } from './allVersions.ts';
import type { Attempt, Ledger } from './ledger.ts';
import { TYPES, contentIn, markIn, patched, personIn, withPersons } from './texts.ts';

const READERS = 16;

/** Everything in which the server's records differ from what it told the writers; empty when it kept its word. */
export async function judge(client: Client, ledger: Ledger): Promise<{ faults: string[]; versions: number }> {
  const found = await allVersions(client, TYPES);
  const persons = personsOf(found);
  const faults = [
    ...ledger.violations,
    ...gaps(found),
    ...promises(ledger, found),
    ...strangers(ledger, found, persons),
    ...halves(ledger, found, persons),
    ...twice(persons),
    ...(await currents(client, found)),
  ];
  const versions = [...found.values()].reduce((sum, { size }) => sum + size, 0);
  return { faults, versions };
}

function gaps(found: Versions): string[] {
  return [...found]
    .filter(([, versions]) => Math.max(...versions.keys()) !== versions.size)
    .map(([key, versions]) => `${key} has gaps: ${[...versions.keys()].sort((a, b) => a - b).join()}`);
}

/** What was acknowledged is there, to the letter, and under its own number; so is what was said to be there. */
function promises(ledger: Ledger, found: Versions): string[] {
  const faults: string[] = [];
  const told = new Set<string>();
  for (const attempt of ledger.attempts) {
    const { outcome, key, version, kind, text, expected } = attempt;
    if (outcome !== 'acknowledged' || version === undefined) continue;
    const name = `${key} version ${version}`;
    if (told.has(name)) faults.push(`${name} was acknowledged twice`);
    told.add(name);
    const stored = found.get(key!)?.get(version);
    if (stored === undefined) faults.push(`${name} was acknowledged and is lost`);
    else if (stored.text !== (kind === 'delete' ? undefined : text))
      faults.push(`${name} was acknowledged as ${text} and is ${stored.text}`);
    else if (kind === 'patch' && !isWhole(attempt, found, key!, version))
      faults.push(`${name} is not the version before it, patched: ${text}`);
    if (expected !== undefined && expected > 0 && version !== expected + 1)
      faults.push(`${name} overtook If-Match ${expected}`);
  }
  for (const { key, version, text } of ledger.given) {
    if (found.get(key)?.get(version)?.text !== text)
      faults.push(`${key} version ${version} was given as ${text}`);
  }
  return faults;
}

/** Whether a version is what a write makes of what was there. */
function isWhole({ kind, rest, mark }: Attempt, found: Versions, key: string, version: number): boolean {
  const content = contentOf(found, key, version);
  if (kind === 'put') return content === rest;
  const before = contentOf(found, key, version - 1);
  return before !== undefined && content === patched(before, mark);
}

function contentOf(found: Versions, key: string, version: number): string | undefined {
  const text = found.get(key)?.get(version)?.text;
  return text === undefined ? undefined : contentIn(text, key, version);
}

/** What is there and was not acknowledged must be a whole write of unknown outcome, and there only once. */
function strangers(ledger: Ledger, found: Versions, persons: Persons): string[] {
  const faults: string[] = [];
  const byMark = new Map(
    ledger.attempts.filter(({ mark }) => mark !== '').map((attempt) => [attempt.mark, attempt]),
  );
  const acknowledged = new Set(
    ledger.attempts.filter(isPromise).map(({ key, version }) => `${key} ${version}`),
  );
  const seen = new Set<string>();
  for (const [key, versions] of found) {
    let deletions = 0;
    for (const [version, { text }] of versions) {
      const mark = markIn(text);
      if (mark !== undefined && seen.has(mark))
        faults.push(`${key} version ${version} was written a second time`);
      if (mark !== undefined) seen.add(mark);
      if (acknowledged.has(`${key} ${version}`)) continue;
      if (text === undefined) deletions += 1;
      else if (!isUnknownWhole(byMark.get(mark ?? ''), { found, persons }, key, version))
        faults.push(`${key} version ${version} is no whole write of unknown outcome: ${text}`);
    }
    const unknown = ledger.attempts.filter(
      (a) => a.key === key && a.kind === 'delete' && a.outcome === 'unknown',
    );
    if (deletions > unknown.length)
      faults.push(
        `${key} was deleted ${deletions} times without an acknowledgement, asked ${unknown.length} times`,
      );
  }
  return faults;
}

const isPromise = ({ outcome, version }: Attempt): boolean =>
  outcome === 'acknowledged' && version !== undefined;

function isUnknownWhole(
  attempt: Attempt | undefined,
  { found, persons }: { found: Versions; persons: Persons },
  key: string,
  version: number,
): boolean {
  if (attempt?.outcome !== 'unknown' || (attempt.key ?? key) !== key) return false;
  if (attempt.expected !== undefined && attempt.expected > 0 && version !== attempt.expected + 1)
    return false;
  const rest = withPersons(attempt.rest, (name) => persons.get(name)?.[0]?.split('/')[1]);
  return isWhole({ ...attempt, rest }, found, key, version);
}

/** A transaction of unknown outcome is there with all its entries, or with none. */
function halves(ledger: Ledger, found: Versions, persons: Persons): string[] {
  const texts = [...found.values()].flatMap((versions) => [...versions.values()].map(({ text }) => text));
  const marks = new Set(texts.map(markIn));
  const isThere = ({ kind, key, mark, unlessThere }: Attempt) =>
    kind === 'delete'
      ? isDeleted(found, key!)
      : marks.has(mark) || (unlessThere !== undefined && persons.has(unlessThere));
  const groups = Map.groupBy(
    ledger.attempts.filter(({ group, outcome }) => group !== undefined && outcome === 'unknown'),
    ({ group }) => group,
  );
  return [...groups].flatMap(([group, attempts]) => {
    const there = attempts.filter(isThere);
    // A person who is there need not be from this transaction.
    const isNothing = there.every(({ mark, unlessThere }) => unlessThere !== undefined && !marks.has(mark));
    if (isNothing || there.length === attempts.length) return [];
    return [`of transaction ${group} only ${there.length} of ${attempts.length} entries are there`];
  });
}

/** By the persons' names, whoever was made as that person. */
type Persons = ReadonlyMap<string | undefined, string[]>;

const personsOf = (found: Versions): Persons =>
  Map.groupBy([...found.keys()], (key) => personIn(found.get(key)!.get(1)?.text));

/** No conditional create has made a second one. */
const twice = (persons: Persons): string[] =>
  [...persons].flatMap(([person, keys]) =>
    person === undefined || keys.length === 1 ? [] : [`${person} is ${keys.join(' and ')}`],
  );

const isDeleted = (found: Versions, key: string): boolean =>
  [...(found.get(key)?.values() ?? [])].some(({ text }) => text === undefined);

/** The current version is the last one. */
async function currents(client: Client, found: Versions): Promise<string[]> {
  const faults: string[] = [];
  await inFlight(READERS, found, async ([key, versions]) => {
    const wanted = versions.get(Math.max(...versions.keys()))!;
    const { status, text } = await client.send(key);
    if (wanted.text === undefined ? status !== 410 : text !== wanted.text)
      faults.push(`${key} is read as ${status} ${text}, its last version is ${wanted.text ?? 'a deletion'}`);
  });
  return faults;
}
