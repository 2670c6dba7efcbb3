import { expect } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MODALITY, openTestBridge, type TestBridge } from '../support/bridge.ts';
import { dcmtk } from '../support/dcmtk.ts';
import { xray, type TestObject } from '../support/dicomObject.ts';
import { mountSmallDisk, testWithSmallDisk } from '../support/smallDisk.ts';

const MIB = 2 ** 20;
const DISK_BYTES = 24 * MIB;
/** Of 2 MiB. */
const LARGE: Partial<TestObject> = { rows: 1024, columns: 1024 };
const REFUSED = /Store Response \(Refused: OutOfResources\)/;
const STORED = /Store Response \(Success\)/;

type Made = ReturnType<typeof xray>;

/** What storescu is told of each object. */
async function send(bridge: TestBridge, { object, file }: Made): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-objects-'));
  const name = path.join(folder, `${object.sopInstanceUid}.dcm`);
  writeFileSync(name, file);
  const to = ['-aet', MODALITY, '-aec', 'MAXRAY', '127.0.0.1', String(bridge.dicomPort)];
  const { output } = await dcmtk('storescu', ['-v', ...to, name]);
  rmSync(folder, { recursive: true });
  return output;
}

async function archived(bridge: TestBridge, { object, dataSet }: Made): Promise<boolean> {
  const answer = await bridge.ask(`/objects/${object.sopInstanceUid}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return answer.ok && bytes.subarray(-dataSet.length).equals(dataSet);
}

testWithSmallDisk(
  'a full disk refuses what it has no room for, and loses nothing that it has taken',
  async () => {
    const disk = mountSmallDisk(DISK_BYTES);
    const bridge = await openTestBridge({
      folder: disk.folder,
      spoolFreeBytesMin: 0, // so that it is the disk which refuses
      maxrayUrl: 'http://127.0.0.1:9', // nothing is there
    });
    try {
      const [before, large, small] = [xray(), xray(LARGE), xray()];
      expect(await send(bridge, before)).toMatch(STORED);
      await bridge.statusWhen(({ objects }) => objects['archived'] === 1);

      disk.fill(MIB);
      expect(await send(bridge, large)).toMatch(REFUSED);
      disk.fill(0);
      expect(await send(bridge, small)).toMatch(REFUSED);
      expect(readdirSync(path.join(disk.folder, 'spool')).filter((name) => name.endsWith('.part'))).toEqual(
        [],
      );
      expect(bridge.logged.filter((line) => line.includes('a700'))).toHaveLength(2);

      disk.empty();
      for (const one of [large, small]) expect(await send(bridge, one)).toMatch(STORED);
      await bridge.statusWhen(({ objects }) => objects['archived'] === 3);
      for (const one of [before, large, small]) expect(await archived(bridge, one)).toBe(true);
    } finally {
      await bridge.stop();
      disk.unmount();
    }
  },
);
