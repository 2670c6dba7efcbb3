import { oneOf, text, url } from './readers.ts';
import { ConfigError } from './variables.ts';

/** Where the DICOM bridge is. */
export interface DicomConfig {
  dicom: 'embedded' | 'external' | 'off';
  /** Of an external one. */
  dicomBridgeUrl: string | undefined;
  /** Absent: in the data folder. */
  dicomBridgeSecretFile: string | undefined;
  dicomBridgeClientFile: string | undefined;
  /** What of the environment is meant for an embedded one, and for its Node. */
  dicomEnvironment: Readonly<Record<string, string>>;
}

const OF_THE_BRIDGE = /^(?:DICOM_|ORTHANC_)/;
/** What a process needs of its machine. No secret of the server is passed on. */
const OF_THE_MACHINE = new Set([
  'PATH',
  'HOME',
  'LANG',
  'TZ',
  'TMPDIR',
  'SystemRoot',
  'NODE_EXTRA_CA_CERTS',
  'LOG_LEVEL',
]);
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** @throws ConfigError that names the variable */
export function readDicom(env: NodeJS.ProcessEnv): DicomConfig {
  const dicom = oneOf(env, 'DICOM', 'embedded', ['embedded', 'external', 'off']) as DicomConfig['dicom'];
  const bridgeUrl = url(env, 'DICOM_BRIDGE_URL', ['https:', 'http:']);
  if (dicom === 'external' && bridgeUrl === undefined)
    throw new ConfigError('DICOM_BRIDGE_URL', 'is missing, and DICOM is external');
  return {
    dicom,
    dicomBridgeUrl: bridgeUrl === undefined ? undefined : privateOrigin(bridgeUrl),
    dicomBridgeSecretFile: text(env, 'DICOM_BRIDGE_SECRET_FILE'),
    dicomBridgeClientFile: text(env, 'DICOM_BRIDGE_CLIENT_FILE'),
    dicomEnvironment: Object.fromEntries(
      Object.entries(env).filter(
        (entry): entry is [string, string] =>
          entry[1] !== undefined && (OF_THE_BRIDGE.test(entry[0]) || OF_THE_MACHINE.has(entry[0])),
      ),
    ),
  };
}

/** Secret and images go there. */
function privateOrigin(value: string): string {
  const { protocol, hostname, origin, pathname, search, hash, username } = new URL(value);
  if (protocol === 'http:' && !LOOPBACK.has(hostname))
    throw new ConfigError('DICOM_BRIDGE_URL', 'is not https, so images would cross the network in the clear');
  if (pathname !== '/' || search !== '' || hash !== '' || username !== '')
    throw new ConfigError('DICOM_BRIDGE_URL', 'has more than a host and a port');
  return origin;
}
