import { expect, test } from '@jest/globals';
import { hasOrthanc, startOrthanc } from '../support/orthanc.ts';
import { openTestBridge, type TestBridge } from '../support/bridge.ts';
import { newUid } from '../../src/identifiers/uid.ts';
import { fileOf } from '../support/dicomObject.ts';
import { imageDataSet, ramp } from '../support/image.ts';

/** Of a server that does not run: what is archived can be seen nevertheless, by who may ask the bridge. */
const NOWHERE = 'http://127.0.0.1:1';

async function storeAndSee(bridge: TestBridge): Promise<void> {
  const uid = newUid();
  const headers = { 'Content-Type': 'application/dicom', 'X-Source': 'STOW' };
  const file = fileOf(imageDataSet({ sopInstanceUid: uid }), '1.2.840.10008.1.2.1', uid);
  const stored = await bridge.ask('/objects', { method: 'POST', headers, body: new Uint8Array(file) });
  expect(await stored.json()).toMatchObject({ status: 0, sopInstanceUid: uid });
  await bridge.statusWhen(({ objects }) => objects.archived === 1);
  const metadata = await bridge.ask(`/objects/${uid}/metadata`);
  expect(await metadata.json()).toMatchObject({ '00080018': { vr: 'UI', Value: [uid] } });
  const frame = await bridge.ask(`/objects/${uid}/frames/1?accept=*`);
  expect(Buffer.from(await frame.arrayBuffer()).equals(ramp(64 * 64))).toBe(true);
  const picture = await bridge.ask(`/objects/${uid}/rendered?format=image/jpeg&viewport=32,32`);
  expect(picture.headers.get('content-type')).toBe('image/jpeg');
  expect(Buffer.from(await picture.arrayBuffer()).readUInt16BE(0)).toBe(0xffd8);
}

test('what is stored is seen: metadata, frames and pictures', async () => {
  const bridge = await openTestBridge({ maxrayUrl: NOWHERE });
  try {
    await storeAndSee(bridge);
  } finally {
    await bridge.stop();
  }
});

(hasOrthanc() ? test : test.skip)('the same where Orthanc is the archive', async () => {
  const { options, stop } = await startOrthanc();
  try {
    const bridge = await openTestBridge({ maxrayUrl: NOWHERE, orthanc: options });
    await storeAndSee(bridge).finally(() => bridge.stop());
  } finally {
    await stop();
  }
});
