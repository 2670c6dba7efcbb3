import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installPackage } from '../../../scripts/install/debianPackage.mjs';
import { install, PROGRAM } from '../../../scripts/services/orthanc.mjs';
import { endWithParent, stopChild } from '../processes/childProcess.ts';
import { freePort } from '../processes/freePort.ts';
import { LOOPBACK, type Target } from '../processes/target.ts';
import { until } from '../processes/until.ts';
import { BENCH_AE_TITLE, type DicomPlace } from './dcmtk.ts';

/** An Orthanc; as a target, its DICOMweb. */
export interface Orthanc extends Target, DicomPlace {
  url: string;
  username: string;
  password: string;
  /** Of DICOM files that are items of its worklist. */
  worklistFolder: string;
  /** How many objects it has. */
  objects(): Promise<number>;
}

const PLUGINS = '/usr/share/orthanc/plugins';
const WORKLIST_PLUGIN = path.join(PLUGINS, 'libModalityWorklists.so');
const DICOMWEB_PLUGIN = path.join(PLUGINS, 'libOrthancDicomWeb.so');
const DICOMWEB_BASE = '/dicom-web';
const AE_TITLE = 'ORTHANC';
const [USERNAME, PASSWORD] = ['bench', 'of-this-run'];
/** As many as send at once: with fewer it would take longer, and flatter the server. */
const DICOM_THREADS = 8;

/** Brings Orthanc and its DICOMweb in. @throws Error that says why it cannot be had */
export const installOrthanc = async (): Promise<void> => {
  await install();
  await installPackage('orthanc-dicomweb', DICOMWEB_PLUGIN);
};

/** Starts one with nothing in it. @param folder is emptied */
export const startOrthanc = async (folder: string): Promise<Orthanc> => {
  rmSync(folder, { recursive: true, force: true });
  const worklistFolder = path.join(folder, 'worklist');
  mkdirSync(worklistFolder, { recursive: true });
  const [port, dicomPort] = [await freePort(), await freePort()];
  const file = path.join(folder, 'orthanc.json');
  writeFileSync(file, JSON.stringify(configuration(folder, worklistFolder, port, dicomPort)));
  const child = spawn(PROGRAM, [file], { stdio: 'ignore' });
  endWithParent(child);
  const authorization = `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')}`;
  const url = `http://${LOOPBACK}:${port}`;
  const objects = async (): Promise<number> => {
    const response = await fetch(`${url}/statistics`, { headers: { authorization } });
    return ((await response.json()) as { CountInstances: number }).CountInstances;
  };
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`Orthanc ended with code ${child.exitCode}`);
    return objects().then(
      () => true,
      () => false, // nobody listens yet
    );
  }, 'Orthanc answers');
  return {
    ...{ pid: child.pid as number, port, dicomPort, authorization, url, worklistFolder, objects },
    ...{ aeTitle: AE_TITLE, username: USERNAME, password: PASSWORD, basePath: DICOMWEB_BASE },
    stop: () => stopChild(child, 'Orthanc'),
  };
};

const configuration = (folder: string, worklistFolder: string, port: number, dicomPort: number): object => ({
  StorageDirectory: path.join(folder, 'objects'),
  IndexDirectory: path.join(folder, 'index'),
  HttpPort: port,
  DicomPort: dicomPort,
  DicomAet: AE_TITLE,
  DicomThreadsCount: DICOM_THREADS,
  DicomModalities: { bench: [BENCH_AE_TITLE, LOOPBACK, dicomPort] }, // who is not listed gets no worklist
  RemoteAccessAllowed: false,
  AuthenticationEnabled: true,
  RegisteredUsers: { [USERNAME]: PASSWORD },
  OverwriteInstances: false,
  KeepAlive: true,
  TcpNoDelay: true,
  Plugins: [WORKLIST_PLUGIN, DICOMWEB_PLUGIN],
  Worklists: { Enable: true, Database: worklistFolder },
  DicomWeb: { Enable: true, Root: `${DICOMWEB_BASE}/` },
});
