import { rmSync } from 'node:fs';
import path from 'node:path';
import { DATABASES, openDatabase, type BenchDatabase } from '../database/database.ts';
import type { BenchOptions } from '../options.ts';
import { CACHE_FOLDER } from '../paths.ts';
import { startServer } from '../processes/serverProcess.ts';
import type { Target } from '../processes/target.ts';
import { serverOptions } from '../settings.ts';
import { bridgeSetup, openBridge, type Bridge } from './bridge.ts';
import type { ArchiveKind } from './figures.ts';
import { startOrthanc, type Orthanc } from './orthanc.ts';

/** A server with its bridge, both with nothing in them, and the Orthanc that they are held against. */
export interface ImagingWorld {
  archive: ArchiveKind;
  server: Target;
  database: BenchDatabase;
  bridge: Bridge;
  floor: Orthanc;
  /** Of what is sent. */
  folder: string;
  close(): Promise<void>;
}

const NAME = 'imaging';

export const openImagingWorld = async (
  options: BenchOptions,
  postgresUrl: string,
  archive: ArchiveKind,
): Promise<ImagingWorld> => {
  const opened: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).reverse()) await one();
  };
  const orthanc = async (name: string): Promise<Orthanc> => {
    const started = await startOrthanc(path.join(CACHE_FOLDER, name));
    opened.push(() => started.stop());
    return started;
  };
  try {
    const database = await openDatabase(postgresUrl, false, DATABASES.imaging);
    opened.push(() => database.close());
    const floor = await orthanc('orthanc-floor');
    const setup = await bridgeSetup(archive === 'orthanc' ? await orthanc('orthanc-archive') : undefined);
    const ofServer = serverOptions(options, database.url, NAME);
    const folder = path.join(CACHE_FOLDER, 'images');
    for (const old of [ofServer.dataFolder, folder]) rmSync(old, { recursive: true, force: true });
    const server = await startServer({ ...ofServer, environment: setup.environment });
    opened.push(() => server.stop());
    const bridge = await openBridge(setup, ofServer.dataFolder);
    return { archive, server, database, bridge, floor, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
};
