import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import dicomwebClient from 'dicomweb-client';
import { FetchXhr } from './fetchXhr.ts';
import { CHEST, HEAD, openWorld, type World } from './world.ts';

/** The client of OHIF. Its own types ask for options that its code does not need. */
type Client = Record<
  keyof InstanceType<typeof dicomwebClient.api.DICOMwebClient>,
  (options?: object) => Promise<unknown>
>;
const { DICOMwebClient } = dicomwebClient.api as unknown as {
  DICOMwebClient: new (options: object) => Client;
};

const instance = {
  studyInstanceUID: CHEST,
  seriesInstanceUID: `${CHEST}.1`,
  sopInstanceUID: `${CHEST}.1.1`,
};

let world: World;
let client: Client;
beforeAll(async () => {
  (globalThis as { XMLHttpRequest?: unknown }).XMLHttpRequest = FetchXhr;
  world = await openWorld(`test_${randomUUID().replaceAll('-', '')}`);
  world.bridge.objects.get(`${CHEST}.1.1`)!.frames = 2;
  world.bridge.objects.get(`${CHEST}.1.1`)!.elements = {
    '00420011': { vr: 'OB', BulkDataURI: 'bulk/00420011' },
  };
  client = new DICOMwebClient({
    url: `${world.server.url}/dicomweb`,
    headers: { Authorization: world.server.authorization },
    verbose: false,
  });
});
afterAll(() => world.stop());

const text = (bytes: unknown): string => Buffer.from(bytes as ArrayBuffer).toString('utf8');
const texts = (all: unknown): string[] => (all as unknown[]).map(text);
type Found = Record<string, { Value?: unknown[] }>[];
const uids = (found: unknown, tag = '0020000D') => (found as Found).map((one) => one[tag]?.Value?.[0]);

describe('dicomweb-client', () => {
  test('searches', async () => {
    expect(uids(await client.searchForStudies())).toEqual([CHEST, HEAD]);
    expect(uids(await client.searchForStudies({ queryParams: { PatientID: 'MRN-2' } }))).toEqual([HEAD]);
    expect(await client.searchForStudies({ queryParams: { PatientID: 'nobody' } })).toEqual([]);
    const ofOhif = {
      PatientName: '*ann*',
      limit: 101,
      offset: 0,
      fuzzymatching: false,
      includefield: '00081030,00080060',
    };
    expect(uids(await client.searchForStudies({ queryParams: ofOhif }))).toEqual([CHEST]);
    expect(uids(await client.searchForSeries({ studyInstanceUID: CHEST }), '0020000E')).toEqual([
      `${CHEST}.1`,
      `${CHEST}.2`,
    ]);
    expect(uids(await client.searchForInstances({ studyInstanceUID: CHEST }), '00080018')).toHaveLength(3);
  });

  test('reads metadata, and follows their URLs', async () => {
    expect(await client.retrieveStudyMetadata({ studyInstanceUID: CHEST })).toHaveLength(3);
    const { studyInstanceUID, seriesInstanceUID } = instance;
    expect(await client.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID })).toHaveLength(2);
    const [metadata] = (await client.retrieveInstanceMetadata(instance)) as unknown as Record<
      string,
      { BulkDataURI: string }
    >[];
    const bulk = await client.retrieveBulkData({ BulkDataURI: metadata!['00420011']!.BulkDataURI });
    expect(texts(bulk)).toEqual([`00420011 of ${CHEST}.1.1`]);
    const pixels = await client.retrieveBulkData({ BulkDataURI: metadata!['7FE00010']!.BulkDataURI });
    expect(texts(pixels)).toEqual([`frame 1 of ${CHEST}.1.1`, `frame 2 of ${CHEST}.1.1`]);
  });

  test('retrieves objects', async () => {
    expect(texts(await client.retrieveStudy({ studyInstanceUID: CHEST }))).toHaveLength(3);
    const { studyInstanceUID, seriesInstanceUID } = instance;
    expect(texts(await client.retrieveSeries({ studyInstanceUID, seriesInstanceUID }))).toHaveLength(2);
    expect(text(await client.retrieveInstance(instance))).toBe(`file of ${CHEST}.1.1`);
  });

  test('retrieves frames and pictures', async () => {
    expect(texts(await client.retrieveInstanceFrames({ ...instance, frameNumbers: [2, 1] }))).toEqual([
      `frame 2 of ${CHEST}.1.1`,
      `frame 1 of ${CHEST}.1.1`,
    ]);
    const mediaTypes = [{ mediaType: 'image/png' }];
    expect(texts(await client.retrieveInstanceRendered({ ...instance, mediaTypes }))[0]).toMatch(
      /^picture of .*image%2Fpng/,
    );
    expect(texts(await client.retrieveInstanceThumbnail(instance))[0]).toMatch(/^picture of .*viewport/);
    const frame = { ...instance, frameNumbers: [2], mediaTypes };
    expect(texts(await client.retrieveInstanceFramesRendered(frame))[0]).toMatch(/frame=2/);
  });

  test('stores', async () => {
    const datasets = [
      new TextEncoder().encode('an object').buffer,
      new TextEncoder().encode('another').buffer,
    ];
    await client.storeInstances({ datasets });
    expect(world.bridge.stored.map(({ bytes }) => bytes.toString())).toEqual(['an object', 'another']);
  });

  test('is told what is wrong', async () => {
    await expect(client.retrieveStudyMetadata({ studyInstanceUID: '1.2.3.99' })).rejects.toMatchObject({
      status: 404,
    });
  });
});
