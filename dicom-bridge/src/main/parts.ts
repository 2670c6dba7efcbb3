import { mkdirSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { FileArchive } from '../archive/files/fileArchive.ts';
import type { ImageArchive } from '../archive/imageArchive.ts';
import { Orthanc } from '../archive/orthanc/orthanc.ts';
import { OrthancArchive } from '../archive/orthanc/orthancArchive.ts';
import { SerialArchive } from '../archive/serialArchive.ts';
import type { BridgeConfig } from '../config.ts';
import { ErasureLedger } from '../erasure/erasureLedger.ts';
import { removeErasedFiles } from '../erasure/removeErasedFiles.ts';
import { FhirServer } from '../fhir/fhirServer.ts';
import { openDatabase } from '../ledger/database.ts';
import { Ledger } from '../ledger/ledger.ts';
import { StudyLedger } from '../ledger/studyLedger.ts';
import type { Log } from '../log/bridgeLog.ts';
import { StepLedger } from '../mpps/stepLedger.ts';
import { AllowList } from '../peers/allowList.ts';
import { Recorder } from '../record/recorder.ts';
import { Spool } from '../spool/spool.ts';
import { Burst } from '../upload/burst.ts';
import { recover } from '../upload/recover.ts';
import { Uploads } from '../upload/uploads.ts';
import type { Lifetime } from './lifetime.ts';

/** All that services and routes are made of. */
export interface BridgeParts {
  config: BridgeConfig;
  log: Log;
  database: DatabaseSync;
  ledger: Ledger;
  studies: StudyLedger;
  steps: StepLedger;
  erasures: ErasureLedger;
  spool: Spool;
  archive: ImageArchive;
  /** The same, for who changes it. */
  serialArchive: SerialArchive;
  allowList: AllowList;
  server: FhirServer;
  uploads: Uploads;
  recorder: Recorder;
  burst: Burst;
}

const FOLDER_MODE = 0o700;

/** Opens them; spool and ledger agree when it returns. @throws DatabaseTakenError, errors of the file system */
export async function openParts(config: BridgeConfig, log: Log, lifetime: Lifetime): Promise<BridgeParts> {
  const { folder, spoolFreeBytesMin: freeBytesMin, allow, maxrayUrl: url, clientFile, quietMs } = config;
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  const database = openDatabase(path.join(folder, 'ledger.sqlite'));
  lifetime.atEnd(() => database.close());
  const [ledger, studies] = [new Ledger(database), new StudyLedger(database)];
  const steps = new StepLedger(database);
  const erasures = new ErasureLedger(database);
  const spool = await Spool.open({ folder: path.join(folder, 'spool'), freeBytesMin });
  lifetime.atEnd(() => spool.close());
  await removeErasedFiles({ erasures, ledger, spool });
  await recover({ spool, ledger, log });
  const [archive, allowList] = [archiveOf(config), new AllowList(allow)];
  const serialArchive = new SerialArchive(archive);
  const server = new FhirServer({ url, clientFile, log });
  const issuerOf = (aeTitle: string) => allowList.issuerOf(aeTitle);
  const deviceOf = (aeTitle: string) => allowList.find(aeTitle)?.device;
  const burst = new Burst();
  lifetime.atEnd(() => burst.stop());
  const recorder = new Recorder({
    ledger,
    studies,
    spool,
    server,
    issuerOf,
    deviceOf,
    erasureOf: (study) => erasures.erasureOf(study),
    log,
    burst,
    silenceMs: quietMs,
  });
  lifetime.atEnd(() => recorder.stop());
  const uploads = new Uploads({
    ledger,
    spool,
    archive: serialArchive,
    log,
    burst,
    onSettled: () => recorder.wake(),
  });
  burst.onRoom(() => uploads.wake());
  burst.onRoom(() => recorder.wake());
  lifetime.atEnd(() => uploads.stop());
  return {
    ...{ config, log, database, ledger, studies, steps, erasures, spool, archive, allowList },
    ...{ serialArchive, server, uploads, recorder, burst },
  };
}

const archiveOf = ({ orthanc, folder }: BridgeConfig): ImageArchive =>
  orthanc ? new OrthancArchive(new Orthanc(orthanc)) : new FileArchive(path.join(folder, 'archive'));
