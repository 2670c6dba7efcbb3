import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { StoreService } from '../../src/dimse/storeService.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { xray, type TestObject } from '../support/dicomObject.ts';
import { standBy } from '../support/echo.ts';
import { AE_TITLE, PEER, READER, startReceiver, type TestReceiver } from '../support/receiver.ts';

let receiver: TestReceiver;
let folder: string;
beforeAll(async () => {
  receiver = await startReceiver();
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-objects-'));
});
afterAll(async () => {
  await receiver.stop();
  rmSync(folder, { recursive: true });
});

const to = (port: number, calling = PEER, called = AE_TITLE) => [
  '-aet',
  calling,
  '-aec',
  called,
  '127.0.0.1',
  String(port),
];
let count = 0;
/** A file with an X-ray image. */
function written(of: Partial<TestObject> = {}) {
  const made = xray(of);
  const file = path.join(folder, `${(count += 1)}.dcm`);
  writeFileSync(file, made.file);
  return { ...made, path: file };
}
const send = (paths: string[], port = receiver.port) => dcmtk('storescu', ['-v', ...to(port), ...paths]);
const spooled = async (sopInstanceUid: string) =>
  (await receiver.spool.names()).filter((name) => name.startsWith(`${sopInstanceUid}.`));

testWithDcmtk('a modality that is known is answered, others are refused', async () => {
  expect((await dcmtk('echoscu', to(receiver.port))).code).toBe(0);
  const stranger = await dcmtk('echoscu', ['-v', ...to(receiver.port, 'STRANGER')]);
  expect(stranger.output).toMatch(/Calling AE Title Not Recognized/i);
  const elsewhere = await dcmtk('echoscu', ['-v', ...to(receiver.port, PEER, 'OTHER')]);
  expect(elsewhere.output).toMatch(/Called AE Title Not Recognized/i);
});

testWithDcmtk('who may ask for images only is told so when it sends some', async () => {
  const { object, path: file } = written();
  const { output } = await dcmtk('storescu', ['-v', ...to(receiver.port, READER), file]);
  expect(output).toMatch(/Store Response \(.*0x124\)/);
  expect(await spooled(object.sopInstanceUid)).toEqual([]);
  expect(receiver.ledger.find(object.sopInstanceUid)).toBeUndefined();
  expect(receiver.logged).toContainEqual(expect.objectContaining({ peer: READER, status: '124' }));
});

testWithDcmtk('an object is kept as it came, and noted', async () => {
  const { object, dataSet, path: file } = written();
  const { output } = await send([file]);
  expect(output).toMatch('Received Store Response (Success)');
  const [name] = await spooled(object.sopInstanceUid);
  const bytes = readFileSync(receiver.spool.pathOf(name!));
  expect(bytes.subarray(-dataSet.length).equals(dataSet)).toBe(true);
  expect((await dcmtk('dcmftest', [receiver.spool.pathOf(name!)])).output).toMatch('yes:');
  const dumped = await dcmtk('dcmdump', ['+P', '0002,0016', '+P', '0002,0010', receiver.spool.pathOf(name!)]);
  expect(dumped.output).toMatch(/\[MODALITY\][\s\S]*LittleEndianExplicit/);
  expect(receiver.ledger.find(object.sopInstanceUid)).toMatchObject({
    state: 'received',
    file: name,
    bytes: bytes.length,
    sourceAeTitle: PEER,
    studyInstanceUid: object.studyInstanceUid,
    seriesInstanceUid: object.seriesInstanceUid,
  });
});

