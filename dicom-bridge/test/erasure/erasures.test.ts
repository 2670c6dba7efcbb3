import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { newUid } from '../../src/identifiers/uid.ts';
import type { ErasureAnswer } from '../../src/web/studyRoute.ts';
import { openTestBridge, until, type TestBridge } from '../support/bridge.ts';
import { xray, type TestObject } from '../support/dicomObject.ts';
import { createStep } from '../support/mpps.ts';
import { hasOrthanc, startOrthanc, type TestOrthanc } from '../support/orthanc.ts';

/** Stands in all that is of the patient. */
const PLANTED = 'Plantedname^Ann';
/** Nobody answers there: what is archived stays in the spool, since the record does not have it. */
const NO_SERVER = 'http://127.0.0.1:9';

const postTo = async (bridge: TestBridge, file: Buffer): Promise<number> => {
  const init = { method: 'POST', headers: { 'X-Source': 'TEST' }, body: new Uint8Array(file) };
  return ((await (await bridge.ask('/objects', init)).json()) as { status: number }).status;
};
const eraseOn = async (bridge: TestBridge, study: string, erasure: string): Promise<ErasureAnswer> => {
  const answer = await bridge.ask(`/studies/${study}?erasure=${erasure}`, { method: 'DELETE' });
  expect(answer.status).toBe(200);
  return (await answer.json()) as ErasureAnswer;
};
const erasedOn = (bridge: TestBridge, study: string, erasure: string) =>
  until(
    () => eraseOn(bridge, study, erasure),
    ({ state }) => state === 'removed',
  );
/** Files of the bridge's folder that have a text among their bytes, or in their name. */
const filesWith = ({ config }: TestBridge, text: string): string[] =>
  readdirSync(config.folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => path.join(one.parentPath, one.name))
    .filter((file) => file.includes(text) || readFileSync(file).includes(text));

describe('erasing a study that is kept in files', () => {
  let bridge: TestBridge;
  const study = newUid();
  const of = { studyInstanceUid: study, patientName: PLANTED };
  const [one, two, conflict] = [xray(of), xray(of), xray({ ...of, fill: 9 })];
  const other = xray({ patientName: 'Other^Ben' });
  beforeAll(async () => {
    bridge = await openTestBridge({ maxrayUrl: NO_SERVER });
  });
  afterAll(() => bridge.stop());
  const has = async ({ sopInstanceUid }: TestObject) =>
    (await bridge.ask(`/objects/${sopInstanceUid}`)).status === 200;

  test('leaves nothing of it, and other studies alone', async () => {
    const taken = xray({ ...other.object, ...of, sopInstanceUid: other.object.sopInstanceUid });
    for (const { file } of [one, two, other]) expect(await postTo(bridge, file)).toBe(0);
    for (const { object, file } of [
      { ...xray({ ...one.object, fill: 5 }) },
      taken, // under a UID of another study
    ]) {
      expect([object.studyInstanceUid, await postTo(bridge, file)]).toEqual([study, 0x0111]);
    }
    const begun = { StudyInstanceUID: study, AccessionNumber: '' };
    await createStep(bridge.dicomPort, newUid(), {
      PatientName: PLANTED,
      PerformedProcedureStepID: 'S1',
      PerformedStationAETitle: 'UNIT7',
      PerformedProcedureStepStartDate: '20261202',
      PerformedProcedureStepStartTime: '090000',
      PerformedProcedureStepStatus: 'IN PROGRESS',
      Modality: 'DX',
      ScheduledStepAttributesSequence: [begun],
    });
    await bridge.statusWhen(({ objects, steps }) => objects['archived'] === 3 && steps.waiting === 1);
    expect(filesWith(bridge, PLANTED).length).toBeGreaterThan(3);

    await erasedOn(bridge, study, 'first');
    expect([await has(one.object), await has(two.object), await has(other.object)]).toEqual([
      false,
      false,
      true,
    ]);
    expect([filesWith(bridge, PLANTED), filesWith(bridge, study)]).toEqual([[], []]);
    const { objects, steps, erasures } = await bridge.status();
    expect([objects['archived'], objects['conflict'], steps.waiting]).toEqual([1, 0, 0]);
    expect(erasures).toEqual({ studies: 0, objects: 0, failing: 0 });
  });

  test('is done once: what comes afterwards is new, and stays', async () => {
    expect(await postTo(bridge, one.file)).toBe(0);
    expect(await postTo(bridge, conflict.file)).toBe(0);
    await bridge.statusWhen(({ objects }) => objects['archived'] === 3);
    await bridge.restart();
    expect(await eraseOn(bridge, study, 'first')).toEqual({ state: 'removed', objects: 0 });
    expect([await has(one.object), await has(conflict.object)]).toEqual([true, true]);
    await erasedOn(bridge, study, 'second');
    expect([await has(one.object), await has(conflict.object)]).toEqual([false, false]);
    expect(filesWith(bridge, PLANTED)).toEqual([]);
  });

  test('of which there is nothing is done at once', async () => {
    await erasedOn(bridge, newUid(), 'third');
  });

  test.each([
    '/studies/1.2.03?erasure=a',
    '/studies/x?erasure=a',
    '/studies/1.2.3',
    '/studies/1.2.3?erasure=a/b',
  ])('is not begun by %s', async (address) => {
    expect((await bridge.ask(address, { method: 'DELETE' })).status).toBe(400);
  });
});

