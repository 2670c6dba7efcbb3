import path from 'node:path';
import { ConfigError } from '../../config.ts';
import type { ClientSecrets } from '../../identity/clientSecrets.ts';
import { OwnedFileError } from '../../identity/ownedFile.ts';
import type { Lifetime } from '../lifetime.ts';
import { localRoot } from '../localRoot.ts';
import { CHECKOUT, type Machine } from '../machine.ts';
import type { StoreRecords } from '../storeRecords.ts';
import { DICOMWEB_PATH } from '../../web/dicomweb/handler.ts';
import { openBridgeAccount } from './bridgeClientAccount.ts';
import { BridgeProcess } from './bridgeProcess.ts';
import { storeDicomwebEndpoint } from './dicomwebEndpoint.ts';

const SCRIPT = path.join(CHECKOUT, 'dicom-bridge/src/main.ts');

/** Lets the bridge in, says where images are fetched, and has an embedded one run until the end of `lifetime`. @throws ConfigError */
export async function startDicomBridge(
  machine: Machine,
  main: Pick<StoreRecords, 'records' | 'settings'> & { secrets: ClientSecrets; root: string },
  lifetime: Lifetime,
): Promise<void> {
  const { config, dataDir, dicomBridge: bridge, toLog: log, onProgress, ownPorts } = machine;
  if (!bridge) return;
  try {
    await openBridgeAccount(main, bridge.clientFile);
  } catch (error) {
    if (error instanceof OwnedFileError || error instanceof RangeError)
      throw new ConfigError('DICOM_BRIDGE_CLIENT_FILE', error.message);
    throw error;
  }
  await storeDicomwebEndpoint(main, `${main.root}${DICOMWEB_PATH}`);
  if (config.dicom !== 'embedded') return;
  const child = new BridgeProcess({
    script: SCRIPT,
    env: {
      ...config.dicomEnvironment,
      MAXRAY_DATA_DIR: dataDir,
      MAXRAY_URL: localRoot(machine),
      DICOM_BRIDGE_SECRET_FILE: bridge.secretFile,
      DICOM_BRIDGE_CLIENT_FILE: bridge.clientFile,
    },
    log,
    onReady: ({ apiUrl, aeTitle, dicomHost, dicomPort }) => {
      bridge.place = { url: apiUrl, secret: bridge.secret };
      ownPorts.push(Number(new URL(apiUrl).port), dicomPort);
      onProgress(`DICOM: ${aeTitle} at ${dicomHost}:${dicomPort}`);
    },
    onEnded: () => (bridge.place = undefined),
  });
  lifetime.atEnd(() => child.stop());
  child.start();
}
