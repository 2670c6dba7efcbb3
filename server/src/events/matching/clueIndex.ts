import type { Candidate, Clue, Key, SpanPlace, TextPlace } from '../../records/events/criteria.ts';
import { KeySet } from './keySet.ts';
import { SpanSet } from './spanSet.ts';
import { TextSet } from './textSet.ts';

/** What a span is filed by, and what a resource covers there. */
interface SpansOfPlace<T> {
  set: SpanSet<T>;
  lo: number;
  hi: number;
}

interface ReadTexts<T> {
  read: (resource: unknown) => readonly string[];
  set: TextSet<T>;
}

type TextClue = Extract<Clue, { kind: 'text' }>;
type SpanClue = Extract<Clue, { kind: 'span' }>;

/** Finds, of many items, those that a resource shows a clue of, without a look at the others. */
export class ClueIndex<T extends object> {
  readonly #byKey = new KeySet<T>();
  readonly #texts = new Map<Key, TextSet<T>>();
  readonly #readTexts = new Map<string, ReadTexts<T>>();
  readonly #mainDates = new SpanSet<T>();
  readonly #spans = new Map<Key, Map<Key | 'any', SpansOfPlace<T>>>();

  add(clues: readonly Clue[], item: T): void {
    for (const clue of clues) {
      if (clue.kind === 'keys') for (const key of clue.keys) this.#byKey.add(key, item);
      else if (clue.kind === 'text') this.#textsOf(clue.place).add(clue.match, clue.text, item);
      else this.#spansOf(clue.place).add(clue.from, clue.to, item);
    }
  }

  /** @param clues those by which it was added */
  delete(clues: readonly Clue[], item: T): void {
    for (const clue of clues) {
      if (clue.kind === 'keys') for (const key of clue.keys) this.#byKey.delete(key, item);
      else if (clue.kind === 'text') this.#deleteText(clue, item);
      else this.#deleteSpan(clue, item);
    }
  }

  /** Some may be shown several times. @param keys of the resource */
  forEachShown(keys: readonly Key[], candidate: Candidate, show: (item: T) => void): void {
    this.#byKey.forEachOf(keys, show);
    this.#showTexts(candidate, show);
    this.#showSpans(candidate, show);
  }

  #showTexts({ rows, resource }: Candidate, show: (item: T) => void): void {
    if (this.#texts.size > 0) {
      for (const { param, value } of rows.strings) this.#texts.get(param)?.forEachMatching(value, show);
    }
    for (const { read, set } of this.#readTexts.values()) {
      for (const text of read(resource)) set.forEachMatching(text, show);
    }
  }

  #showSpans({ rows }: Candidate, show: (item: T) => void): void {
    const { dateLoMs, dateHiMs, ranges } = rows;
    if (dateLoMs !== null) this.#mainDates.forEachMeeting(dateLoMs, dateHiMs!, show);
    if (this.#spans.size === 0) return;
    const covered = new Set<SpansOfPlace<T>>();
    for (const { param, unit, lo, hi } of ranges) {
      const ofParam = this.#spans.get(param);
      if (!ofParam) continue;
      for (const spans of [ofParam.get(unit), ofParam.get('any')]) if (spans) cover(covered, spans, lo, hi);
    }
    for (const { set, lo, hi } of covered) set.forEachMeeting(lo, hi, show);
  }

  #textsOf(place: TextPlace): TextSet<T> {
    if ('param' in place) return getOrMake(this.#texts, place.param, () => new TextSet<T>());
    const { name, read } = place;
    return getOrMake(this.#readTexts, name, () => ({ read, set: new TextSet<T>() })).set;
  }

  #deleteText({ place, match, text }: TextClue, item: T): void {
    const set = this.#textsOf(place);
    set.delete(match, text, item);
    if (set.size > 0) return;
    if ('param' in place) this.#texts.delete(place.param);
    else this.#readTexts.delete(place.name);
  }

  #spansOf(place: SpanPlace): SpanSet<T> {
    if (place === 'main-date') return this.#mainDates;
    const ofParam = getOrMake(this.#spans, place.param, () => new Map<Key | 'any', SpansOfPlace<T>>());
    return getOrMake(ofParam, place.unit, () => ({ set: new SpanSet<T>(), lo: 0, hi: 0 })).set;
  }

  #deleteSpan({ place }: SpanClue, item: T): void {
    const set = this.#spansOf(place);
    set.delete(item);
    if (place === 'main-date' || set.size > 0) return;
    const ofParam = this.#spans.get(place.param)!;
    ofParam.delete(place.unit);
    if (ofParam.size === 0) this.#spans.delete(place.param);
  }
}

/** What the rows of a place cover together; two numbers of a composite may stand in either order. */
function cover<T>(covered: Set<SpansOfPlace<T>>, spans: SpansOfPlace<T>, lo: number, hi: number): void {
  const isFirst = !covered.has(spans);
  spans.lo = Math.min(lo, hi, isFirst ? Infinity : spans.lo);
  spans.hi = Math.max(lo, hi, isFirst ? -Infinity : spans.hi);
  covered.add(spans);
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
