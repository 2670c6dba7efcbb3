import { readFileSync } from 'node:fs';
import { ConfigError, type TlsConfig } from '../config.ts';

/** What is shown to peers, and the authorities of what they show: for their connections and for ours. */
export interface TlsFiles {
  cert: Buffer;
  key: Buffer;
  ca: Buffer;
}

/** @throws ConfigError for files that cannot be read */
export const readTlsFiles = ({ certFile, keyFile, caFile }: TlsConfig): TlsFiles => ({
  cert: pem(certFile, 'DICOM_TLS_CERT_FILE'),
  key: pem(keyFile, 'DICOM_TLS_KEY_FILE'),
  ca: pem(caFile, 'DICOM_TLS_CA_FILE'),
});

function pem(file: string, name: ConstructorParameters<typeof ConfigError>[0]): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(name, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
