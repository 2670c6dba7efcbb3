import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Listener, type ListenerLimits } from '../../src/dimse/listener.ts';
import type { DimseService } from '../../src/dimse/services.ts';
import { StoreService } from '../../src/dimse/storeService.ts';
import { openDatabase } from '../../src/ledger/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { AllowList } from '../../src/peers/allowList.ts';
import { Spool } from '../../src/spool/spool.ts';

export const AE_TITLE = 'MAXRAY';
export const PEER = 'MODALITY';
/** May ask for images, and send none. */
export const READER = 'READER';
const LOOPBACK = '127.0.0.1';

export interface TestReceiver {
  port: number;
  folder: string;
  spool: Spool;
  ledger: Ledger;
  /** Events that were logged, with what they tell. */
  logged: Record<string, unknown>[];
  stop(): Promise<void>;
}

/** What receives objects, on a free port, with a spool of its own. */
export async function startReceiver(
  settings: {
    limits?: Partial<ListenerLimits>;
    freeBytesMin?: number;
    services?: readonly DimseService[];
  } = {},
): Promise<TestReceiver> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-bridge-'));
  const spool = await Spool.open({
    folder: path.join(folder, 'spool'),
    freeBytesMin: settings.freeBytesMin ?? 0,
  });
  const database = openDatabase(path.join(folder, 'ledger.sqlite'));
  const ledger = new Ledger(database);
  const logged: Record<string, unknown>[] = [];
  const log = (event: string, details: Record<string, unknown>) => void logged.push({ event, ...details });
  const listener = await Listener.listen({
    host: LOOPBACK,
    port: 0,
    aeTitle: AE_TITLE,
    allowList: new AllowList([
      { aeTitle: PEER, address: LOOPBACK },
      { aeTitle: READER, address: LOOPBACK, services: ['query-retrieve'] },
    ]),
    store: new StoreService({ spool, ledger, log, onReceived: () => undefined }),
    log,
    ...(settings.services && { services: settings.services }),
    ...(settings.limits && { limits: settings.limits }),
  });
  const stop = async () => {
    await listener.close();
    await spool.close();
    database.close();
    rmSync(folder, { recursive: true });
  };
  return { port: listener.port, folder, spool, ledger, logged, stop };
}
