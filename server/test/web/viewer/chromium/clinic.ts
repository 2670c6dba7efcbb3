import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openTestBridge, until } from '../../../../../dicom-bridge/test/support/bridge.ts';
import { freePort } from '../../../support/program.ts';
import { People } from '../../../support/people.ts';
import { startTestServer, type TestServer } from '../../../support/server.ts';

const BOUNDARY = 'b0und';

/** A server with a real bridge, and a patient. */
export interface Clinic {
  server: TestServer;
  people: People;
  /** Sends images of one study, and waits until they are recorded. @returns id of the ImagingStudy */
  store(studyInstanceUid: string, ...files: Buffer[]): Promise<string>;
  stop(): Promise<void>;
}

export async function openClinic(): Promise<Clinic> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-viewer-'));
  const files = { secretFile: path.join(folder, 'secret'), clientFile: path.join(folder, 'client.json') };
  const apiPort = await freePort();
  const server = await startTestServer({
    dicom: 'external',
    dicomBridgeUrl: `http://127.0.0.1:${apiPort}`,
    dicomBridgeSecretFile: files.secretFile,
    dicomBridgeClientFile: files.clientFile,
  });
  const people = new People(server);
  await people.put({
    resourceType: 'Patient',
    id: 'ann',
    identifier: [{ type: { coding: [{ code: 'MR' }] }, value: 'P1' }],
    name: [{ family: 'Test', given: ['Ann'] }],
    birthDate: '1980-02-03',
  });
  const bridge = await openTestBridge({ ...files, apiPort, maxrayUrl: server.url });
  return {
    ...{ server, people },
    store: async (uid, ...images) => {
      await send(server, images);
      const id = await until(
        () => studyWith(server, uid, images.length),
        (found) => found !== undefined,
      );
      return id;
    },
    stop: async () => {
      await bridge.stop();
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function send({ url, authorization }: TestServer, images: readonly Buffer[]): Promise<void> {
  const parts = images.flatMap((image) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`),
    image,
    Buffer.from('\r\n'),
  ]);
  const answer = await fetch(`${url}/dicomweb/studies`, {
    method: 'POST',
    headers: {
      Authorization: authorization,
      'Content-Type': `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`,
    },
    body: Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--`)]),
  });
  if (answer.status !== 200) throw new Error(`STOW-RS answered ${answer.status}: ${await answer.text()}`);
}

async function studyWith(server: TestServer, uid: string, instances: number): Promise<string | undefined> {
  const answer = await server.api().get(`/ImagingStudy?identifier=urn:dicom:uid|urn:oid:${uid}`);
  const { entry: [found] = [] } = JSON.parse(answer.text) as {
    entry?: { resource: { id: string; numberOfInstances: number } }[];
  };
  return found?.resource.numberOfInstances === instances ? found.resource.id : undefined;
}
