import path from 'node:path';
import { readAllowedPeers } from './config/allowedPeers.ts';
import { baseUrl, ConfigError, optionalWhole, text, together, whole } from './config/readers.ts';
import { isAeTitle, type Peer } from './peers/peer.ts';

export { ConfigError } from './config/readers.ts';

/** DICOM over TLS; the files are PEM. */
export interface TlsConfig {
  port: number;
  certFile: string;
  keyFile: string;
  caFile: string;
}

export interface BridgeConfig {
  dicomHost: string;
  /** 0: any that is free. */
  dicomPort: number;
  aeTitle: string;
  /** Peers for as long as the record has none. */
  allow: Peer[];
  tls?: TlsConfig;
  /** Absent: objects are kept in files. */
  orthanc?: { url: string; username: string; password: string };
  apiHost: string;
  /** 0: any that is free. */
  apiPort: number;
  secretFile: string;
  clientFile: string;
  /** Root of the FHIR server, without a slash at its end. */
  maxrayUrl: string;
  /** Of the bridge alone: spool, ledger and archive. */
  folder: string;
  spoolFreeBytesMin: number;
  quietMs: number;
  /** Between two checks whether X-ray units answer; 0: there are none. */
  echoMs: number;
  /** IANA name of the zone that modalities tell times in; absent: that of the process. */
  timeZone?: string;
  logLevel: string;
}

const CHECKOUT = path.resolve(import.meta.dirname, '../..');
const PORTS = [0, 65_535] as const;
const FREE_BYTES = [0, 2 ** 40] as const;
const ECHO_MS = [0, 86_400_000] as const;
const QUIET_MS = [0, 86_400_000] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'];

/** Environment -> configuration. @throws ConfigError on the first variable that does not fit */
export function readConfig(env: NodeJS.ProcessEnv): BridgeConfig {
  const folder = path.resolve(CHECKOUT, text(env, 'MAXRAY_DATA_DIR') ?? '.maxray', 'dicom');
  const tls = tlsConfig(env);
  const orthanc = orthancConfig(env);
  const zone = timeZone(env);
  return {
    dicomHost: text(env, 'DICOM_HOST') ?? '127.0.0.1',
    dicomPort: whole(env, 'DICOM_PORT', 11_112, PORTS),
    aeTitle: aeTitle(env),
    allow: readAllowedPeers(text(env, 'DICOM_ALLOW') ?? ''),
    ...(tls && { tls }),
    ...(orthanc && { orthanc }),
    apiHost: text(env, 'DICOM_BRIDGE_HOST') ?? '127.0.0.1',
    apiPort: whole(env, 'DICOM_BRIDGE_PORT', 0, PORTS),
    secretFile: text(env, 'DICOM_BRIDGE_SECRET_FILE') ?? path.join(folder, 'bridge.secret'),
    clientFile: text(env, 'DICOM_BRIDGE_CLIENT_FILE') ?? path.join(folder, 'bridge-client.json'),
    maxrayUrl: baseUrl(env, 'MAXRAY_URL') ?? 'http://127.0.0.1:8103',
    folder,
    spoolFreeBytesMin: whole(env, 'DICOM_SPOOL_FREE_BYTES_MIN', 2 ** 30, FREE_BYTES),
    quietMs: whole(env, 'DICOM_QUIET_MS', 60_000, QUIET_MS),
    echoMs: whole(env, 'DICOM_ECHO_MS', 300_000, ECHO_MS),
    ...(zone !== undefined && { timeZone: zone }),
    logLevel: logLevel(env),
  };
}

function aeTitle(env: NodeJS.ProcessEnv): string {
  const title = text(env, 'DICOM_AE_TITLE') ?? 'MAXRAY';
  if (!isAeTitle(title)) throw new ConfigError('DICOM_AE_TITLE', 'is no AE title (PS3.5 section 6.2)');
  return title;
}

function tlsConfig(env: NodeJS.ProcessEnv): TlsConfig | undefined {
  const port = optionalWhole(env, 'DICOM_TLS_PORT', PORTS);
  const set = together(env, [
    'DICOM_TLS_PORT',
    'DICOM_TLS_CERT_FILE',
    'DICOM_TLS_KEY_FILE',
    'DICOM_TLS_CA_FILE',
  ]);
  if (port === undefined || !set) return undefined;
  const { DICOM_TLS_CERT_FILE: certFile, DICOM_TLS_KEY_FILE: keyFile, DICOM_TLS_CA_FILE: caFile } = set;
  return { port, certFile, keyFile, caFile };
}

/** User and password alone mean nothing. */
function orthancConfig(env: NodeJS.ProcessEnv): BridgeConfig['orthanc'] {
  const url = baseUrl(env, 'ORTHANC_URL');
  if (url === undefined) return undefined;
  const set = together(env, ['ORTHANC_URL', 'ORTHANC_USERNAME', 'ORTHANC_PASSWORD'])!;
  return { url, username: set.ORTHANC_USERNAME, password: set.ORTHANC_PASSWORD };
}

function timeZone(env: NodeJS.ProcessEnv): string | undefined {
  const zone = text(env, 'DICOM_TIME_ZONE');
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
  } catch {
    throw new ConfigError('DICOM_TIME_ZONE', 'is no time zone, as Europe/Berlin is one');
  }
  return zone;
}

function logLevel(env: NodeJS.ProcessEnv): string {
  const level = text(env, 'LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(level)) throw new ConfigError('LOG_LEVEL', 'is none of the values that it takes');
  return level;
}
