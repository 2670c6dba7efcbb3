import type { Access } from '../access/access.ts';
import { isId } from '../fhir/id.ts';
import { fhirError } from '../fhir/outcome.ts';
import { contentText } from '../store/resource/content.ts';
import type { Reader } from '../store/resource/reader.ts';
import type { Write, WriteResult } from '../store/resource/types.ts';
import { applied } from './applied.ts';
import { shown } from './gate/shown.ts';
import type { Before, WriteGate } from './gate/writeGate.ts';
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
    expectedVersion: number | undefined,
  ) {
    const type = resource.value.resourceType;
    const { prepare, gate } = this.#parts;
    return this.#attempts(type, id, expectedVersion, async (before) => {
      let checked = resource;
      if (before) checked = await gate.checkUpdate(access, before, resource);
      else await gate.checkCreate(access, resource, id);
      const put = preparePut(prepare, checked, id, expectedVersion ?? before?.version ?? 0);
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
    expectedVersion: number | undefined,
  ) {
    return this.#attempts(type, id, expectedVersion, async (before) => {
      if (!before || !(await this.#parts.gate.mayDelete(access, type, before))) return undefined;
      const version = expectedVersion ?? before.version;
      const deletion = { method: 'D' as const, type, id, expectedVersion: version };
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

  async #attempts<T>(
    type: string,
    id: string,
    expectedVersion: number | undefined,
    attempt: (before: Before | undefined) => Promise<{ result: WriteResult; written: () => T } | undefined>,
  ): Promise<T | undefined> {
    for (let i = 0; i < ATTEMPTS_MAX; i += 1) {
      const found = isId(id) ? await this.#parts.reader.read(type, id) : undefined;
      const before = found && found.content !== null ? { ...found, content: found.content } : undefined;
      const done = await attempt(before);
      if (done === undefined) return undefined;
      if (done.result.applied || expectedVersion !== undefined) return done.written();
    }
    const text = `${type}/${id} was changed by others ${ATTEMPTS_MAX} times while it was written, and was not changed. Try again.`;
    throw fhirError('busy', 'transient', text);
  }
}
