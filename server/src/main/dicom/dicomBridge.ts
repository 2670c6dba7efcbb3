import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { ConfigError, type Config } from '../../config.ts';
import type { ClientSecrets } from '../../identity/clientSecrets.ts';
import { OwnedFileError, ownedText } from '../../identity/ownedFile.ts';
import { BridgeClient } from '../../imaging/bridge/bridgeClient.ts';
import type { BridgePlace } from '../../imaging/bridge/exchange.ts';
import { makeFolder } from '../../store/makeFolder.ts';
import type { Lifetime } from '../lifetime.ts';
import { localRoot } from '../localRoot.ts';
import { CHECKOUT, type Machine } from '../machine.ts';
import type { StoreRecords } from '../storeRecords.ts';
import { openBridgeAccount } from './bridgeClientAccount.ts';
import { BridgeProcess } from './bridgeProcess.ts';

/** The DICOM bridge as the server asks it. */
export interface DicomBridge {
  client: BridgeClient;
  /** Where an embedded one is; undefined while it does not run. */
  place: BridgePlace | undefined;
  secret: string;
  secretFile: string;
  clientFile: string;
}

const SCRIPT = path.join(CHECKOUT, 'dicom-bridge/src/main.ts');
const SECRET_BYTES = 32;
const SECRET_CHARS_MIN = 32;

/** What asks the bridge; it need not run yet. @returns undefined with `DICOM=off` @throws ConfigError */
export function openDicomBridge(
  config: Config,
  dataDir: string,
  lifetime: Lifetime,
): DicomBridge | undefined {
  if (config.dicom === 'off') return undefined;
  const folder = path.join(dataDir, 'dicom');
  const secretFile = config.dicomBridgeSecretFile ?? path.join(folder, 'bridge.secret');
  const clientFile = config.dicomBridgeClientFile ?? path.join(folder, 'bridge-client.json');
  makeFolder(folder, 0o700);
  const secret = secretIn(secretFile);
  const url = config.dicom === 'external' ? config.dicomBridgeUrl : undefined;
  const client = new BridgeClient(() => bridge.place);
  const place = url === undefined ? undefined : { url, secret };
  const bridge: DicomBridge = { client, place, secret, secretFile, clientFile };
  lifetime.atEnd(() => client.close());
  return bridge;
}

/** Lets the bridge in, and has an embedded one run until the end of `lifetime`. @throws ConfigError */
export async function startDicomBridge(
  machine: Machine,
  main: Pick<StoreRecords, 'records' | 'settings'> & { secrets: ClientSecrets },
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

function secretIn(file: string): string {
  try {
    const secret = ownedText(file, () => `${randomBytes(SECRET_BYTES).toString('base64url')}\n`).trim();
    if (secret.length >= SECRET_CHARS_MIN) return secret;
    throw new ConfigError('DICOM_BRIDGE_SECRET_FILE', `has only ${secret.length} characters`);
  } catch (error) {
    if (error instanceof OwnedFileError) throw new ConfigError('DICOM_BRIDGE_SECRET_FILE', error.message);
    throw error;
  }
}
