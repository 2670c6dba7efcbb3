import { Readable } from 'node:stream';
import type { Jobs } from '../../records/jobs/jobs.ts';
import { discardBody } from '../http/body.ts';
import { outcomeText } from '../http/errors.ts';
import { FHIR_NDJSON } from '../http/negotiation.ts';
import type { FhirResponse, Interaction } from '../http/types.ts';

/** When to ask again for a job that is under way. */
const RETRY_AFTER_S = 2;
/** Longest X-Progress (http://hl7.org/fhir/R4/async.html: less than 100 characters). */
const PROGRESS_CHARS_MAX = 99;

/** GET _jobs/id: how a job is, and in the end its result (http://hl7.org/fhir/R4/async.html). */
export function jobStatusInteraction(jobs: Jobs): Interaction {
  return async ({ caller, job }): Promise<FhirResponse> => {
    const status = await jobs.status(caller, job!);
    if (status.state === 'running') {
      const progress = status.progress.slice(0, PROGRESS_CHARS_MAX);
      return { status: 202, headers: { 'X-Progress': progress, 'Retry-After': String(RETRY_AFTER_S) } };
    }
    const { contentType, body } = status.result;
    return {
      status: 200,
      headers: { 'Content-Type': contentType, Expires: status.expires.toUTCString() },
      body,
    };
  };
}

/** DELETE _jobs/id: ends a job, or forgets its result. */
export function jobCancelInteraction(jobs: Jobs): Interaction {
  return async ({ raw, caller, job }) => {
    await discardBody(raw);
    await jobs.cancel(caller, job!);
    const diagnostics = 'The job is cancelled, and forgotten. What it has done stays done.';
    return {
      status: 202,
      body: outcomeText([{ severity: 'information', code: 'informational', diagnostics }]),
    };
  };
}

/** GET _jobs/id/file: resources that belong to the result of a job, one in each line. */
export function jobFileInteraction(jobs: Jobs): Interaction {
  return async ({ caller, job, file }) => {
    const lines = await jobs.lines(caller, job!, file!);
    return {
      status: 200,
      headers: { 'Content-Type': FHIR_NDJSON },
      stream: Readable.from(ended(lines)),
    };
  };
}

async function* ended(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.from(`${line}\n`);
}
