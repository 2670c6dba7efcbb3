/** A command line that cannot be followed; its message says what is accepted. */
export class UsageError extends Error {}
