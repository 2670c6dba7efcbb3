/** Why the bridge gave no answer that can be used. */
export type BridgeFault =
  | 'not-found' // it has no such object, frame or value
  | 'incorrect' // it does not understand what was asked
  | 'not-acceptable' // it has it, in no form that was asked for
  | 'too-large'
  | 'too-costly' // it answers more than is held in memory for one answer
  | 'unsupported' // what was sent is no DICOM file
  | 'away' // it, or the archive behind it, does not answer: try again later
  | 'fault'; // it answers what it should not

/** Seconds after which trying again makes sense, where the bridge does not say. */
const RETRY_AFTER_S = 5;

/** The bridge could not do what it was asked. The message holds no patient data. */
export class BridgeError extends Error {
  readonly fault: BridgeFault;
  /** For `away`. */
  readonly retryAfterS: number;

  constructor(fault: BridgeFault, message: string, retryAfterS = RETRY_AFTER_S) {
    super(message);
    this.name = 'BridgeError';
    this.fault = fault;
    this.retryAfterS = retryAfterS;
  }
}

/** The bridge, or its archive, cannot be reached for now. */
export const bridgeAway = (why: string, retryAfterS?: number): BridgeError =>
  new BridgeError('away', why, retryAfterS);
