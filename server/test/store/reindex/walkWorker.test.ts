import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { fhirError } from '../../../src/fhir/outcome.ts';
import type { Database } from '../../../src/store/postgres/database.ts';
import type { KnownPlan } from '../../../src/store/resource/plannedWrites.ts';
import { Walks, type Walk } from '../../../src/store/reindex/walks.ts';
import { WalkWorker } from '../../../src/store/reindex/walkWorker.ts';
import type { Store } from '../../../src/store/store.ts';
import { until } from '../../support/program.ts';
import { add, contact, found, put, putOf, ReindexWorld } from './reindexWorld.ts';

const PATIENTS = 120; // more than one batch

let fhir: Definitions | undefined;
let world: ReindexWorld;
let server: Store;
let walks: Walks;
let workers: WalkWorker[];
let faults: string[];
beforeEach(async () => {
  world = await ReindexWorld.open(fhir);
  fhir = world.fhir;
  server = await world.server();
  walks = new Walks(world.database, world.schema);
  workers = [];
  faults = [];
});
afterEach(async () => {
  for (const worker of workers) await worker.stop();
  await world.close();
});

function workerWith(plan: Partial<KnownPlan> = {}, database: Database = world.database): WalkWorker {
  const known: KnownPlan = {
    get revision() {
      return plan.revision ?? server.plans.revision;
    },
    refresh: plan.refresh ?? (() => server.plans.refresh()),
    index: plan.index ?? ((content) => server.plans.index(content)),
  };
  const worker = new WalkWorker(
    { database, schema: world.schema, walks: new Walks(database, world.schema), plan: known },
    {
      pauseRatio: 0,
      form: 'form',
      onFault: (fault) => void faults.push(fault),
      onFinished: () => server.plans.refresh(),
    },
  );
  workers.push(worker);
  return worker;
}

/** Patients from before the parameter, whose walk is asked for. */
async function needed(): Promise<void> {
  await Promise.all(
    Array.from({ length: PATIENTS }, (_, i) => put(server, `Patient/p${i}`, contact(`Ann${i}`))),
  );
  await add(server, 'contact-name');
  await walks.requestNeeded();
}
const patientWalk = async (): Promise<Walk> => (await walks.all())[0]!;
const isFinished = async () => (await patientWalk()).finished !== undefined;

test('in the background it does what was asked for, soon after it was woken', async () => {
  await needed();
  const worker = workerWith();
  worker.start();
  worker.wake();
  await until(isFinished, 'the walk ended');
  await worker.stop(); // and so has told
  expect(await found(server, 'Patient', 'contact-name', 'ann7')).toHaveLength(11); // 7 and 70 to 79
  expect(faults).toEqual([]);
});

test('what a worker leaves another goes on with, where it stands', async () => {
  await needed();
  const first: WalkWorker = workerWith({
    index: (content) => {
      void first.stop();
      return server.plans.index(content);
    },
  });
  first.start();
  await until(async () => (await patientWalk()).done > 0, 'a batch was done');
  await first.stop();
  const left = await patientWalk();
  expect([left.done, left.finished]).toEqual([100, undefined]);

  let indexed = 0;
  const second = workerWith({
    index: (content) => {
      indexed++;
      return server.plans.index(content);
    },
  });
  await second.runToEnd(() => undefined);
  expect([indexed, (await patientWalk()).done, await isFinished()]).toEqual([20, 120, true]);
});

test('no row that a write of the old plan has yet to store is passed', async () => {
  await needed();
  await world.sql('UPDATE $schema.reindex SET requested = false');
  const old = await world.server();
  const { promise: isWritten, resolve: written } = Promise.withResolvers<void>();
  const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>();
  const late = putOf(old, 'Patient/late', contact('Late'));
  const writing = world.database.transaction(async (tx) => {
    await old.writer.writeAll([late], (statement) => tx.query(statement));
    written();
    await mayCommit;
  });
  await isWritten;
  await add(server, 'contact-nick', { expression: 'Patient.contact.name.family' });
  await walks.requestNeeded();
  const walking = workerWith().runToEnd(() => undefined);
  const alive = async () => (await world.sql('SELECT seen::text FROM $schema.reindex'))[0]!.seen as string;
  for (let signs = 0, before = await alive(); signs < 3; signs++) {
    await until(async () => (await alive()) !== before, 'the worker gave a sign of life');
    before = await alive();
  }
  expect((await patientWalk()).done).toBe(0);
  commit();
  await Promise.all([writing, walking]);
  expect(await found(server, 'Patient', 'contact-nick', 'late')).toEqual(['late']);
  expect(await world.differences(server)).toEqual([]);
});

