import type { AuditEventName } from './events.ts';

/** AuditEvent.outcome (http://hl7.org/fhir/R4/valueset-audit-event-outcome.html). */
export const OUTCOME = {
  success: 0,
  /** The request was wrong, or what it asked for is not there. */
  minorFailure: 4,
  /** It was refused: not signed in, not allowed. */
  seriousFailure: 8,
  /** The server could not do it. */
  majorFailure: 12,
} as const;
export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME];

/** Who did it. All absent: the server by itself. */
export interface AuditAgent {
  /** client_id of the application. */
  client?: string;
  /** Id of the user's account; absent where a client acts for itself. */
  user?: string;
  userName?: string;
  /** Whom the user is: `Practitioner/1`. */
  profile?: string;
  roles?: readonly string[];
  /** Reference to the one for whom the user or client acts. */
  onBehalfOf?: string;
  /** Codes of v3-ActReason, such as TREAT. */
  purposes?: readonly string[];
}

/**
 * One thing that happened, by the patterns of IHE BALP: who did what to which resources, about whom, from where, and how it
 * ended. `audit/auditEvent` renders it as an AuditEvent.
 */
export interface AuditRecord {
  /** Milliseconds since 1970 UTC. */
  recordedMs: number;
  event: AuditEventName;
  outcome: Outcome;
  /** Why it failed; never patient data. */
  outcomeText?: string;
  agent: AuditAgent;
  /** IP address of the client; absent: it came from this server. */
  address?: string;
  /** Value of X-Request-Id. */
  requestId?: string;
  /** Ids of the patients whom it is about. */
  patients: readonly string[];
  /** `Type/id`, or `Type/id/_history/version`. */
  resources: readonly string[];
  /** What was asked for, as it was sent, below the FHIR base: `Observation?code=8867-4`. */
  query?: string;
  /** Reason that was given for access in an emergency. */
  breakGlass?: string;
  /** client_id of the program that has seen it and tells of it; absent: this server. */
  observer?: string;
  /** Studies whose images were transferred, by their Study Instance UIDs. */
  studies?: readonly TransferredStudy[];
}

/** Study Instance UID, and how many images of it. */
export type TransferredStudy = readonly [studyInstanceUid: string, instances: number];
