import type { Access } from '../../access/access.ts';
import type { TypeSearch } from '../../fhir/search/ast.ts';
import type { StoredVersion } from '../../store/resource/types.ts';
import type { IncomingResource } from '../prepare.ts';
import type { Gate } from './gate.ts';
import { shown } from './shown.ts';
import type { WriteGate } from './writeGate.ts';

type Live = StoredVersion & { content: string };

/** What one caller with limits may see and do in a transaction. */
export class TransactionGate {
  readonly #access: Access;
  readonly #gate: Gate;
  readonly #writeGate: WriteGate;

  constructor(access: Access, gate: Gate, writeGate: WriteGate) {
    this.#access = access;
    this.#gate = gate;
    this.#writeGate = writeGate;
  }

  /** Criteria that only what the caller may see satisfies. @throws FhirError `forbidden` */
  async narrowed(criteria: TypeSearch): Promise<TypeSearch> {
    const query = { searches: [criteria], includes: [], contained: 'false' as const };
    return (await this.#gate.narrowed({ access: this.#access }, query)).searches[0]!;
  }

  /** The version as the caller may see it. @throws FhirError `not-found`, `gone`, `forbidden` */
  seen(
    interaction: 'read' | 'vread',
    type: string,
    id: string,
    found: StoredVersion | undefined,
  ): Promise<Live> {
    return this.#gate.seen({ access: this.#access }, interaction, type, id, found);
  }

  /** What a write is answered with. */
  shown(type: string, content: string): string {
    return shown(this.#access, 'read', type, content);
  }

  /**
   * @param before what is there; absent: the write makes it
   * @returns what is to be written @throws FhirError `forbidden`, `not-found`
   */
  written(
    id: string,
    before: StoredVersion | undefined,
    resource: IncomingResource,
  ): Promise<IncomingResource> {
    return this.#writeGate.checkPut(this.#access, id, before, resource, resource.value.id === id);
  }

  /** Whether there is something to delete, as far as the caller may know. @throws FhirError `forbidden` */
  async mayDelete(type: string, before: StoredVersion | undefined): Promise<boolean> {
    const { content } = before ?? {};
    if (!before || typeof content !== 'string') return false;
    return this.#writeGate.mayDelete(this.#access, type, { ...before, content });
  }
}
