/** How the payer behaves. */
export interface Manners {
  insured: boolean;
  decision: 'accept' | 'deny' | 'partial';
  /** Decides later: what is asked meanwhile is answered by nothing. */
  delays: boolean;
  /** Says everything twice. */
  doubles: boolean;
  /** Takes the next so many requests and hangs up without an answer. */
  hangUps: number;
  /** Refuses the form of claims. */
  refuses: boolean;
}

/** A claim as the payer keeps it. */
export interface KnownClaim {
  number: string;
  /** Of each line, in cents. */
  lines: { sequence: number; cents: number; procedure: string }[];
  state: 'open' | 'decided' | 'void';
  /** How often it came. */
  times: number;
  /** The claim that it replaces, in the payer's numbers. */
  replaces?: string;
  /** What insurers before have paid, or agreed that nobody pays, in cents. */
  earlierCents: number;
}

/** What the payer pays of a line in cents: all; nothing; or 80 % of 90 %, 10 % being written off. */
export interface LineDecision {
  sequence: number;
  cents: number;
  paid: number;
  share: number;
  writeOff: number;
}

/** What a way of speaking to the payer needs of it. */
export interface PayerBooks {
  manners: Manners;
  readonly claims: ReadonlyMap<string, KnownClaim>;
  /** Bodies of X12, as they came. */
  readonly interchanges: string[];
  /** Takes a claim in. */
  receive(claim: Omit<KnownClaim, 'state' | 'times'>, isVoid: boolean): KnownClaim;
  decisions(claim: KnownClaim): LineDecision[];
}
