import { createSipHash, type SipHash } from '../store/index/sipHash.ts';
import type { AuditAgent, AuditRecord } from './record.ts';

/** What a key stands for: in front of what is hashed, so that equal texts of different forms never meet. */
const FORM = { agent: 'a', identity: 'i', patient: 'p', resource: 'r' } as const;
type Form = (typeof FORM)[keyof typeof FORM];

/** Resources of one record of which each is an entry of the log's index, whatever it is moved with. */
export const INDEXED_RESOURCES_MAX = 4;
/** Bytes that are hashed without a buffer of their own. */
const SCRATCH_BYTES = 1_024;
const PATIENT = 'Patient/';
/** Keys that are compared one by one: so few take less time than a Set of them. */
const FEW = 8;
const HISTORY = '/_history/';

/** Keyed hashes by which records are found (decision 0012). A text that was found by its key is compared: a collision shows nothing. */
export class AuditKeys {
  readonly #hash: SipHash;
  readonly #scratch = Buffer.alloc(SCRATCH_BYTES);
  readonly #halves = new DataView(new ArrayBuffer(8));
  /** Of those who ask again and again. */
  readonly #agents = new WeakMap<AuditAgent, readonly bigint[]>();

  /** @param secret the store's, 16 bytes */
  constructor(secret: Uint8Array) {
    this.#hash = createSipHash(secret);
  }

  /**
   * All keys of a record, each once. A Patient among the resources is found as one of those whom the record is about; of others, where
   * there are many, what it shows.
   */
  of({ agent, patients, resources }: AuditRecord): { keys: bigint[]; shown: bigint[] } {
    const keys = [...this.#ofAgent(agent)];
    const shown: bigint[] = [];
    for (const id of patients) keys.push(this.patient(id));
    const ofResources = resources.length > INDEXED_RESOURCES_MAX ? shown : keys;
    for (const resource of resources) {
      const reference = withoutVersion(resource);
      if (!reference.startsWith(PATIENT)) ofResources.push(this.#key(FORM.resource, reference));
      else if (!patients.includes(reference.slice(PATIENT.length)))
        keys.push(this.#key(FORM.resource, reference));
    }
    return { keys: eachOnce(keys), shown: eachOnce(shown) };
  }

  #ofAgent(agent: AuditAgent): readonly bigint[] {
    let keys = this.#agents.get(agent);
    if (keys === undefined) {
      const { profile, onBehalfOf, client, user } = agent;
      keys = [
        ...[profile, onBehalfOf].filter((one) => one !== undefined).map((one) => this.agent(one)),
        ...[client, user].filter((one) => one !== undefined).map((one) => this.identity(one)),
      ];
      this.#agents.set(agent, keys);
    }
    return keys;
  }

  /** A reference to whoever acted, or for whom. */
  agent(reference: string): bigint {
    return this.#key(FORM.agent, reference);
  }

  /** client_id, or a user's account. */
  identity(id: string): bigint {
    return this.#key(FORM.identity, id);
  }

  patient(id: string): bigint {
    return this.#key(FORM.patient, id);
  }

  /** A reference, whatever its version. */
  resource(reference: string): bigint {
    return this.#key(FORM.resource, withoutVersion(reference));
  }

  #key(form: Form, text: string): bigint {
    const input = `${form}${text}`;
    const bytes = input.length * 3 > SCRATCH_BYTES ? Buffer.from(input) : this.#scratch;
    const length = bytes === this.#scratch ? this.#scratch.write(input) : bytes.length;
    this.#hash.hash(bytes, length);
    const [low, high] = this.#hash.result;
    this.#halves.setInt32(0, high!);
    this.#halves.setInt32(4, low!);
    return this.#halves.getBigInt64(0);
  }
}

const eachOnce = (keys: bigint[]): bigint[] =>
  keys.length > FEW ? [...new Set(keys)] : keys.filter((key, i) => keys.indexOf(key) === i);

/** `Patient/1/_history/2` -> `Patient/1`. */
export function withoutVersion(reference: string): string {
  const at = reference.lastIndexOf(HISTORY);
  const isVersion = at >= 0 && !reference.includes('/', at + HISTORY.length);
  return isVersion ? reference.slice(0, at) : reference;
}
