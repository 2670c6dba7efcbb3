import { isIP } from 'node:net';
import type { MedplumClient } from '@medplum/core';
import type { Device, Endpoint, Extension } from '@medplum/fhirtypes';
import { isAeTitle, PEER_SERVICES, type Peer, type PeerService } from './peer.ts';
import { AE_TITLE_SYSTEM, aeTitleOf } from '../fhir/identifiers.ts';

/** Peers as the record has them. */
export interface FoundPeers {
  peers: Peer[];
  /** Endpoints that cannot be used, with why: `Endpoint/123: ...`. */
  ignored: string[];
}

const CONNECTION = 'https://maxray.example/fhir/CodeSystem/maxray-connection|dicom-dimse';
const PEER = 'https://maxray.example/fhir/StructureDefinition/maxray-dicom-peer';
const PEERS_MAX = 1_000;
/** As much of a page. */
const QUERY = { _count: String(PEERS_MAX) };
const CERTIFICATE = /^[0-9a-f]{64}$/;
const SCHEMES: Readonly<Record<string, boolean>> = { 'dicom:': false, 'dicoms:': true };

/**
 * Reads who is admitted: the Endpoints of DICOM's messages that are active, without those whose Device is not.
 *
 * @throws what the client's requests throw
 */
export async function readPeers(medplum: MedplumClient): Promise<FoundPeers> {
  const [endpoints, devices] = [
    await medplum.searchResources('Endpoint', { 'connection-type': CONNECTION, status: 'active', ...QUERY }),
    await medplum.searchResources('Device', { identifier: `${AE_TITLE_SYSTEM}|`, ...QUERY }),
  ];
  const deviceOf = new Map(devices.map((device) => [aeTitleOf(device), device]));
  const found: FoundPeers = { peers: [], ignored: [] };
  for (const endpoint of endpoints) {
    const peer = peerOf(endpoint, deviceOf.get(aeTitleOf(endpoint)));
    if (typeof peer === 'string') found.ignored.push(`Endpoint/${endpoint.id}: ${peer}`);
    else found.peers.push(peer);
  }
  return found;
}

/** The peer, or why there is none. */
function peerOf(endpoint: Endpoint, device: Device | undefined): Peer | string {
  const aeTitle = aeTitleOf(endpoint);
  if (aeTitle === undefined || !isAeTitle(aeTitle))
    return `it has no AE title (identifier ${AE_TITLE_SYSTEM})`;
  if (device !== undefined && device.status !== 'active') return `Device/${device.id} is not active`;
  const place = placeOf(endpoint.address);
  if (!place) return 'its address is not of the form dicom://[IP address]:[port]';
  const settings = settingsOf(endpoint);
  if (settings.certificate !== undefined && !CERTIFICATE.test(settings.certificate))
    return 'its certificate is not a SHA-256 of 64 hexadecimal digits';
  return { aeTitle, ...place, ...settings, ...(device && { device: `Device/${device.id}` }) };
}

/** `dicom://192.0.2.7:104`, `dicoms://[2001:db8::7]:2762`; without a port it takes no associations itself. */
function placeOf(address: string): Pick<Peer, 'address' | 'port' | 'isTls'> | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isTls = url && SCHEMES[url.protocol];
  const ip = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (isTls === undefined || isIP(ip) === 0) return undefined;
  return { address: ip, ...(url?.port && { port: Number(url.port) }), ...(isTls && { isTls }) };
}

/** What the extension of the Endpoint says. */
function settingsOf(endpoint: Endpoint): Partial<Peer> {
  const parts = endpoint.extension?.find(({ url }) => url === PEER)?.extension ?? [];
  const all = (name: string): Extension[] => parts.filter(({ url }) => url === name);
  const issuer = all('issuer')[0]?.valueUri;
  const characterSet = all('characterSet')[0]?.valueString;
  const certificate = all('certificate')[0]?.valueString?.replaceAll(':', '').toLowerCase();
  const services = all('service').map(({ valueCode }) => valueCode);
  return {
    ...(services.length > 0 && {
      services: PEER_SERVICES.filter((one: PeerService) => services.includes(one)),
    }),
    ...(issuer !== undefined && { issuer }),
    ...(characterSet !== undefined && { characterSet }),
    ...(certificate !== undefined && { certificate }),
  };
}
