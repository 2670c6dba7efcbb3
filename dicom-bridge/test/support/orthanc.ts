import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROGRAM } from '../../../scripts/services/orthanc.mjs';
import { Orthanc, type OrthancOptions } from '../../src/archive/orthanc/orthanc.ts';
import { freePort } from './freePort.ts';

export { isInstalled as hasOrthanc } from '../../../scripts/services/orthanc.mjs';

export interface TestOrthanc {
  options: OrthancOptions;
  orthanc: Orthanc;
  /** Where it is spoken to over DICOM, as ORTHANC. */
  dicomPort: number;
  /** Kills it, and starts it again on what it had. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const START_MS_MAX = 120_000;
const [username, password] = ['bridge', 'of-this-test'];

/** An Orthanc of its own, on free ports but for those that are given, without plugins. */
export async function startOrthanc(ports: { dicomPort?: number } = {}): Promise<TestOrthanc> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-orthanc-'));
  const [httpPort, dicomPort] = [await freePort(), ports.dicomPort ?? (await freePort())];
  const configuration = {
    StorageDirectory: path.join(folder, 'objects'),
    IndexDirectory: path.join(folder, 'index'),
    HttpPort: httpPort,
    DicomPort: dicomPort,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: true,
    RegisteredUsers: { [username]: password },
    OverwriteInstances: false,
    Plugins: [],
  };
  const file = path.join(folder, 'orthanc.json');
  writeFileSync(file, JSON.stringify(configuration));
  const options = { url: `http://127.0.0.1:${httpPort}`, username, password, timeoutMs: START_MS_MAX };
  const orthanc = new Orthanc(options);
  let end = await launch(file, orthanc);
  const restart = async () => {
    await end();
    end = await launch(file, orthanc);
  };
  const stop = async () => {
    await end();
    rmSync(folder, { recursive: true });
  };
  return { options, orthanc, dicomPort, restart, stop };
}

/** Resolves, when it answers, with what kills it. */
async function launch(configurationFile: string, orthanc: Orthanc): Promise<() => Promise<void>> {
  const child = spawn(PROGRAM, [configurationFile], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const deadlineMs = Date.now() + START_MS_MAX;
  while (!(await orthanc.instances('1.2.3').catch(() => undefined))) {
    if (Date.now() > deadlineMs) throw new Error('Orthanc did not start');
    await sleep(50);
  }
  return async () => {
    child.kill('SIGKILL');
    await exited;
  };
}
