import type { S3Credentials } from './s3Request.ts';

/** What the server gives a blob store besides its URL. */
export interface BlobStoreContext {
  /** Data folder: `file:` URLs are relative to it, and uploads to `s3:` are spooled in it. */
  dataDir: string;
  /** Needed by `s3:` only. */
  s3Credentials?: S3Credentials;
  /** After how long without a byte a request to `s3:` is given up; S3_IDLE_TIMEOUT_MS where not given. */
  s3IdleTimeoutMs?: number;
}
