import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProgram, until, type Program } from '../../../../server/test/support/program.ts';
import type { OrthancOptions } from '../../../src/archive/orthanc/orthanc.ts';
import type { BridgeStatus } from '../../../src/web/status.ts';
import { freePort } from '../../support/freePort.ts';
import type { Fault } from './plan.ts';

const SCRIPT = path.resolve(import.meta.dirname, '../../../src/main.ts');
/** More than is free on any disk of ours: a bridge that wants it takes no object. */
const NO_ROOM = { DICOM_SPOOL_FREE_BYTES_MIN: String(2 ** 40) };

export interface BridgeSite {
  folder: string;
  serverUrl: string;
  clientFile: string;
  secretFile: string;
  orthanc: OrthancOptions;
  /** Who may send. */
  aeTitles: readonly string[];
}

/** The bridge as a program: whatever is done to it, on the same ports and folder. */
export class BridgeProgram {
  readonly dicomPort: number;
  readonly #apiPort: number;
  readonly #site: BridgeSite;
  #program!: Program;

  private constructor(site: BridgeSite, dicomPort: number, apiPort: number) {
    this.#site = site;
    this.dicomPort = dicomPort;
    this.#apiPort = apiPort;
  }

  static async start(site: BridgeSite): Promise<BridgeProgram> {
    const bridge = new BridgeProgram(site, await freePort(), await freePort());
    await bridge.#startReady();
    return bridge;
  }

  /** @param isRefused whether a sender was told since that there is no room */
  async suffer({ earlyMs, isDiskFull }: Fault, isRefused: () => boolean): Promise<void> {
    await this.stop();
    if (earlyMs !== undefined) {
      this.#start();
      await sleep(earlyMs);
      await this.stop();
    }
    if (isDiskFull) {
      await this.#startReady(NO_ROOM);
      await until(isRefused, 'an object was refused for want of room');
      await this.stop();
    }
    await this.#startReady();
  }

  async status(): Promise<BridgeStatus> {
    const secret = readFileSync(this.#site.secretFile, 'utf8').trim();
    const headers = { Authorization: `Bearer ${secret}` };
    const answer = await fetch(`http://127.0.0.1:${this.#apiPort}/status`, { headers });
    return (await answer.json()) as BridgeStatus;
  }

  /** Names of all files in the spool. */
  spooled(): string[] {
    return readdirSync(path.join(this.#site.folder, 'dicom/spool'));
  }

  /** Kills it. */
  async stop(): Promise<void> {
    await this.#program.end('SIGKILL');
  }

  async #startReady(more: Record<string, string> = {}): Promise<void> {
    this.#start(more);
    await this.#program.says(/the DICOM bridge is ready/);
  }

  #start(more: Record<string, string> = {}): void {
    const { folder, serverUrl, clientFile, secretFile, orthanc, aeTitles } = this.#site;
    const env = {
      MAXRAY_DATA_DIR: folder,
      MAXRAY_URL: serverUrl,
      DICOM_BRIDGE_CLIENT_FILE: clientFile,
      DICOM_BRIDGE_SECRET_FILE: secretFile,
      DICOM_BRIDGE_PORT: String(this.#apiPort),
      DICOM_PORT: String(this.dicomPort),
      DICOM_ALLOW: aeTitles.map((aeTitle) => `${aeTitle}@127.0.0.1`).join(),
      DICOM_QUIET_MS: '500',
      ORTHANC_URL: orthanc.url,
      ORTHANC_USERNAME: orthanc.username,
      ORTHANC_PASSWORD: orthanc.password,
      ...more,
    };
    this.#program = startProgram(SCRIPT, [], { env });
  }
}