test('a worker that is stopped while writes settle walks nothing', async () => {
  await needed();
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  const { promise: hasBegun, resolve: begun } = Promise.withResolvers<void>();
  const open = world.database.transaction(async (tx) => {
    // As whoever writes resources holds it.
    const text = `LOCK TABLE "${world.schema}".changes IN ROW EXCLUSIVE MODE`;
    await tx.query({ name: '', text, values: [] });
    begun();
    await mayEnd;
  });
  await hasBegun;
  const worker = workerWith();
  worker.start();
  await until(async () => (await patientWalk()).started !== undefined, 'the walk was claimed');
  await worker.stop();
  expect((await patientWalk()).done).toBe(0);
  end();
  await open;
});

test('what cannot be indexed is told with the walk, tried again, and then gone on with', async () => {
  await needed();
  let isBroken = true;
  const worker = workerWith({
    index: (content) => {
      if (isBroken && content.includes('"p110"')) throw new TypeError('no');
      return server.plans.index(content);
    },
  });
  worker.start();
  await until(async () => (await patientWalk()).fault !== undefined, 'the fault was noted');
  expect(await patientWalk()).toMatchObject({
    done: 100,
    fault: 'Patient/p110 cannot be indexed (TypeError)',
  });
  expect(faults[0]).toContain('the reindex of Patient does not go on: Patient/p110');
  isBroken = false;
  await until(async () => {
    worker.wake();
    return isFinished();
  }, 'the walk ended');
  expect((await patientWalk()).fault).toBeUndefined();
});

test('a fault beside the walks is told, too', async () => {
  const broken: Database = { ...world.database, write: () => Promise.reject(new Error('relation is gone')) };
  workerWith({}, broken).start();
  await until(() => faults.length > 0, 'the fault was told');
  expect(faults[0]).toBe('no reindex can be done: relation is gone');
});

test('while the database is away a walk stands, is no fault, and goes on when it is back', async () => {
  await needed();
  let transactions = 0;
  let isAway = false;
  const flaky: Database = {
    ...world.database,
    write: (statement) =>
      isAway ? Promise.reject(fhirError('busy', 'transient', 'away')) : world.database.write(statement),
    transaction: async (work) => {
      isAway ||= ++transactions === 2; // after the first batch
      if (isAway) throw fhirError('busy', 'transient', 'away');
      return world.database.transaction(work);
    },
  };
  const worker = workerWith({}, flaky);
  worker.start();
  await until(() => isAway, 'the database went away');
  expect((await patientWalk()).done).toBe(100);
  isAway = false;
  await until(async () => {
    worker.wake();
    return isFinished();
  }, 'the walk ended');
  expect([faults, (await patientWalk()).done]).toEqual([[], PATIENTS]);
});

test('a plan that changes in the middle of a walk does not end it', async () => {
  await needed();
  let revision = server.plans.revision - 1;
  let refreshed = 0;
  const worker = workerWith({
    get revision() {
      return revision;
    },
    refresh: () => {
      refreshed++;
      if (refreshed > 1) revision = server.plans.revision;
      return Promise.resolve();
    },
  });
  await worker.runToEnd(() => undefined);
  expect([await isFinished(), refreshed]).toEqual([true, 2]);
});

test('on the command line the walk of another worker is watched to its end', async () => {
  await needed();
  const walk = (await walks.claim('server', 'form'))!;
  const seen: Walk[] = [];
  await workerWith().runToEnd((one) => {
    seen.push(one);
    void world.database.transaction((tx) => walks.finish(tx, 'server', walk));
  });
  expect(seen[0]).toMatchObject({ type: 'Patient', done: 0 });
  expect(await isFinished()).toBe(true);
});

test('what another worker could not do is tried here', async () => {
  await needed();
  const walk = (await walks.claim('server', 'form'))!;
  await walks.fail('server', walk, 'it cannot be');
  await workerWith().runToEnd(() => undefined);
  expect([await isFinished(), faults]).toEqual([true, []]);
});

test('while another tries again what failed, its end is waited for; only a fault that is met here ends the watching', async () => {
  await needed();
  await walks.fail('server', (await walks.claim('server', 'form'))!, 'it cannot be');
  const walk = (await walks.claim('server', 'form'))!;
  let seen = 0;
  const isBroken = workerWith({
    index: () => {
      throw new TypeError('no');
    },
  });
  await isBroken.runToEnd(() => {
    seen += 1;
    void walks.fail('server', walk, 'it cannot be');
  });
  expect([await isFinished(), seen, faults]).toEqual([
    false,
    1,
    [expect.stringContaining('the reindex of Patient does not go on')],
  ]);
});
