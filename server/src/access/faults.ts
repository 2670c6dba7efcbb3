/** Why a part of a policy or a scope allows nothing. */
export interface Fault {
  /** FHIRPath of the faulty element in the AccessPolicy; the text of a scope. */
  expression: string;
  /** One sentence: what is wrong and what to do about it. */
  text: string;
  /** Nothing is wrong with it: it is about somebody that this caller is not, such as an organisation's own. */
  isOfOthers?: true;
}

/** A part that cannot be used: whatever it is a part of denies. */
export class PolicyFault extends Error {
  readonly isOfOthers: boolean;

  /** @param isOfOthers see {@link Fault} */
  constructor(text: string, isOfOthers = false) {
    super(text);
    this.name = 'PolicyFault';
    this.isOfOthers = isOfOthers;
  }
}

/** What `read` makes; undefined, with the fault noted, where it cannot. */
export function noting<T>(faults: Fault[], expression: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PolicyFault)) throw error;
    faults.push({ expression, text: error.message, ...(error.isOfOthers && { isOfOthers: true as const }) });
    return undefined;
  }
}
