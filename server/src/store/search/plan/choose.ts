import { keysFrequency, type TypeStatistics } from '../statistics/typeStatistics.ts';
import { allOf, patientFraction, spanFraction, type Fraction } from './fraction.ts';
import { isSigned, type Part, type SearchFacts } from './facts.ts';
import type { Find, Shape, TypePlan, Walk } from './plan.ts';

/**
 * What things cost, by the time that it takes to look at one resource's row and its keys (about 1 us). Measured; where
 * they are off by half, nothing changes much, because the costs of the shapes differ by orders of magnitude.
 */
const COST = {
  row: 1,
  /** A row that is reached by the date: neighbours lie in different pages. */
  scatteredRow: 1.5,
  /** A row of a side table and the resource it leads to. */
  sideRow: 2.5,
  /** A string or range row, the resource, and the look whether it is the resource's first. */
  firstRow: 5,
  /** Another row that is looked at for one resource. */
  probe: 1,
  /** A row of the ordered table that its main quantity rules out. */
  passedRow: 0.1,
  /** A change whose signature is compared. */
  passedChange: 0.25,
  /** A row of the GIN index that another key rules out. */
  indexRow: 0.02,
  /** A match that is sorted. */
  sorted: 0.3,
  /** A match whose sort key is looked up in a side table, or parsed from its content. */
  sortedBySide: 4,
  sortedByContent: 25,
  /** One more index scan. */
  scan: 20,
  /** The planner's work on a statement, for its values. */
  planning: 200,
} as const;

/** Part of the changes that seem to have a key by their signature alone: one in nine, of resources with 26 keys. */
const SEEMING = 0.11;

/** Codes that are merged in a walk along the ordered table at the most. */
export const MERGED_KEYS_MAX = 8;

/** How the rows of a search are sorted when no table is in its order. */
export type SortEffort = 'none' | 'columns' | 'side' | 'content';

/**
 * The shape that looks at the fewest rows. Walks end when the page is full: the more matches, the sooner. Finds gather
 * all matches: the fewer, the better. Where little is known about a condition, each is judged by the worse guess.
 *
 * @param wanted rows of a page, and one more
 * @param isOffered false for a shape that must not be taken; finds must be
 */
export function choosePlan(
  facts: SearchFacts,
  statistics: TypeStatistics,
  wanted: number,
  effort: SortEffort,
  isOffered: (shape: Shape) => boolean = () => true,
): TypePlan {
  const all = allOf(facts.parts.map(({ fraction }) => fraction));
  const finding = finds(facts, statistics, effort);
  const surely = Math.min(...finding.map(({ cost }) => cost));
  const walking = walks(facts, statistics, wanted, all).map(({ farthest, ...walk }) =>
    facts.parts.length > 0 && farthest > GUARD_FACTOR * surely ? guarded(walk, surely) : walk,
  );
  const candidates = [...finding, ...walking]
    .filter(({ shape }) => isOffered(shape))
    .sort((a, b) => a.cost - b.cost);
  const [best, ...rejected] = candidates;
  const matches = Math.round(statistics.rows * Math.sqrt(all.few * all.many));
  return { shape: best!.shape, cost: best!.cost, rejected, matches };
}

interface Candidate {
  shape: Shape;
  cost: number;
}

interface WalkCandidate {
  shape: Walk;
  cost: number;
  /** What it costs to walk to the end (0: what was gathered is all), and one of the rows that a guard counts. */
  farthest: number;
  perRow: number;
}

/** A walk that may cost more than so many times what a find does is guarded. */
const GUARD_FACTOR = 2;
/** Looking at fewer rows is not worth giving up for. */
const GUARD_ROWS_MIN = 1_000;

function guarded({ shape, cost, perRow }: Omit<WalkCandidate, 'farthest'>, surely: number): Candidate {
  const guard = Math.max(GUARD_ROWS_MIN, Math.ceil(surely / perRow));
  return { shape: { ...shape, guard }, cost };
}

function finds(facts: SearchFacts, statistics: TypeStatistics, effort: SortEffort): Candidate[] {
  const { rows } = statistics;
  const { parts, dates, endsFrom, lastUpdated } = facts;
  const sorting = { none: 0, columns: COST.sorted, side: COST.sortedBySide, content: COST.sortedByContent }[
    effort
  ];
  const found: Candidate[] = [];
  const driving = drivingKeys(parts, statistics);
  if (driving.length > 0) {
    const frequencies = driving.map((i) => keysFrequency(statistics, parts[i]!.keys!));
    const matches = rows * frequencies.reduce((product, one) => product * one, 1);
    const scanned = rows * frequencies.reduce((sum, one) => sum + one, 0);
    const cost =
      COST.scan * driving.length + scanned * COST.indexRow + matches * (COST.scatteredRow + sorting);
    found.push({ shape: { kind: 'find', by: 'keys', driving }, cost });
  }
  const named = parts.findIndex(({ condition }) => condition.kind === 'id');
  if (named >= 0) {
    const cost = COST.scan + rows * parts[named]!.fraction.many * (COST.row + sorting);
    found.push({ shape: { kind: 'find', by: 'ids', driving: [named] }, cost });
  }
  const patient = parts.findIndex((part) => part.patient !== undefined);
  if (patient >= 0) {
    const owned = rows * patientFraction(statistics, parts[patient]!.patient!);
    const cost = COST.scan + owned * (COST.scatteredRow + sorting);
    found.push({ shape: { kind: 'find', by: 'patient', driving: [patient] }, cost });
  }
  const owned = parts.findIndex((part) => part.owners !== undefined);
  if (owned >= 0) {
    const { fraction, gathers } = parts[owned]!;
    const cost = 2 * COST.scan + gathers * COST.row + rows * fraction.many * (COST.scatteredRow + sorting);
    found.push({ shape: { kind: 'find', by: 'owners', driving: [owned] }, cost });
  }
  const within = (by: Find['by'], part: number, rowCost: number) =>
    found.push({
      shape: { kind: 'find', by, driving: [] },
      cost: COST.scan + rows * part * (rowCost + sorting),
    });
  const began = Math.max(dates.from, endsFrom);
  if (began > -Infinity || dates.to < Infinity)
    within('main-date', spanFraction(statistics.dates, began, dates.to).many, COST.scatteredRow);
  if (lastUpdated.from > -Infinity || lastUpdated.to < Infinity) {
    const { many } = spanFraction(statistics.lastUpdated, lastUpdated.from, lastUpdated.to);
    within('last-updated', many, COST.sideRow);
  }
  const fewest = Math.min(1, ...parts.map(({ fraction }) => fraction.many));
  const rowCost = parts.length === 0 ? COST.row : COST.sideRow;
  const gathered = parts.reduce((sum, one) => sum + one.gathers, 0);
  found.push({
    shape: { kind: 'find', by: 'planner', driving: [] },
    cost: COST.planning + gathered * COST.scatteredRow + rows * fewest * (rowCost + sorting),
  });
  return found;
}

