import { buffer } from 'node:stream/consumers';
import type { Definitions } from '../../fhir/definitions/types.ts';
import { isId } from '../../fhir/id.ts';
import { Links } from '../../fhir/links/links.ts';
import { PAGE_BYTES_MAX } from '../../store/pageBytes.ts';
import type { Store } from '../../store/store.ts';
import type { Binaries } from '../binaries.ts';
import type { Caller } from '../caller.ts';
import { notFound } from '../liveVersion.ts';
import type { Records } from '../records.ts';
import { gatherDocument, tooLarge, type DocumentResource, type Gathering } from './gather.ts';
import type { ReferenceReading } from './references.ts';

export type { DocumentResource } from './gather.ts';

/** Compositions with what makes documents of them. */
export class DocumentRecords {
  readonly #store: Store;
  readonly #records: Pick<Records, 'visible'>;
  readonly #binaries: Binaries;
  readonly #reading: ReferenceReading;

  /** @param base absolute URL of the FHIR base */
  constructor(
    store: Store,
    { records, binaries }: { records: Pick<Records, 'visible'>; binaries: Binaries },
    definitions: Definitions,
    base: string,
  ) {
    this.#store = store;
    this.#records = records;
    this.#binaries = binaries;
    this.#reading = { definitions, links: new Links(definitions), base };
  }

  /**
   * The Composition and all resources of its document, as they are at one moment.
   *
   * @throws FhirError as {@link gatherDocument}
   */
  async gather(caller: Caller, id: string): Promise<DocumentResource[]> {
    if (!isId(id)) throw notFound('Composition', id);
    const visible: Gathering['visible'] =
      caller.access === 'unrestricted' ? undefined : (found) => this.#records.visible(caller, found);
    const resources = await this.#store.database.transaction((tx) =>
      gatherDocument({ ...this.#reading, visible }, this.#store.view(tx, false), id),
    );
    caller.trail?.showsAll(resources.map(({ type, id, content }) => ({ type, id, content })));
    return this.#withBytes(caller, resources);
  }

  /** A document is read where there is no server to ask for the bytes of a Binary. @throws FhirError `too-large` */
  async #withBytes(caller: Caller, resources: DocumentResource[]): Promise<DocumentResource[]> {
    let chars = resources.reduce((sum, { content }) => sum + content.length, 0);
    const filled: DocumentResource[] = [];
    for (const resource of resources) {
      if (resource.type !== 'Binary' || !(await this.#binaries.isRaw(resource))) {
        filled.push(resource);
        continue;
      }
      const { bytes, open } = await this.#binaries.download(caller, resource.id, String(resource.version));
      chars += Math.ceil(bytes / 3) * 4;
      if (chars > PAGE_BYTES_MAX) throw tooLarge();
      const data = (await buffer(await open())).toString('base64');
      filled.push({ ...resource, content: `${resource.content.slice(0, -1)},"data":"${data}"}` });
    }
    return filled;
  }
}