(hasOrthanc() ? describe : describe.skip)('erasing a study that Orthanc keeps', () => {
  let orthanc: TestOrthanc;
  let bridge: TestBridge;
  beforeAll(async () => {
    orthanc = await startOrthanc();
    bridge = await openTestBridge({ maxrayUrl: NO_SERVER, orthanc: orthanc.options });
  });
  afterAll(async () => {
    await bridge.stop();
    await orthanc.stop();
  });

  test('goes on until Orthanc has nothing of it, also after a restart, and the cache neither', async () => {
    const { object, file } = xray({ patientName: PLANTED });
    const { sopInstanceUid, studyInstanceUid } = object;
    await postTo(bridge, file);
    await bridge.statusWhen(({ objects }) => objects['archived'] === 1);
    expect((await bridge.ask(`/objects/${sopInstanceUid}/metadata`)).status).toBe(200);
    expect(filesWith(bridge, PLANTED).some((name) => name.includes('/cache/'))).toBe(true);

    await bridge.restart({ orthanc: { ...orthanc.options, url: NO_SERVER } });
    expect(await eraseOn(bridge, studyInstanceUid, 'first')).toEqual({ state: 'removing', objects: 1 });
    await bridge.statusWhen(({ erasures }) => erasures.failing === 1);
    await bridge.restart();
    await erasedOn(bridge, studyInstanceUid, 'first');
    expect(await orthanc.orthanc.instances(sopInstanceUid)).toEqual([]);
    expect(filesWith(bridge, PLANTED)).toEqual([]);
    expect((await bridge.ask(`/objects/${sopInstanceUid}/metadata`)).status).toBe(404);
  });

  test('keeps what comes again under the same UIDs before it is done', async () => {
    const { object, file } = xray({ patientName: PLANTED });
    const { sopInstanceUid, studyInstanceUid } = object;
    await postTo(bridge, file);
    await bridge.statusWhen(({ objects }) => objects['archived'] === 1);
    await bridge.restart({ orthanc: { ...orthanc.options, url: NO_SERVER } });
    await eraseOn(bridge, studyInstanceUid, 'first');
    expect(await postTo(bridge, file)).toBe(0);
    await bridge.restart();
    await erasedOn(bridge, studyInstanceUid, 'first');
    await bridge.statusWhen(({ objects }) => objects['archived'] === 1);
    expect(await orthanc.orthanc.instances(sopInstanceUid)).toHaveLength(1);
    expect((await bridge.ask(`/objects/${sopInstanceUid}`)).status).toBe(200);
  });
});
