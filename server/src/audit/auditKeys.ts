import { createSipHash, type SipHash } from '../store/index/sipHash.ts';
import type { AuditRecord } from './record.ts';

/** What a key stands for: in front of what is hashed, so that equal texts of different forms never meet. */
const FORM = { agent: 'a', identity: 'i', patient: 'p', resource: 'r', address: 'n' } as const;
type Form = (typeof FORM)[keyof typeof FORM];

/** Bytes that are hashed without a buffer of their own. */
const SCRATCH_BYTES = 1_024;
/** Keys of agents and addresses, which come again with every request of theirs, that are remembered. */
const KEYS_REMEMBERED_MAX = 1_000;
const VERSION = /\/_history\/[^/]+$/;

/** Keyed hashes by which records are found (decision 0012). A text that was found by its key is compared: a collision shows nothing. */
export class AuditKeys {
  readonly #hash: SipHash;
  readonly #scratch = Buffer.alloc(SCRATCH_BYTES);
  readonly #remembered = new Map<string, bigint>();

  /** @param secret the store's, 16 bytes */
  constructor(secret: Uint8Array) {
    this.#hash = createSipHash(secret);
  }

  /** All keys of a record, each once. */
  of({ agent, address, patients, resources }: AuditRecord): bigint[] {
    const keys = new Set<bigint>();
    for (const who of [agent.profile, agent.onBehalfOf]) if (who !== undefined) keys.add(this.agent(who));
    for (const id of [agent.client, agent.user]) if (id !== undefined) keys.add(this.identity(id));
    if (address !== undefined) keys.add(this.address(address));
    for (const id of patients) keys.add(this.patient(id));
    for (const resource of resources) keys.add(this.resource(resource));
    return [...keys];
  }

  /** A reference to whoever acted, or for whom. */
  agent(reference: string): bigint {
    return this.#rememberedKey(FORM.agent, reference);
  }

  /** client_id, or a user's account. */
  identity(id: string): bigint {
    return this.#rememberedKey(FORM.identity, id);
  }

  patient(id: string): bigint {
    return this.#key(FORM.patient, id);
  }

  /** A reference, whatever its version. */
  resource(reference: string): bigint {
    return this.#key(FORM.resource, withoutVersion(reference));
  }

  address(address: string): bigint {
    return this.#rememberedKey(FORM.address, address);
  }

  #rememberedKey(form: Form, text: string): bigint {
    const input = `${form}${text}`;
    let key = this.#remembered.get(input);
    if (key === undefined) {
      if (this.#remembered.size >= KEYS_REMEMBERED_MAX) this.#remembered.clear();
      this.#remembered.set(input, (key = this.#key(form, text)));
    }
    return key;
  }

  #key(form: Form, text: string): bigint {
    const input = `${form}${text}`;
    const bytes = input.length * 3 > SCRATCH_BYTES ? Buffer.from(input) : this.#scratch;
    const length = bytes === this.#scratch ? this.#scratch.write(input) : bytes.length;
    this.#hash.hash(bytes, length);
    const [low, high] = this.#hash.result;
    return (BigInt(high!) << 32n) | BigInt(low! >>> 0);
  }
}

export const withoutVersion = (reference: string): string => reference.replace(VERSION, '');
