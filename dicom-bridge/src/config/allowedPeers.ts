import { isIP } from 'node:net';
import { isAeTitle, type Peer } from '../peers/peer.ts';
import { ConfigError } from './readers.ts';

/**
 * Reads `DICOM_ALLOW`: `AE@address,AE@address`.
 *
 * @throws ConfigError that names the entry
 */
export function readAllowedPeers(text: string): Peer[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return entries.map((entry) => {
    const at = entry.lastIndexOf('@');
    const [aeTitle, address] = [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
    if (at < 0 || !isAeTitle(aeTitle) || isIP(address) === 0)
      throw new ConfigError('DICOM_ALLOW', `has '${entry}': each entry is AE@address, with an IP address`);
    return { aeTitle, address };
  });
}
