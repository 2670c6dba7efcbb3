/** What a history can break; each is told by its name. */
export type Rule =
  /** Versions count from 1 without gaps. */
  | 'gap'
  /** Every version was written by somebody, who was not refused, and once. */
  | 'phantom'
  | 'refused-but-there'
  | 'written-twice'
  /** What was acknowledged is there, under its own number, as it was told. */
  | 'lost'
  | 'altered'
  | 'version-given-twice'
  /** What a version holds follows from its write and, where that says so, from the version before. */
  | 'lost-update'
  /** A write that demanded a version made the next. */
  | 'precondition-passed-over'
  /** A precondition was refused only where it did not hold. */
  | 'refused-without-cause'
  /** It was told rightly whether a write made the resource. */
  | 'created-wrongly-told'
  /** An operation of unknown outcome is there as a whole or not at all. */
  | 'half-there'
  /** Nobody sees an older version than what was there before he asked. */
  | 'stale-read'
  /** No write comes before what was there before it was asked for. */
  | 'late-write'
  /** What was seen is what was stored. */
  | 'misread'
  /** A resource is not there only where it was deleted, or not made yet. */
  | 'absent-without-deletion'
  /** The reads of a transaction see what it has written. */
  | 'own-write-unseen'
  /** What is seen at one moment shows all of a transaction or nothing. */
  | 'torn-read'
  /** No two resources satisfy a criterion at the same time. */
  | 'two-created'
  /** There is one order of all moments that explains everything. */
  | 'no-order';

export interface Violation {
  rule: Rule;
  text: string;
}
