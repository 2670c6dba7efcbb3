import { randomUUID } from 'node:crypto';
import { isId } from '../../fhir/id.ts';
import { parseJson } from '../../fhir/json/parse.ts';
import { errorIssue, FhirError, fhirError } from '../../fhir/outcome.ts';
import type { Emergency } from '../../store/emergencies/emergencyTable.ts';
import type { Store } from '../../store/store.ts';
import { LOCAL_CALLER, type Caller } from '../caller.ts';
import { notFound } from '../liveVersion.ts';
import type { Records } from '../records.ts';
import { reviewTask } from './reviewTask.ts';

export type { Emergency } from '../../store/emergencies/emergencyTable.ts';

/** Characters of the reason: enough to say something, and no more than is read. */
export const REASON_CHARS_MIN = 10;
export const REASON_CHARS_MAX = 1_000;
/** Records that a user may open within an hour: nobody looks after more patients in an emergency, and each is an alert. */
export const OPENED_PER_HOUR_MAX = 20;
/** Emergencies that are listed at a time. */
export const LISTED_MAX = 1_000;

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export interface EmergenciesParts {
  store: Pick<Store, 'emergencies' | 'reader' | 'administration'>;
  records: Pick<Records, 'update'>;
  /** How long a record stays open. */
  minutes: number;
  /** Milliseconds since 1970 UTC. */
  nowMs?: () => number;
}

/** The door to opening records in an emergency (HIPAA 164.312(a)(2)(ii), decision 0038). */
export class Emergencies {
  readonly #parts: EmergenciesParts;
  readonly #nowMs: () => number;

  constructor(parts: EmergenciesParts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? Date.now;
  }

  /**
   * Opens the record of a patient to the user who asks, for all of the user's tokens. It is recorded, and whoever watches over privacy
   * gets a task, before anything is open.
   *
   * @throws FhirError `forbidden` for whom no policy lets do so, `not-found`, `incorrect` for a reason that is none, `throttled`
   */
  async open(caller: Caller, patient: string, reason: string): Promise<Emergency> {
    const account = requireUser(caller);
    const { store, records, minutes } = this.#parts;
    const given = requireReason(reason);
    const nowMs = this.#nowMs();
    if ((await store.emergencies.count(account, nowMs - HOUR_MS)) >= OPENED_PER_HOUR_MAX) throw tooMany();
    const found = isId(patient) ? await store.reader.read('Patient', patient) : undefined;
    if (!found?.content) throw notFound('Patient', patient);
    const emergency: Emergency = {
      id: randomUUID(),
      account,
      patient,
      reason: given,
      started: new Date(nowMs),
      expires: new Date(nowMs + minutes * MINUTE_MS),
    };
    await caller.trail?.tells('emergency-started', patient, given);
    const isRenewed = (await store.emergencies.openOf(account, nowMs)).some((one) => one.patient === patient);
    if (!isRenewed) {
      const task = reviewTask(emergency, caller.agent);
      const server = { ...LOCAL_CALLER, ...(caller.trail && { trail: caller.trail }) };
      await records.update(server, 'Task', task.id, parseJson(Buffer.from(JSON.stringify(task))));
    }
    await store.emergencies.open(emergency);
    store.administration.heard();
    return emergency;
  }

  /**
   * Ends what is open of a patient's record: to the user who asks, or, for administrators, to one user or to all.
   *
   * @param account `User/1` @returns those that were ended @throws FhirError `forbidden`
   */
  async end(caller: Caller, patient: string, account?: string): Promise<Emergency[]> {
    const { store } = this.#parts;
    const whose = caller.isAdministrator ? account : requireOwn(caller, account);
    const ending = { patient, by: caller.id, ...(whose !== undefined && { account: whose }) };
    const ended = await store.emergencies.end(ending, this.#nowMs());
    for (const { reason } of ended) await caller.trail?.tells('emergency-stopped', patient, reason);
    if (ended.length > 0) store.administration.heard();
    return ended;
  }

  /** The latest first, at most {@link LISTED_MAX}. @throws FhirError `forbidden` for others than administrators */
  async list(caller: Caller, isOpen: boolean): Promise<Emergency[]> {
    if (!caller.isAdministrator)
      throw fhirError(
        'forbidden',
        'forbidden',
        'Only administrators see who has opened records in an emergency.',
      );
    return this.#parts.store.emergencies.list(LISTED_MAX, isOpen ? this.#nowMs() : undefined);
  }
}

/** Said before anything is looked for: whoever may not open records learns nothing of which there are. */
function requireUser(caller: Caller): string {
  if (caller.mayBreakGlass === true) return caller.id;
  const text =
    'You may not open records in an emergency: that takes a user whose AccessPolicy says so (maxray-policy-break-glass).';
  throw fhirError('forbidden', 'forbidden', text);
}

function requireOwn(caller: Caller, account: string | undefined): string {
  const own = requireUser(caller);
  if (account === undefined || account === own) return own;
  throw fhirError(
    'forbidden',
    'forbidden',
    'Only administrators end what others have opened: leave out user.',
  );
}

function requireReason(reason: string): string {
  const given = reason.trim();
  if (given.length >= REASON_CHARS_MIN && given.length <= REASON_CHARS_MAX) return given;
  const text = `The parameter reason says why the record must be opened, in ${REASON_CHARS_MIN} to ${REASON_CHARS_MAX} characters.`;
  throw fhirError('incorrect', 'value', text, 'Parameters.parameter');
}

function tooMany(): FhirError {
  const text = `You have opened ${OPENED_PER_HOUR_MAX} records within an hour: wait, or ask an administrator for access.`;
  return new FhirError('throttled', [errorIssue('throttled', text)], HOUR_MS / 1000);
}
