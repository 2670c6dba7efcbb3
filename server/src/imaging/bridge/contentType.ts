import { isUid } from '@maxray/dicom-bridge/uid';

export interface ContentType {
  /** In lower case, without parameters. */
  mediaType: string;
  transferSyntaxUid?: string;
}

const TRANSFER_SYNTAX = /;\s*transfer-syntax\s*=\s*"?([0-9.]+)"?/i;

/** A Content-Type of the bridge: `image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50` (PS3.18 section 8.7.3.5.2). */
export function readContentType(header = 'application/octet-stream'): ContentType {
  const mediaType = header.split(';')[0]!.trim().toLowerCase();
  const uid = TRANSFER_SYNTAX.exec(header)?.[1];
  return uid !== undefined && isUid(uid) ? { mediaType, transferSyntaxUid: uid } : { mediaType };
}
