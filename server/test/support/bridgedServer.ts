import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openTestBridge, type TestBridge } from '../../../dicom-bridge/test/support/bridge.ts';
import { freePort } from './program.ts';
import { removeFolder } from './removeFolder.ts';
import { startTestServer, type TestServer } from './server.ts';

/** A server that is given the images of a real bridge. */
export interface BridgedServer {
  server: TestServer;
  /** To be opened when the server has what the bridge is to find. */
  openBridge(): Promise<TestBridge>;
  closeBridge(): Promise<void>;
  /** Ends both. */
  stop(): Promise<void>;
}

export async function startBridgedServer(): Promise<BridgedServer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-bridged-'));
  const apiPort = await freePort();
  const files = { secretFile: path.join(folder, 'secret'), clientFile: path.join(folder, 'client.json') };
  const server = await startTestServer({
    dicom: 'external',
    dicomBridgeUrl: `http://127.0.0.1:${apiPort}`,
    dicomBridgeSecretFile: files.secretFile,
    dicomBridgeClientFile: files.clientFile,
  });
  let bridge: TestBridge | undefined;
  const closeBridge = async (): Promise<void> => {
    await bridge?.stop();
    bridge = undefined;
  };
  return {
    server,
    openBridge: async () => (bridge = await openTestBridge({ ...files, apiPort, maxrayUrl: server.url })),
    closeBridge,
    stop: async () => {
      await closeBridge();
      await server.stop();
      removeFolder(folder);
    },
  };
}
