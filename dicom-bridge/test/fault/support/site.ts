import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { kill as killServer } from '../../../../server/test/fault/support/killer.ts';
import { workshop, type Program } from '../../../../server/test/support/program.ts';
import { freePort } from '../../support/freePort.ts';
import { startOrthanc, type TestOrthanc } from '../../support/orthanc.ts';
import { BridgeProgram } from './bridgeProgram.ts';
import type { Fault } from './plan.ts';

/** Server, bridge and Orthanc as programs of their own, each on its ports for good. */
export interface FaultSite {
  /** Of the test; nothing of the programs is in it. */
  folder: string;
  serverUrl: string;
  bridge: BridgeProgram;
  orthanc: TestOrthanc;
  /** Carries a fault out, and returns when everything answers again. */
  suffer(fault: Fault, isRefused: () => boolean): Promise<void>;
  /** What `maxray verify` prints. */
  verified(): Promise<string>;
  stop(): Promise<void>;
}

/** @param aeTitles who may send */
export async function openSite(aeTitles: readonly string[]): Promise<FaultSite> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-fault-'));
  const place = workshop();
  const [dataDir, port] = [place.dataDir(), await freePort()];
  const clientFile = path.join(folder, 'client.json');
  const secretFile = path.join(folder, 'secret');
  const env = {
    PORT: String(port),
    LOG_LEVEL: 'error',
    DICOM: 'external',
    DICOM_BRIDGE_URL: 'http://127.0.0.1:9', // the server asks for nothing
    DICOM_BRIDGE_SECRET_FILE: secretFile,
    DICOM_BRIDGE_CLIENT_FILE: clientFile,
  };
  const start = (): Program => place.server(dataDir, { env });
  let server = start();
  const serverUrl = await server.ready();
  const orthanc = await startOrthanc();
  const files = { clientFile, secretFile };
  const bridge = await BridgeProgram.start({
    folder,
    serverUrl,
    orthanc: orthanc.options,
    aeTitles,
    ...files,
  });

  const suffer = async (fault: Fault, isRefused: () => boolean): Promise<void> => {
    const { victim, earlyMs } = fault;
    if (victim === 'orthanc') return orthanc.restart();
    if (victim === 'bridge') return bridge.suffer(fault, isRefused);
    const early = earlyMs === undefined ? {} : { earlyMs };
    server = await killServer({ dataDir, start }, server, { victim, afterWrites: 0, ...early });
  };
  const verified = async (): Promise<string> => {
    const verify = place.verify(dataDir);
    await verify.exited;
    return verify.stdout();
  };
  const stop = async (): Promise<void> => {
    await bridge.stop();
    await place.cleanUp();
    await orthanc.stop();
    rmSync(folder, { recursive: true });
  };
  return { folder, serverUrl, bridge, orthanc, suffer, verified, stop };
}
