import { DIMSE_STATUS, type DimseAnswer } from '../dimse/services.ts';
import type { RetrievedInstance } from './findInstances.ts';
import type { Sent } from './objectSender.ts';
import { RETRIEVE_STATUS } from './retrieveStatus.ts';

export interface SubOperationParts {
  instances: readonly RetrievedInstance[];
  /** Sends one; a rejection means that no further one can be sent. */
  send: (instance: RetrievedInstance) => Promise<Sent>;
  /** Aborted when it is cancelled. */
  signal: AbortSignal;
  /** A pending response is due after so long even if nothing has got further; absent: never. */
  aliveMs?: number;
  /** Told why no further one can be sent. */
  onBroken: (error: unknown) => void;
}

/** As many as fit into one element of value representation UI. */
const FAILED_UIDS_MAX = 1_000;

/**
 * Sends objects one after the other, and tells after each how far it is; the last answer says how it has ended (PS3.4 sections C.4.2.3 and C.4.3.3).
 */
export async function* subOperations(parts: SubOperationParts): AsyncGenerator<DimseAnswer> {
  const progress = new Progress(parts.instances);
  for (const instance of parts.instances) {
    if (parts.signal.aborted) return yield progress.cancelled();
    const sending = sendSafely(parts, instance);
    while (!(await isSettled(sending, parts.aliveMs))) yield progress.pending();
    const sent = await sending;
    if (sent === 'broken') {
      progress.breakOff();
      break;
    }
    progress.note(instance, sent);
    if (progress.remaining > 0) yield progress.pending();
  }
  yield progress.final();
}

async function sendSafely(
  { send, onBroken }: SubOperationParts,
  instance: RetrievedInstance,
): Promise<Sent | 'broken'> {
  try {
    return await send(instance);
  } catch (error) {
    onBroken(error);
    return 'broken';
  }
}

/** Whether it has come to an end within a time. */
async function isSettled(sending: Promise<unknown>, withinMs: number | undefined): Promise<boolean> {
  if (withinMs === undefined) return true;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs);
  });
  const settled = sending.then(() => true);
  return Promise.race([settled, late]).finally(() => clearTimeout(timer));
}

/** How many objects were sent, and which were not. */
class Progress {
  readonly #counts: Record<Sent, number> = { completed: 0, warning: 0, failed: 0 };
  readonly #instances: readonly RetrievedInstance[];
  readonly #failed: string[] = [];
  #done = 0;

  constructor(instances: readonly RetrievedInstance[]) {
    this.#instances = instances;
  }

  get remaining(): number {
    return this.#instances.length - this.#done;
  }

  note({ sopInstanceUid }: RetrievedInstance, sent: Sent): void {
    this.#done += 1;
    this.#counts[sent] += 1;
    if (sent === 'failed') this.#failed.push(sopInstanceUid);
  }

  /** None of those that remain can be sent. */
  breakOff(): void {
    for (const one of this.#instances.slice(this.#done)) this.note(one, 'failed');
  }

  pending(): DimseAnswer {
    return { status: DIMSE_STATUS.pending, command: this.#command(true) };
  }

  cancelled(): DimseAnswer {
    return { status: DIMSE_STATUS.cancelled, command: this.#command(true), ...this.#failures() };
  }

  final(): DimseAnswer {
    return { status: this.#status(), command: this.#command(false), ...this.#failures() };
  }

  #status(): number {
    const { completed, warning, failed } = this.#counts;
    if (failed === 0) return warning === 0 ? DIMSE_STATUS.success : RETRIEVE_STATUS.withFailures;
    return completed + warning === 0 ? RETRIEVE_STATUS.cannotSend : RETRIEVE_STATUS.withFailures;
  }

  #failures(): Pick<DimseAnswer, 'dataSet'> {
    if (this.#failed.length === 0) return {};
    return { dataSet: { FailedSOPInstanceUIDList: this.#failed.slice(0, FAILED_UIDS_MAX) } };
  }

  /** How many remain is told while some do. */
  #command(isUnderWay: boolean): Record<string, number> {
    const { completed, warning, failed } = this.#counts;
    return {
      ...(isUnderWay && { NumberOfRemainingSuboperations: this.remaining }),
      NumberOfCompletedSuboperations: completed,
      NumberOfFailedSuboperations: failed,
      NumberOfWarningSuboperations: warning,
    };
  }
}
