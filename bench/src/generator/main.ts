import { caseNamed } from '../cases/all.ts';
import { requestsOf } from '../measure/requests.ts';
import { drive } from './drive.ts';
import { encodeRequest } from './encode.ts';
import type { Job, JobMessage } from './job.ts';

/** The process of the load generator: takes one job, says when it measures, gives the result and ends. */
const tell = (message: JobMessage): void => void process.send?.(message);

process.once('message', async (job: Job) => {
  const requests = (job.requests ?? requestsOf(caseNamed(job.caseName), job.plan, job.seed)).map((request) =>
    encodeRequest(request, job),
  );
  const result = await drive(job, requests, (kind) => tell({ kind }));
  process.send?.({ kind: 'result', result } satisfies JobMessage, () => process.exit());
});
