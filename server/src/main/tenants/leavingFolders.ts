import type { TenantRow } from '../../store/tenants/tenantTable.ts';
import { removeFolder, tenantFolder } from './tenantPlace.ts';

/**
 * Folders on this machine of tenants that are being removed. Each stays until its tenant is gone: whoever removes it keeps its audit
 * log before, with the keys and copies of checkpoints that are in the folder.
 */
export class LeavingFolders {
  readonly #folders: string;
  /** Names of the tenants, by schema: another one may have the name of one that was removed. */
  readonly #names = new Map<string, string>();

  constructor(folders: string) {
    this.#folders = folders;
  }

  get names(): Iterable<string> {
    return this.#names.values();
  }

  /** A tenant that is being removed, or is gone. */
  note(name: string, row: Pick<TenantRow, 'schema'> | undefined): void {
    if (row) this.#names.set(row.schema, name);
  }

  /** Removes those of tenants that had this name. @param present the one that has it, if there is one */
  async removeBut(name: string, present: Pick<TenantRow, 'schema'> | undefined): Promise<void> {
    for (const [schema, of] of this.#names) {
      if (of !== name || schema === present?.schema) continue;
      await removeFolder(tenantFolder(this.#folders, { schema }));
      this.#names.delete(schema);
    }
  }
}
