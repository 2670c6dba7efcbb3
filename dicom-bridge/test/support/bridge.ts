import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino, type Level, type Logger } from 'pino';
import { ADMINISTRATOR } from '../../../server/test/support/administrator.ts';
import { readConfig, type BridgeConfig } from '../../src/config.ts';
import { startBridge, type RunningBridge } from '../../src/main.ts';
import type { BridgeStatus } from '../../src/web/status.ts';
import { until } from './until.ts';

export { until } from './until.ts';

/** Who is admitted by DICOM_ALLOW. */
export const MODALITY = 'MODALITY';

export interface TestBridge extends RunningBridge {
  config: BridgeConfig;
  /** Lines of its log. */
  logged: readonly string[];
  /** Sends a request to its internal API, with its secret. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  status(): Promise<BridgeStatus>;
  /** Its status once it is so. */
  statusWhen(isSo: (status: BridgeStatus) => boolean | Promise<boolean>): Promise<BridgeStatus>;
  /** Ends it, and starts another one on the same folder. */
  restart(overrides?: Partial<BridgeConfig>): Promise<void>;
}

/** A bridge in this process, on free ports and a folder of its own, whose client may do everything. */
export async function openTestBridge(overrides: Partial<BridgeConfig> = {}): Promise<TestBridge> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-bridge-'));
  const clientFile = path.join(folder, 'client.json');
  writeFileSync(
    clientFile,
    JSON.stringify({ clientId: ADMINISTRATOR.id, clientSecret: ADMINISTRATOR.secret }),
  );
  const config: BridgeConfig = {
    ...readConfig({}),
    dicomPort: 0,
    allow: [{ aeTitle: MODALITY, address: '127.0.0.1' }],
    folder,
    clientFile,
    secretFile: path.join(folder, 'bridge.secret'),
    quietMs: 300,
    ...overrides,
  };
  const logged: string[] = [];
  const logger = loggerTo(logged);
  let running = await startBridge(config, logger);
  const ask = (at: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set('Authorization', `Bearer ${readFileSync(config.secretFile, 'utf8').trim()}`);
    return fetch(running.apiUrl + at, { ...init, headers });
  };
  const status = async () => (await (await ask('/status')).json()) as BridgeStatus;
  return {
    config,
    logged,
    get dicomPort() {
      return running.dicomPort;
    },
    get tlsPort() {
      return running.tlsPort!;
    },
    get apiUrl() {
      return running.apiUrl;
    },
    ask,
    status,
    statusWhen: (isSo) => until(status, isSo),
    restart: async (others) => {
      await running.stop();
      running = await startBridge({ ...config, ...others }, logger);
    },
    stop: async () => {
      await running.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Keeps the lines; MAXRAY_TEST_LOG is the least severity of which they are shown, too. */
function loggerTo(logged: string[]): Logger {
  const shown = process.env.MAXRAY_TEST_LOG;
  const keep = { level: 'info' as const, stream: { write: (line: string) => void logged.push(line) } };
  const show = { level: (shown ?? 'silent') as Level, stream: pino.destination(2) };
  return pino({ level: shown ?? 'info' }, pino.multistream(shown === undefined ? [keep] : [keep, show]));
}
