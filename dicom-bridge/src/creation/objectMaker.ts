import { STORE_STATUS, type StoreService, type StoreStatus } from '../dimse/storeService.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { FileMeta } from '../objects/fileMeta.ts';

/** An object that is ready to be stored. */
export interface MadeObject {
  meta: FileMeta & { studyInstanceUid: string };
  /** Its data set, in order. */
  pieces: readonly Buffer[];
}

/** Stores objects that are made here as if a modality had sent them. The UID of each follows from what it is made of: it is made once. */
export class ObjectMaker {
  readonly #store: Pick<StoreService, 'begin' | 'finish'>;
  readonly #ledger: Pick<Ledger, 'find'>;
  /** By SOP Instance UID: who sends the same twice at once gets one answer. */
  readonly #underWay = new Map<string, Promise<StoreStatus>>();

  constructor(store: Pick<StoreService, 'begin' | 'finish'>, ledger: Pick<Ledger, 'find'>) {
    this.#store = store;
    this.#ledger = ledger;
  }

  /** @param make called where no object has the UID; what it throws is thrown @returns status of C-STORE */
  async makeOnce(sopInstanceUid: string, make: () => MadeObject | Promise<MadeObject>): Promise<StoreStatus> {
    if (this.#ledger.find(sopInstanceUid)) return STORE_STATUS.success;
    const underWay = this.#underWay.get(sopInstanceUid);
    if (underWay) return underWay;
    const making = this.#make(make).finally(() => this.#underWay.delete(sopInstanceUid));
    this.#underWay.set(sopInstanceUid, making);
    return making;
  }

  async #make(make: () => MadeObject | Promise<MadeObject>): Promise<StoreStatus> {
    const { meta, pieces } = await make();
    const incoming = this.#store.begin(meta);
    for (const piece of pieces) incoming.write(piece);
    incoming.end();
    return this.#store.finish(incoming);
  }
}