testWithDcmtk('the same again is the same; another under its UID is kept aside', async () => {
  const { object, path: first } = written();
  const { path: other } = written({ ...object, fill: 2 });
  expect((await send([first])).output).toMatch('(Success)');
  expect((await send([first])).output).toMatch('(Success)');
  expect(await spooled(object.sopInstanceUid)).toHaveLength(1);
  const before = receiver.ledger.find(object.sopInstanceUid);
  expect((await send([other])).output).toMatch(/Store Response \((?!Success)/);
  expect(receiver.ledger.find(object.sopInstanceUid)).toEqual(before);
  expect(await spooled(object.sopInstanceUid)).toHaveLength(2);
  expect(receiver.ledger.counts()).toMatchObject({ conflict: 1 });
});

/** By which of dcmtk's programs an object gets into a transfer syntax, and how storescu is told to offer that. */
const SYNTAXES: [name: string, command: string[], offer: string][] = [
  ['JPEG lossless', ['dcmcjpeg'], '-xs'],
  ['RLE', ['dcmcrle'], '-xr'],
  ['JPEG-LS', ['dcmcjpls'], '-xt'],
  ['big endian', ['dcmconv', '+tb'], '-xb'],
  ['deflated', ['dcmconv', '+td'], '-xd'],
  ['implicit little endian', ['dcmconv', '+ti'], '-xi'],
];
const dataSetOf = async (file: string) => {
  const { output } = await dcmtk('dcmdump', ['-q', '+L', file]);
  return output.slice(output.indexOf('# Dicom-Data-Set'));
};

testWithDcmtk('an object stays in its transfer syntax', async () => {
  for (const [name, [program, ...args], offer] of SYNTAXES) {
    const { object, path: plain } = written();
    const changed = `${plain}.changed`;
    expect([name, (await dcmtk(program!, [...args, plain, changed])).code]).toEqual([name, 0]);
    const { output } = await dcmtk('storescu', ['-v', offer, ...to(receiver.port), changed]);
    expect([name, output]).toEqual([name, expect.stringContaining('Received Store Response (Success)')]);
    const [kept] = await spooled(object.sopInstanceUid);
    expect([name, await dataSetOf(receiver.spool.pathOf(kept!))]).toEqual([name, await dataSetOf(changed)]);
  }
});

testWithDcmtk('objects are large, and several come at once', async () => {
  const files = Array.from({ length: 4 }, () => written({ rows: 2_000, columns: 2_000 }));
  const answers = await Promise.all(files.map(({ path: file }) => send([file])));
  for (const { output } of answers) expect(output).toMatch('(Success)');
  for (const { object, dataSet } of files) {
    const [name] = await spooled(object.sopInstanceUid);
    expect(readFileSync(receiver.spool.pathOf(name!)).subarray(-dataSet.length).equals(dataSet)).toBe(true);
  }
});

testWithDcmtk('what is no whole object is refused, and leaves nothing', async () => {
  const before = receiver.ledger.counts();
  const hostile = written({ studyInstanceUid: '../../etc' });
  expect((await send([hostile.path])).output).toMatch(/0xc000|CannotUnderstand/i);
  expect(await spooled(hostile.object.sopInstanceUid)).toEqual([]);
  expect(receiver.ledger.counts()).toEqual(before);
  expect(readdirSync(path.join(receiver.folder, 'spool')).filter((name) => name.endsWith('.part'))).toEqual(
    [],
  );
  expect(receiver.logged).toContainEqual(
    expect.objectContaining({ event: 'object not stored', peer: PEER, status: 'c000' }),
  );
});

testWithDcmtk('where the disk is nearly full, objects are refused', async () => {
  const full = await startReceiver({ freeBytesMin: 2 ** 60 });
  try {
    const { object, path: file } = written();
    expect((await send([file], full.port)).output).toMatch(/OutOfResources/i);
    expect(full.ledger.find(object.sopInstanceUid)).toBeUndefined();
    expect(readdirSync(path.join(full.folder, 'spool'))).toEqual([]);
  } finally {
    await full.stop();
  }
});

testWithDcmtk('garbage and huge PDUs end their connection, and no other', async () => {
  const garbage = async (bytes: Buffer) => {
    const socket = connect(receiver.port, '127.0.0.1').on('error', () => undefined);
    socket.write(bytes);
    await once(socket, 'close');
  };
  const huge = Buffer.from([1, 0, 0x03, 0x93, 0x87, 0x00]); // an A-ASSOCIATE-RQ of 60 MB
  await Promise.all([garbage(Buffer.from('GET / HTTP/1.1\r\n\r\n')), garbage(huge)]);
  expect((await dcmtk('echoscu', to(receiver.port))).code).toBe(0);
});

test('who says nothing is not waited for', async () => {
  const quick = await startReceiver({ limits: { silenceMs: 2_000, connectionsOfAddressMax: 1 } });
  try {
    const silent = connect(quick.port, '127.0.0.1');
    await once(silent, 'connect');
    const second = connect(quick.port, '127.0.0.1').on('error', () => undefined);
    await Promise.all([once(silent, 'close'), once(second, 'close')]);
    expect(quick.logged.map(({ event }) => event).sort()).toEqual(['connection ended', 'connection refused']);
  } finally {
    await quick.stop();
  }
});

/** The beginning of an A-ASSOCIATE-RQ whose end never comes. */
const LONG_REQUEST = Buffer.concat([Buffer.from([1, 0, 0, 1, 0, 0]), Buffer.alloc(60_000)]);

test('who only trickles is not waited for, and who has an association is', async () => {
  const quick = await startReceiver({ limits: { associateMs: 3_000 } });
  const bystander = await standBy(quick.port, PEER, AE_TITLE);
  try {
    const slow = connect(quick.port, '127.0.0.1').on('error', () => undefined);
    let at = 0;
    const trickle = setInterval(() => slow.write(LONG_REQUEST.subarray(at, (at += 1))), 20);
    await once(slow, 'close');
    clearInterval(trickle);
    expect(quick.logged).toContainEqual(
      expect.objectContaining({ event: 'connection ended', why: expect.stringContaining('association') }),
    );
    expect(await bystander.echo()).toBe(0);
  } finally {
    await bystander.leave();
    await quick.stop();
  }
});

test('a disk from which nothing can be removed is told, and ends nothing', async () => {
  const logged: string[] = [];
  const { spool, ledger } = receiver;
  const drop = jest.spyOn(spool, 'drop').mockRejectedValueOnce(new Error('read-only'));
  const log = (event: string) => void logged.push(event);
  const store = new StoreService({ spool, ledger, log, onReceived: () => undefined });
  const announced = {
    sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1',
    sopInstanceUid: '1.2.3',
    sourceAeTitle: PEER,
  };
  await store.abandon(store.begin({ ...announced, transferSyntaxUid: '1.2.840.10008.1.2.1' }));
  expect(logged).toEqual(['object not dropped']);
  drop.mockRestore();
});
