import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { ConfigError, type Config } from '../../config.ts';
import { OwnedFileError, ownedText } from '../../identity/ownedFile.ts';
import { BridgeClient } from '../../imaging/bridge/bridgeClient.ts';
import type { BridgePlace } from '../../imaging/bridge/exchange.ts';
import { makeFolder } from '../../store/makeFolder.ts';
import type { Lifetime } from '../lifetime.ts';

/** The DICOM bridge as the server asks it. */
export interface DicomBridge {
  client: BridgeClient;
  /** Where an embedded one is; undefined while it does not run. */
  place: BridgePlace | undefined;
  secret: string;
  secretFile: string;
  clientFile: string;
}

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
