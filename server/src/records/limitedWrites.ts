import type { Access } from '../access/access.ts';
import { isId } from '../fhir/id.ts';
import { fhirError } from '../fhir/outcome.ts';
import { contentText } from '../store/resource/content.ts';
import type { Reader } from '../store/resource/reader.ts';
import type { ExpectedVersion, StoredVersion, Write, WriteResult } from '../store/resource/types.ts';
import { applied, requireExpected } from './applied.ts';
import { shown } from './gate/shown.ts';
import type { WriteGate } from './gate/writeGate.ts';
import { recorded } from './trail/recorded.ts';
import type { Trail } from './trail/trail.ts';
import { preparePut, type IncomingResource, type PrepareParts } from './prepare.ts';

/** How often a write begins anew because another writer changed what it was allowed on. */
const ATTEMPTS_MAX = 8;

export interface LimitedWriteParts {
  reader: Reader;
  prepare: PrepareParts;
  gate: WriteGate;
  write: (write: Write) => Promise<WriteResult>;
}

/** What may be written, with what is hidden from the caller in its place. */
export interface AllowedWrite {
  resource: IncomingResource;
  /** That the write must find; 0: none; absent: whichever is there. */
  version?: number;
}

/** Somebody with limits. */
export interface LimitedCaller {
  access: Access;
  trail?: Trail | undefined;
}

/**
 * Updates and deletions of callers with limits: decided on the version that is there, and carried out on no other, so that nothing is
 * changed that became forbidden meanwhile.
 */
export class LimitedWrites {
  readonly #parts: LimitedWriteParts;

  constructor(parts: LimitedWriteParts) {
    this.#parts = parts;
  }

  /** As Records.update. @throws FhirError `forbidden`, `not-found` */
  async update(
    { access, trail }: LimitedCaller,
    id: string,
    resource: IncomingResource,
    expectedVersion: ExpectedVersion | undefined,
  ) {
    const type = resource.value.resourceType;
    const { prepare, gate } = this.#parts;
    return this.#attempts(type, id, async (before) => {
      const checked = await allowedOver(gate, access, id, resource, before);
      requireExpected(type, id, checked.version, expectedVersion);
      const put = preparePut(prepare, checked.resource, id, checked.version);
      const write = recorded(trail, 'update', put);
      const result = await this.#parts.write(write);
      if (result.applied) trail?.wrote();
      const written = () => {
        const done = applied(type, id, result);
        const content = contentText(write.content, done.version, done.lastUpdated);
        return { type, id, ...done, content: shown(access, 'read', type, content) };
      };
      return { result, written };
    });
  }

  /** As Records.delete: what the caller may not see is not there. */
  async delete(
    { access, trail }: LimitedCaller,
    type: string,
    id: string,
    expectedVersion: ExpectedVersion | undefined,
  ) {
    return this.#attempts(type, id, async (stored) => {
      const before = await this.#deletable(access, type, stored);
      requireExpected(type, id, before?.version ?? 0, expectedVersion);
      if (before === undefined) return undefined;
      const deletion = { method: 'D' as const, type, id, expectedVersion: before.version };
      const write = recorded(trail, 'delete', deletion, before);
      const result = await this.#parts.write(write);
      if (result.applied) trail?.wrote();
      const written = () => {
        const done = applied(type, id, result);
        return { version: done.version, lastUpdated: done.lastUpdated };
      };
      return { result, written };
    });
  }

  /** What may be written now. @throws FhirError `forbidden`, `not-found` */
  async allowed(access: Access, id: string, resource: IncomingResource): Promise<AllowedWrite> {
    const before = await this.#found(resource.value.resourceType, id);
    return allowedOver(this.#parts.gate, access, id, resource, before);
  }

  /** What is there, if the caller may delete it. */
  async #deletable(
    access: Access,
    type: string,
    before: StoredVersion | undefined,
  ): Promise<StoredVersion | undefined> {
    if (!before || before.content === null) return undefined;
    const { content } = before;
    return (await this.#parts.gate.mayDelete(access, type, { ...before, content })) ? before : undefined;
  }

  /** A deletion included. */
  async #found(type: string, id: string): Promise<StoredVersion | undefined> {
    return isId(id) ? this.#parts.reader.read(type, id) : undefined;
  }

  async #attempts<T>(
    type: string,
    id: string,
    attempt: (
      before: StoredVersion | undefined,
    ) => Promise<{ result: WriteResult; written: () => T } | undefined>,
  ): Promise<T | undefined> {
    for (let i = 0; i < ATTEMPTS_MAX; i += 1) {
      const before = await this.#found(type, id);
      const done = await attempt(before);
      if (done === undefined) return undefined;
      if (done.result.applied) return done.written();
    }
    const text = `${type}/${id} was changed by others ${ATTEMPTS_MAX} times while it was written, and was not changed. Try again.`;
    throw fhirError('busy', 'transient', text);
  }
}

async function allowedOver(
  gate: WriteGate,
  access: Access,
  id: string,
  resource: IncomingResource,
  before: StoredVersion | undefined,
): Promise<AllowedWrite & { version: number }> {
  const isLive = before !== undefined && before.content !== null;
  return {
    resource: await gate.checkPut(access, id, before, resource, true),
    version: isLive ? before.version : 0,
  };
}
