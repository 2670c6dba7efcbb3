/** Where the store reports what happens outside of any request (a lost connection, a restarted database). Never patient data. */
export type Log = (level: 'info' | 'warn' | 'error', message: string) => void;

/** For callers without a logger: what went wrong goes to standard error, the rest is left out. */
export const errorsToStderr: Log = (level, message) => {
  if (level !== 'info') console.error(message);
};

/** The text of whatever was thrown. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
