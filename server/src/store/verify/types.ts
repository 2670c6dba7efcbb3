/** Where the database differs from what the content says. */
export interface Difference {
  type: string;
  id: string;
  /** What differs: a column or a side table. */
  where: string;
  /** Rows that should be there, and are not. */
  missing: number;
  /** Rows that are there, and should not be. */
  surplus: number;
}

export interface VerifyReport {
  resources: number;
  versions: number;
  indexRows: number;
  differences: Difference[];
}
