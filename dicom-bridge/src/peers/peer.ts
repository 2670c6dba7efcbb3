/** What a peer may ask for; what is not listed for it is refused. Codes of the code system maxray-dicom-service. */
export const PEER_SERVICES = ['store', 'worklist', 'mpps', 'commitment', 'query-retrieve'] as const;
export type PeerService = (typeof PEER_SERVICES)[number];

/** What a modality needs: to get at images of others takes more. */
export const SERVICES_OF_MODALITIES: readonly PeerService[] = ['store', 'worklist', 'mpps', 'commitment'];

/** An application entity that may open an association, and from where. */
export interface Peer {
  aeTitle: string;
  /** IP address. */
  address: string;
  /** Where it takes associations itself; absent: it takes none that is known. */
  port?: number;
  /** It is spoken to over TLS alone. */
  isTls?: boolean;
  /** Absent: {@link SERVICES_OF_MODALITIES}. */
  services?: readonly PeerService[];
  /** System of the numbers that it calls PatientID; absent: any medical record number. */
  issuer?: string;
  /** Specific Character Set (0008,0005) that it takes, where that is not ISO_IR 192. */
  characterSet?: string;
  /** SHA-256 of the certificate that it shows, as 64 lower-case hexadecimal digits; absent: any that the authorities have signed. */
  certificate?: string;
  /** Reference to its Device, as in `Device/123`. */
  device?: string;
}

/** PS3.5 section 6.2, value representation AE: 16 characters without control characters and backslash, not only spaces. */
const AE_TITLE = /^(?=.*[^ ])[\x20-\x5b\x5d-\x7e]{1,16}$/;

/** An address as peers have it: ::ffff:192.0.2.1 is 192.0.2.1. */
export const plainAddress = (address: string): string =>
  address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');

/** Is this an application entity title? Leading and trailing spaces mean nothing: strip them before. */
export const isAeTitle = (text: string): boolean => AE_TITLE.test(text) && text === text.trim();
