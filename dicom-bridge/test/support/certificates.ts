import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Certificates that have signed themselves, by name, as PEM files. */
export interface Certificates {
  certFile(name: string): string;
  keyFile(name: string): string;
  /** As a peer has it. */
  fingerprintOf(name: string): string;
}

export function makeCertificates(folder: string, names: readonly string[]): Certificates {
  const certFile = (name: string) => path.join(folder, `${name}.crt`);
  const keyFile = (name: string) => path.join(folder, `${name}.key`);
  const form = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ];
  for (const name of names) {
    const files = ['-keyout', keyFile(name), '-out', certFile(name)];
    execFileSync('openssl', [...form, '-subj', `/CN=${name}`, ...files], { stdio: 'ignore' });
  }
  const fingerprintOf = (name: string): string =>
    new X509Certificate(readFileSync(certFile(name))).fingerprint256.replaceAll(':', '').toLowerCase();
  return { certFile, keyFile, fingerprintOf };
}
