import type { Logger } from 'pino';
import type { OperationSettings } from '../operations/all.ts';
import { importKind } from '../operations/import/kind.ts';
import type { Callers } from '../records/callers/callers.ts';
import { ContentRecords } from '../records/contents.ts';
import { Jobs } from '../records/jobs/jobs.ts';
import type { Records } from '../records/records.ts';
import type { Trails } from '../records/trail/trails.ts';
import { JOBS_PATH } from '../rest/router.ts';
import type { Store } from '../store/store.ts';
import { describeDefect } from './defect.ts';
import type { Lifetime } from './lifetime.ts';

/** Every sort of job that goes on after its request, at work until the end of `lifetime`. */
export function startJobs(
  store: Store,
  records: Records,
  { base, importSources: sources }: OperationSettings,
  { log, trails, callers }: { log: Logger; trails: Trails; callers: Pick<Callers, 'of'> },
  lifetime: Lifetime,
): Jobs {
  const onDefect = (error: unknown, { id, kind }: { id: string; kind: string }) =>
    log.error({ job: id, kind, defect: describeDefect(error) }, 'a job failed');
  const contents = new ContentRecords(store);
  const kinds = [importKind({ records, contents, sources, base, jobsPath: JOBS_PATH, onDefect })];
  const jobs = new Jobs(store.jobs, kinds, { onDefect, trails, callerOf: (token) => callers.of(token) });
  jobs.start();
  lifetime.atEnd(() => jobs.stop());
  return jobs;
}
