import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { fhirError, type FhirError } from '../../../src/fhir/outcome.ts';
import type { Caller } from '../../../src/records/caller.ts';
import { JOB_ATTEMPTS_MAX, type JobTimes } from '../../../src/records/jobs/jobRun.ts';
import { JOB_KEPT_MS, JOBS_RUNNING_MAX } from '../../../src/records/jobs/jobWorker.ts';
import { JOBS_WAITING_MAX, Jobs } from '../../../src/records/jobs/jobs.ts';
import {
  JobTakenError,
  type JobContext,
  type JobKind,
  type JobResult,
} from '../../../src/records/jobs/kind.ts';
import { JobTable } from '../../../src/store/jobs/jobTable.ts';
import type { Database } from '../../../src/store/postgres/database.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';
import { until } from '../../support/program.ts';

const ANNA: Caller = { id: 'anna', isAdministrator: true, access: 'unrestricted', agent: {} };
const BEN: Caller = { id: 'ben', isAdministrator: true, access: 'unrestricted', agent: {} };
const DONE: JobResult = { contentType: 'text/plain', body: 'well done' };
/** Signs of life come soon; but no server is lost, however busy the machine is. */
const TIMES: JobTimes = { keepMs: 20, overdueMs: 60_000, lostMs: 120_000 };

let world: TestDatabase;
let servers: Jobs[];
let defects: unknown[];
let runs: JobContext[];
beforeAll(async () => {
  world = await testDatabase();
});
afterAll(() => world.close());
beforeEach(async () => {
  await sql('DELETE FROM $schema.job');
  [servers, defects, runs] = [[], [], []];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
});

async function sql(text: string): Promise<Record<string, unknown>[]> {
  const named = text.replaceAll('$schema', `"${world.schema}"`);
  return (await world.database.write({ name: '', text: named, values: [] })).rows as Record<
    string,
    unknown
  >[];
}

