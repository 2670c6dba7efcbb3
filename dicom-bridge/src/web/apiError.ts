import type { OutgoingHttpHeaders } from 'node:http';

/** What is asked of the internal API cannot be done: the status and text of the answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;

  /** @param message for who runs server and bridge; without patient data */
  constructor(status: number, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
