/** Goes through a table that is in the order of the search, and looks at each resource until the page is full. */
export interface Walk {
  kind: 'walk';
  /**
   * `row`, `main-date`: the resources themselves; `patient`: those of one, by main date; `ordered`: rows of codes;
   * `patient-ordered`: rows of a patient's codes; `owners`: those of several patients, one after the other; `prefix`: texts that begin so.
   */
  along:
    | 'row'
    | 'prefix'
    | 'main-date'
    | 'patient'
    | 'owners'
    | 'ordered'
    | 'patient-ordered'
    | 'last-updated'
    | 'strings'
    | 'ranges';
  /**
   * Rows after which it gives up, since a find would have been done by then: what is asked for may be rare, or far away in
   * the order. Absent: it never does.
   */
  guard?: number;
}

/** Gathers all matches, then sorts them. */
export interface Find {
  kind: 'find';
  /**
   * By one index, whatever the values: of keys, of ids, of a patient's resources, of those of several patients (`owners`), of main dates, of changes. `planner`: as
   * PostgreSQL's planner finds best for the values.
   */
  by: 'keys' | 'ids' | 'patient' | 'owners' | 'main-date' | 'last-updated' | 'planner';
  /** Which of the conditions' keys the index is asked for; the others are looked at in each row. */
  driving: readonly number[];
}

export type Shape = Walk | Find;

/** How a search of one type is carried out. */
export interface TypePlan {
  shape: Shape;
  /** Rows that it is thought to look at: the measure by which it was chosen. */
  cost: number;
  /** What else could have been done, at what cost. */
  rejected: readonly { shape: Shape; cost: number }[];
  /** Estimated number of matches. */
  matches: number;
}