/** A server whose jobs do `work`; it looks for jobs unless it is told not to. */
function server(
  work: JobKind['run'],
  { starts = true, database = world.database, times = TIMES } = {},
): Jobs {
  const run: JobKind['run'] = (context) => {
    runs.push(context);
    return work(context);
  };
  const jobs = new Jobs(new JobTable(database, world.schema), [{ name: 'work', run }], {
    onDefect: (error) => void defects.push(error),
    times,
  });
  servers.push(jobs);
  if (starts) jobs.start();
  return jobs;
}
const nothing = () => Promise.resolve(DONE);
/** Goes on until it must leave. */
const endless: JobKind['run'] = ({ signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

const isOver = async (jobs: Jobs, id: string): Promise<boolean> =>
  (await jobs.status(ANNA, id).catch(() => ({ state: 'failed' }))).state !== 'running';
const over = (jobs: Jobs, id: string) => until(() => isOver(jobs, id), 'the job ended');
const states = async () =>
  (await sql('SELECT state FROM $schema.job ORDER BY created')).map(({ state }) => state);

describe('a job', () => {
  test('is done for whoever began it, with what was asked for', async () => {
    const jobs = server(nothing);
    const id = await jobs.begin(ANNA, 'work', { of: 'some' });
    await over(jobs, id);
    const status = await jobs.status(ANNA, id);
    expect(status).toMatchObject({ state: 'done', result: DONE });
    expect(runs).toMatchObject([{ id, request: { of: 'some' }, isResumed: false, checkpoint: undefined }]);
    expect(await runs[0]!.caller()).toEqual(ANNA);
    const { expires } = status as { expires: Date };
    expect(Math.abs(expires.getTime() - Date.now() - JOB_KEPT_MS)).toBeLessThan(600_000);
  });

  test('is nobody else’s business', async () => {
    const jobs = server(async ({ save }) => {
      await save(1, [{ file: 'f', number: 1, line: 'secret' }]);
      return DONE;
    });
    const id = await jobs.begin(ANNA, 'work', {});
    await over(jobs, id);
    const unknown = await jobs.status(ANNA, 'unknown').catch((error: unknown) => error);
    expect(unknown).toMatchObject({ category: 'not-found' });
    for (const attempt of [jobs.status(BEN, id), jobs.cancel(BEN, id), jobs.lines(BEN, id, 'f')])
      expect(await attempt.catch((error: unknown) => error)).toEqual(unknown);
    expect((await jobs.status(ANNA, id)).state).toBe('done');
    await expect(jobs.lines(ANNA, id, 'g')).rejects.toMatchObject({ category: 'not-found' });
  });

  test('tells how far it is, and keeps its lines in order', async () => {
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const jobs = server(async ({ tell, save }) => {
      tell(() => 'half of it');
      const lines = Array.from({ length: 450 }, (_, i) => ({
        file: 'f',
        number: 450 - i,
        line: `line ${450 - i}`,
      }));
      await save('half', lines);
      await mayEnd;
      return DONE;
    });
    const id = await jobs.begin(ANNA, 'work', {});
    await until(async () => {
      const status = await jobs.status(ANNA, id);
      return status.state === 'running' && status.progress === 'half of it';
    }, 'the progress was told');
    end();
    await over(jobs, id);
    const lines: string[] = [];
    for await (const line of await jobs.lines(ANNA, id, 'f')) lines.push(line);
    expect(lines).toEqual(Array.from({ length: 450 }, (_, i) => `line ${i + 1}`));
  });

  test('that fails says why; a defect only that there is one', async () => {
    const jobs = server(({ request }) => {
      const error =
        request === 'wrong' ? fhirError('unprocessable', 'value', 'It is wrong.') : new TypeError('secret');
      return Promise.reject(error);
    });
    const wrong = await jobs.begin(ANNA, 'work', 'wrong');
    const defect = await jobs.begin(ANNA, 'work', 'defect');
    await over(jobs, wrong);
    await over(jobs, defect);
    await expect(jobs.status(ANNA, wrong)).rejects.toMatchObject({
      category: 'unprocessable',
      issues: [{ diagnostics: 'It is wrong.' }],
    });
    const failure = (await jobs.status(ANNA, defect).catch((error: unknown) => error)) as FhirError;
    expect(failure.category).toBe('fault');
    expect(JSON.stringify(failure.issues)).not.toContain('secret');
    expect(defects).toEqual([new TypeError('secret')]);
  });

  test('is forgotten when its result is old', async () => {
    const jobs = server(nothing);
    const id = await jobs.begin(ANNA, 'work', {});
    await over(jobs, id);
    await sql(`UPDATE $schema.job SET finished = finished - interval '25 hours'`);
    await expect(jobs.status(ANNA, id)).rejects.toMatchObject({ category: 'not-found' });
    server(nothing); // which sweeps at its start
    await until(async () => (await states()).length === 0, 'it was swept');
  });
});

describe('of many jobs', () => {
  test('a few run at once, and a few wait for each caller', async () => {
    const jobs = server(endless, { starts: false });
    for (let i = 0; i < JOBS_WAITING_MAX; i++) await jobs.begin(ANNA, 'work', i);
    await expect(jobs.begin(ANNA, 'work', 'more')).rejects.toMatchObject({
      category: 'throttled',
      retryAfterS: 30,
    });
    await jobs.begin(BEN, 'work', 'mine');
    jobs.start();
    await until(() => runs.length === JOBS_RUNNING_MAX, 'jobs were begun');
    await sleep(5 * TIMES.keepMs);
    expect(runs).toHaveLength(JOBS_RUNNING_MAX);
    await jobs.cancel(ANNA, runs[0]!.id);
    await until(() => runs.length === JOBS_RUNNING_MAX + 1, 'the next was begun');
  });

  test('each is done once, by any of several servers', async () => {
    const all = [0, 1, 2].map(() => server(nothing));
    const ids = await Promise.all(Array.from({ length: 15 }, (_, i) => all[i % 3]!.begin(ANNA, 'work', i)));
    for (const id of ids) await over(all[0]!, id);
    expect(runs.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });
});

describe('a job that is cancelled', () => {
  test('ends, and is unknown at once', async () => {
    let ended = false;
    const jobs = server((context) => endless(context).finally(() => (ended = true)));
    const id = await jobs.begin(ANNA, 'work', {});
    await until(() => runs.length === 1, 'it was begun');
    await jobs.cancel(ANNA, id);
    await expect(jobs.status(ANNA, id)).rejects.toMatchObject({ category: 'not-found' });
    await expect(jobs.cancel(ANNA, id)).rejects.toMatchObject({ category: 'not-found' });
    await until(() => ended, 'its run ended');
    expect(await states()).toEqual([]);
  });

  test('ends on another server, too', async () => {
    const [one, other] = [server(endless), server(nothing, { starts: false })];
    const id = await other.begin(ANNA, 'work', {});
    await until(() => runs.length === 1, 'it was begun');
    await other.cancel(ANNA, id);
    await until(() => runs[0]!.signal.aborted, 'its run heard of it');
    await one.stop();
    expect(defects).toEqual([]);
  });
});

describe('when its server', () => {
  test('stops, a job notes where it stands, and goes on elsewhere', async () => {
    const one = server(async (context) => {
      await endless(context).catch(() => undefined);
      await context.save('as far as that', [{ file: 'f', number: 1, line: 'kept' }]);
      throw context.signal.reason as Error;
    });
    const id = await one.begin(ANNA, 'work', {});
    await until(() => runs.length === 1, 'it was begun');
    await one.stop();
    expect(await sql('SELECT state, attempts FROM $schema.job')).toEqual([{ state: 'waiting', attempts: 0 }]);
    const other = server(nothing);
    await over(other, id);
    expect(runs[1]).toMatchObject({ id, isResumed: true, checkpoint: 'as far as that' });
    expect(defects).toEqual([]);
  });

  test('hangs, it is taken over, and whoever comes to again can note nothing', async () => {
    // Its signs of life do not arrive, nor is it told so: as a process that was stopped.
    const silent: Database = {
      ...world.database,
      write: (statement) =>
        statement.text.includes('progress = $3 WHERE')
          ? new Promise(() => {})
          : world.database.write(statement),
    };
    const { promise: isAwake, resolve: wakeUp } = Promise.withResolvers<void>();
    let awoken: unknown;
    const one = server(
      async ({ save }) => {
        await save('begun');
        await isAwake;
        awoken = await save('stale').catch((error: unknown) => error);
        throw awoken;
      },
      { database: silent, times: { ...TIMES, overdueMs: 2_000 } },
    );
    const id = await one.begin(ANNA, 'work', {});
    await until(() => runs.length === 1, 'it was begun');
    const other = server(nothing, { times: { ...TIMES, lostMs: 4_000 } });
    await over(other, id);
    expect(runs[0]!.signal.aborted).toBe(true);
    wakeUp();
    await until(() => awoken !== undefined, 'it came to');
    expect(awoken).toBeInstanceOf(JobTakenError);
    expect(runs[1]).toMatchObject({ checkpoint: 'begun', isResumed: true });
    expect(await other.status(ANNA, id)).toMatchObject({ state: 'done', result: DONE });
  });

  test('dies of it again and again, it is given up', async () => {
    const jobs = server(nothing, { starts: false });
    const id = await jobs.begin(ANNA, 'work', {});
    await sql(`UPDATE $schema.job SET attempts = ${JOB_ATTEMPTS_MAX}`);
    jobs.start();
    await over(jobs, id);
    await expect(jobs.status(ANNA, id)).rejects.toMatchObject({ category: 'fault' });
    expect(runs).toEqual([]);
  });

  test('has no database for a while, it waits, and goes on from what was saved', async () => {
    let isAway = false;
    const flaky: Database = {
      ...world.database,
      write: (statement) =>
        isAway ? Promise.reject(fhirError('busy', 'transient', 'away')) : world.database.write(statement),
    };
    const jobs = server(
      async ({ save, checkpoint }) => {
        if (checkpoint !== undefined) return DONE;
        await save('first');
        isAway = true;
        await save('second');
        return DONE;
      },
      { database: flaky, times: { ...TIMES, lostMs: 4_000 } },
    );
    const id = await jobs.begin(ANNA, 'work', {});
    await until(() => isAway, 'the database went away');
    await sleep(2 * TIMES.keepMs);
    isAway = false;
    await over(jobs, id);
    expect(runs[1]).toMatchObject({ checkpoint: 'first', isResumed: true });
    expect(defects).toEqual([]);
  });
});