/** Keys that the index is worth asking for: the rarest, and those that leave markedly fewer rows to look at. */
function drivingKeys(parts: readonly Part[], statistics: TypeStatistics): number[] {
  const keyed = parts
    .map((part, i) => ({ i, frequency: part.keys ? keysFrequency(statistics, part.keys) : Infinity }))
    .filter(({ frequency }) => frequency <= 1)
    .sort((a, b) => a.frequency - b.frequency || a.i - b.i);
  const driving: number[] = [];
  let left = statistics.rows;
  for (const { i, frequency } of keyed) {
    const saved = left * (1 - frequency) * COST.scatteredRow;
    if (driving.length > 0 && saved < COST.scan + left * COST.indexRow) continue;
    driving.push(i);
    left *= frequency;
  }
  return driving.sort((a, b) => a - b);
}

function walks(
  { parts, order, dates, endsFrom, lastUpdated }: SearchFacts,
  statistics: TypeStatistics,
  wanted: number,
  all: Fraction,
): WalkCandidate[] {
  if (order === undefined) return [];
  const { rows } = statistics;
  const probes = COST.probe * parts.reduce((sum, one) => sum + one.probes, 0);
  /** Rows to look at until enough were found, of which there are `of`, all matches among them. */
  const until = (of: number, few = all.few) => Math.min(of, few > 0 ? (wanted * of) / (rows * few) : of);
  const found: WalkCandidate[] = [];
  /** @param measured conditions that most rows which do not satisfy them are passed over for, unseen */
  const add = (along: Walk['along'], of: number, rowCost: number, measured: readonly Part[] = []) => {
    const perRow = rowCost + probes;
    const seen = allOf(parts.filter((part) => !measured.includes(part)).map(({ fraction }) => fraction));
    const passed = measured.length === 0 ? 0 : until(of) * COST.passedRow;
    const cost = COST.scan + passed + until(of, seen.few) * perRow;
    found.push({ shape: { kind: 'walk', along }, cost, farthest: of * perRow, perRow });
  };
  /** @param signed conditions that changes tell of: a resource is looked at where it seems to satisfy the rarest of them */
  const addChanges = (of: number, signed: readonly Part[]) => {
    const fewest = Math.min(1, ...signed.map(({ fraction }) => fraction.many));
    const looked = signed.length === 0 ? 1 : Math.min(1, fewest + SEEMING);
    const compared = signed.length === 0 ? 0 : COST.passedChange;
    const perChange = compared + looked * (COST.sideRow + probes);
    found.push({
      shape: { kind: 'walk', along: 'last-updated' },
      cost: COST.scan + until(of) * perChange,
      farthest: of * perChange,
      perRow: perChange,
    });
  };
  switch (order.by) {
    case 'row':
      add('row', rows, COST.row);
      break;
    case 'beginning': {
      const { fraction, probes: own } = parts[order.part]!;
      add('prefix', rows * fraction.many, COST.sideRow - own);
      break;
    }
    case 'patient':
      add('owners', rows * parts[order.part]!.fraction.many, COST.scatteredRow);
      break;
    case 'last-updated':
      addChanges(
        rows * spanFraction(statistics.lastUpdated, lastUpdated.from, lastUpdated.to).many,
        parts.filter(isSigned),
      );
      break;
    case 'strings':
    case 'ranges':
      add(order.by, rows, COST.firstRow);
      break;
    case 'main-date': {
      const inTime = spanFraction(statistics.dates, Math.max(dates.from, endsFrom), dates.to).many;
      add('main-date', rows * inTime, COST.scatteredRow);
      const patient = parts.find((part) => part.patient !== undefined);
      const owned = patient && patientFraction(statistics, patient.patient!);
      if (owned !== undefined) add('patient', rows * owned, COST.scatteredRow);
      const coded = orderedPart(parts);
      if (coded) {
        const of = rows * inTime * keysFrequency(statistics, coded.ordered!.keys);
        const measured = parts.filter(({ quantities }) => quantities !== undefined);
        add('ordered', of, COST.sideRow, measured);
        if (owned !== undefined) add('patient-ordered', of * owned, COST.sideRow, measured);
      }
    }
  }
  return found;
}

/** The condition that the ordered table is walked by: the one that fewest satisfy. */
export function orderedPart(parts: readonly Part[]): Part | undefined {
  const able = parts.filter(({ ordered }) => ordered !== undefined && ordered.keys.length <= MERGED_KEYS_MAX);
  return able.sort((a, b) => a.fraction.many - b.fraction.many)[0];
}
