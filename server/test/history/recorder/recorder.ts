import type { Answer, Client, Sending } from '../../acceptance/support/client.ts';
import { allVersions } from '../../fault/support/allVersions.ts';
import { ask } from '../../fault/support/outcome.ts';
import type { History, Operation, Seen, Write } from '../checker/history.ts';
import { TYPES, storedVersion } from './registers.ts';

/** What an answer tells. */
export interface Learned {
  /** Absent: those that were asked for. */
  writes?: Write[];
  views?: Seen[][];
  reads?: Seen[];
}

/** A request, and how its answer is to be understood. */
export interface Asked {
  path: string;
  sending: Sending;
  /** What is to be written. */
  writes: Write[];
  /** Of an answer that says that it was done. */
  done(answer: Answer): Learned;
  /** Of a refusal; absent: it tells nothing. */
  refused?(answer: Answer): Learned;
}

/** Sends requests and writes down what became of them. */
export class Recorder {
  readonly operations: Operation[] = [];
  /** Answers that must not happen at all. */
  readonly faults: string[] = [];
  acknowledged = 0;
  /** Of the operations, those that did not reach a server with a database. */
  unreached = 0;
  readonly #client: Client;
  #moment = 0;
  #marks = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  mark(): string {
    this.#marks += 1;
    return `m${this.#marks}`;
  }

  /** @returns what was recorded; undefined when nothing can be learned from it */
  async run(client: number, asked: Asked): Promise<Operation | undefined> {
    const invoked = this.#tick();
    const { outcome, answer, fault } = await ask(this.#client, asked.path, asked.sending);
    const ended = this.#tick();
    if (fault !== undefined) this.faults.push(fault);
    const { writes = asked.writes, views = [], reads = [] } = this.#learned(asked, outcome, answer);
    if (outcome === 'acknowledged') this.acknowledged += 1;
    if (writes.length + views.length + reads.length === 0) return undefined;
    if (outcome === 'refused' && (answer === undefined || answer.status === 503)) this.unreached += 1;
    const completed = outcome === 'unknown' ? Infinity : ended;
    const what = `${asked.sending.method ?? 'GET'} ${asked.path} ${told(asked, answer)}`;
    const operation = { client, what, invoked, completed, outcome, writes, views, reads };
    this.operations.push(operation);
    return operation;
  }

  #learned(asked: Asked, outcome: Operation['outcome'], answer: Answer | undefined): Learned {
    if (outcome === 'unknown' || answer === undefined || answer.status === 503) return {};
    try {
      return (outcome === 'acknowledged' ? asked.done(answer) : asked.refused?.(answer)) ?? {};
    } catch (error) {
      this.faults.push(`${asked.path}: ${String(error)}: ${answer.status} ${answer.text}`);
      return {};
    }
  }

  #tick(): number {
    this.#moment += 1;
    return this.#moment;
  }

  /** All that happened, and what is stored now. */
  async history(): Promise<History> {
    const versions = await allVersions(this.#client, TYPES);
    const stored = [...versions].map(
      ([key, all]) =>
        [key, new Map([...all].map(([version, one]) => [version, storedVersion(one)] as const))] as const,
    );
    return { operations: this.operations, stored: new Map(stored) };
  }
}

const WHAT_CHARS_MAX = 1500;

/** What was sent and answered, for whoever looks into a violation. */
function told({ sending: { headers, body } }: Asked, answer: Answer | undefined): string {
  const sent = body === undefined ? '' : typeof body === 'object' ? JSON.stringify(body) : body;
  const text = `${JSON.stringify(headers ?? {})} ${sent} => ${answer?.status} ${answer?.text}`;
  return text.slice(0, WHAT_CHARS_MAX);
}
