import { MedplumClient } from '@medplum/core';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ADMINISTRATOR } from '../../../server/test/support/administrator.ts';
import { startTestServer, type TestServer } from '../../../server/test/support/server.ts';
import type { BridgeConfig } from '../../src/config.ts';
import { openTestBridge, type TestBridge } from './bridge.ts';

/** A server, and a bridge that has the rights of a bridge there. */
export interface TestClinic {
  /** Signed in as the administrator. */
  medplum: MedplumClient;
  bridge: TestBridge;
  server: TestServer;
  stop(): Promise<void>;
}

/** Both in this process. @param overrides settings of the bridge */
export async function openTestClinic(overrides: Partial<BridgeConfig> = {}): Promise<TestClinic> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-clinic-'));
  const files = { secretFile: path.join(folder, 'secret'), clientFile: path.join(folder, 'client.json') };
  const server = await startTestServer({
    dicom: 'external',
    dicomBridgeUrl: 'http://127.0.0.1:1', // the server asks for nothing
    dicomBridgeSecretFile: files.secretFile,
    dicomBridgeClientFile: files.clientFile,
  });
  const medplum = new MedplumClient({ baseUrl: `${server.url}/`, fhirUrlPath: 'fhir/R4', maxRetries: 0 });
  await medplum.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
  const bridge = await openTestBridge({ ...files, maxrayUrl: server.url, ...overrides });
  const stop = async () => {
    await bridge.stop();
    await server.stop();
    rmSync(folder, { recursive: true });
  };
  return { medplum, bridge, server, stop };
}
