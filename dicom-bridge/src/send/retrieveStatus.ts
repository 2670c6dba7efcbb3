/** Statuses of C-MOVE and C-GET (PS3.4 tables C.4-2 and C.4-3). */
export const RETRIEVE_STATUS = {
  /** Some objects were sent, and others could not be. */
  withFailures: 0xb000,
  cannotCount: 0xa701,
  /** Nothing could be sent. */
  cannotSend: 0xa702,
} as const;
