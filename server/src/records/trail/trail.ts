import type { AuditEventName } from '../../audit/events.ts';
import { OUTCOME, type AuditAgent, type AuditRecord, type Outcome } from '../../audit/record.ts';
import type { Audit } from '../../audit/audit.ts';
import type { AuditRow } from '../../store/audit/auditRow.ts';
import { addPatientsIn } from './patientsIn.ts';
import { securityEvent } from './securityEvents.ts';
import { doneUnrecorded } from './unrecorded.ts';

export { OUTCOME, type Outcome } from '../../audit/record.ts';
export type { AuditEventName } from '../../audit/events.ts';

/** Where records go. */
export type AuditLog = Pick<Audit, 'append' | 'rows'>;

/** Who asks, and from where. */
export interface Origin {
  agent: AuditAgent;
  /** IP address. */
  address?: string | undefined;
  /** Value of X-Request-Id. */
  requestId: string;
  /** Reasons for which records are open in an emergency, by the ids of their patients. */
  emergencies?: ReadonlyMap<string, string> | undefined;
}

/** What is asked for. */
export interface Asked {
  event: AuditEventName;
  /** Below the FHIR base, as it was sent; of what a resource does not say alone. */
  query?: string | undefined;
  /** The resource that the URL names. */
  target?: { type: string; id: string; versionId?: string | undefined } | undefined;
}

/** A resource that somebody sees. */
export interface ShownResource {
  type: string;
  id: string;
  /** As it is stored, also where parts of it are hidden; null: a deletion. */
  content: string | null;
  version?: number;
  containedIn?: { type: string; id: string };
}

/** Events of which each has written its own record when it was done. */
const WRITES: ReadonlySet<AuditEventName> = new Set<AuditEventName>(['create', 'update', 'patch', 'delete']);

/**
 * What one request, or one entry of a batch, sees and does, for its record in the audit log. The doors of this room tell it; whoever
 * answers the request ends it before the answer leaves.
 */
export class Trail {
  readonly #log: AuditLog;
  readonly #base: string;
  readonly #origin: Origin;
  #asked: Asked;
  readonly #resources = new Set<string>();
  readonly #patients = new Set<string>();
  readonly #whole: Trail | undefined;
  #hasWritten = false;

  /** @param base absolute URL of the FHIR base @param whole that this is a part of */
  constructor(log: AuditLog, base: string, origin: Origin, asked: Asked, whole?: Trail) {
    this.#whole = whole;
    this.#log = log;
    this.#base = base;
    this.#origin = origin;
    this.#asked = asked;
  }

  /** Who asks: kept with work that goes on after the answer. */
  get origin(): Origin {
    return this.#origin;
  }

  /** The trail of a part of the request that is recorded by itself. */
  part(asked: Asked): Trail {
    return new Trail(this.#log, this.#base, this.#origin, asked, this);
  }

  /** What turns out to be asked for. */
  asks(change: Partial<Asked>): void {
    this.#asked = { ...this.#asked, ...change };
  }

  /** Something that the answer shows, or is made of. */
  shows({ type, id, version, content, containedIn }: ShownResource): void {
    const own = containedIn ?? { type, id };
    const name = `${own.type}/${own.id}`;
    this.#resources.add(version === undefined ? name : `${name}/_history/${version}`);
    if (own.type === 'Patient') this.#patients.add(own.id);
    if (content !== null) addPatientsIn(content, this.#base, this.#patients);
  }

  showsAll(resources: readonly ShownResource[]): void {
    for (const resource of resources) this.shows(resource);
  }

  /**
   * Rows that a write is to store in its own transaction.
   *
   * @param content text of what is written, or deleted; without `meta.versionId`: the write knows it
   */
  rows(event: AuditEventName, type: string, id: string, content: string | null | undefined): AuditRow[] {
    const patients = new Set<string>(type === 'Patient' ? [id] : []);
    if (typeof content === 'string') addPatientsIn(content, this.#base, patients);
    const record = this.#withQuery(this.#record(event, OUTCOME.success, [...patients], [`${type}/${id}`]));
    const security = securityEvent(type);
    return this.#log.rows(security === undefined ? [record] : [record, { ...record, event: security }]);
  }

  /** Records something by itself, beside what the request is, before it goes on. @param reason of an emergency @throws FhirError busy */
  tells(event: AuditEventName, patient: string, reason: string): Promise<void> {
    const record = this.#record(event, OUTCOME.success, [patient], [`Patient/${patient}`]);
    return this.#log.append({ ...record, breakGlass: reason });
  }

  /** What was to be written is stored, with its rows. */
  wrote(): void {
    this.#hasWritten = true;
    this.#whole?.wrote();
  }

  /**
   * Records what the request was and how it ended: to be awaited before the answer leaves.
   *
   * @param text why it failed, without patient data
   * @throws FhirError busy when it cannot be recorded: then it must not be answered; it says so where something was stored all the same
   */
  async end(outcome: Outcome, text?: string): Promise<void> {
    try {
      await this.#end(outcome, text);
    } catch (error) {
      throw this.#hasWritten ? doneUnrecorded(error) : error;
    }
  }

  #end(outcome: Outcome, text: string | undefined): Promise<void> {
    const { event } = this.#asked;
    const isWrite = WRITES.has(event);
    if (outcome !== OUTCOME.success) return this.#log.append(this.#refused(outcome, text));
    if (isWrite && this.#hasWritten) return Promise.resolve();
    if (this.#resources.size === 0) return this.#log.append(this.#refused(outcome, undefined));
    // What was there already, and was shown instead of being written.
    const ended = isWrite ? 'read' : event;
    const record = this.#record(ended, outcome, [...this.#patients], [...this.#resources]);
    return this.#log.append(this.#withQuery(record));
  }

  /** Of a request that showed nothing: what it asked for. */
  #refused(outcome: Outcome, text: string | undefined): AuditRecord {
    const { event, target } = this.#asked;
    const version = target?.versionId === undefined ? '' : `/_history/${target.versionId}`;
    const named = target === undefined ? [] : [`${target.type}/${target.id}${version}`];
    const patients = target?.type === 'Patient' ? [target.id] : [];
    const record = this.#withQuery(this.#record(event, outcome, patients, named));
    return text === undefined ? record : { ...record, outcomeText: text };
  }

  #withQuery(record: AuditRecord): AuditRecord {
    const { query } = this.#asked;
    return query === undefined ? record : { ...record, query };
  }

  #record(
    event: AuditEventName,
    outcome: Outcome,
    patients: readonly string[],
    resources: readonly string[],
  ): AuditRecord {
    const { agent, address, requestId, emergencies } = this.#origin;
    const recordedMs = Date.now();
    const record: AuditRecord = { recordedMs, event, outcome, agent, requestId, patients, resources };
    if (address !== undefined) record.address = address;
    const breakGlass = emergencies && reasonFor(patients, emergencies);
    if (breakGlass !== undefined) record.breakGlass = breakGlass;
    return record;
  }
}

/** The reason for which the record of one of the patients is open in an emergency. */
const reasonFor = (patients: readonly string[], emergencies: ReadonlyMap<string, string>) =>
  patients.map((id) => emergencies.get(id)).find((one) => one !== undefined);
