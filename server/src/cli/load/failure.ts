/** One thing that was not stored, or of which nobody knows. */
export interface Failure {
  name: string;
  /** HTTP status, where there was an answer. */
  status?: number;
  /** What went wrong. Never content. */
  reason: string;
}
