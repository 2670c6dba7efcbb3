/** The bytes are not DICOM upper layer protocol, or exceed its limits: drop the connection. */
export class PduError extends Error {
  override readonly name = 'PduError';
}
