import { GrowingArray } from '../postgres/growingArray.ts';
import type { AuditRow } from './auditRow.ts';

/** Rows of the audit log as the parameters of a statement by `auditInsert`: of what was added nothing else is kept. */
export class AuditRows {
  readonly #recordedMs = new GrowingArray('int8');
  readonly #kind = new GrowingArray('int4');
  readonly #outcome = new GrowingArray('int4');
  readonly #version = new GrowingArray('int4');
  readonly #keys = new GrowingArray('int8');
  readonly #keysFrom = new GrowingArray('int4');
  readonly #keysTo = new GrowingArray('int4');
  /** Without those of {@link AuditRow.shown}, which follow the others. */
  readonly #namedTo = new GrowingArray('int4');
  readonly #payload = new GrowingArray('text');
  /** Where in the keys those that rows show begin and end, two positions for each row that shows something. */
  readonly #shownSpans: number[] = [];

  static of(rows: readonly AuditRow[]): AuditRows {
    const all = new AuditRows();
    for (const row of rows) all.add(row);
    return all;
  }

  get count(): number {
    return this.#payload.length;
  }

  add({ recordedMs, kind, outcome, version, keys, shown = [], payload }: AuditRow): void {
    this.#recordedMs.addInt8(BigInt(recordedMs));
    this.#kind.addInt4(kind);
    this.#outcome.addInt4(outcome);
    if (version === null) this.#version.addNull();
    else this.#version.addInt4(version);
    this.#keysFrom.addInt4(this.#keys.length + 1);
    for (const key of keys) this.#keys.addInt8(key);
    this.#namedTo.addInt4(this.#keys.length);
    if (shown.length > 0) this.#shownSpans.push(this.#keys.length, this.#keys.length + shown.length);
    for (const key of shown) this.#keys.addInt8(key);
    this.#keysTo.addInt4(this.#keys.length);
    this.#payload.addText(payload);
  }

  /** What all rows show, made anew each time: so many numbers of 64 bits would take three times the memory of what is sent. */
  shownKeys(): bigint[] {
    const keys: bigint[] = [];
    for (let i = 0; i < this.#shownSpans.length; i += 2)
      for (let at = this.#shownSpans[i]!; at < this.#shownSpans[i + 1]!; at++)
        keys.push(this.#keys.int8At(at));
    return keys;
  }

  /** In the order of `auditInsert`. @param which keys go into the index: also what rows show, or only the others */
  parameters(which: 'all' | 'named' = 'all'): Buffer[] {
    return [
      this.#recordedMs,
      this.#kind,
      this.#outcome,
      this.#version,
      this.#keys,
      this.#keysFrom,
      which === 'all' ? this.#keysTo : this.#namedTo,
      this.#payload,
    ].map((column) => column.toBuffer());
  }
}

/** Parameters of `auditInsert`. */
export const auditParameters = (rows: readonly AuditRow[]): Buffer[] => AuditRows.of(rows).parameters();
