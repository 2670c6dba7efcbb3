import { FhirError } from '../../outcome.ts';
import type { ResourceReader } from './resourceReader.ts';
import type { DocumentReader, Tag } from './source.ts';

/** Depth of the elements in a Bundle: `entry`, and in it `resource`. */
const ENTRY = 2;
const RESOURCE = 3;

/**
 * Reads on where the resource of a batch's entry cannot be read: its fault is that entry's alone (http://hl7.org/fhir/R4/http.html#brules).
 * In everything else, and in what is no batch, the first fault ends the reading.
 */
export class BatchReader implements DocumentReader {
  readonly #reader: ResourceReader;
  /** By the index of the entry, which has no resource then. */
  readonly faults = new Map<number, FhirError>();
  /** Of the element that is open. */
  #depth = 0;
  #isBatch = false;
  #entry = -1;
  #isInResource = false;
  #isSkipping = false;

  constructor(reader: ResourceReader) {
    this.#reader = reader;
  }

  open(tag: Tag): void {
    this.#depth++;
    if (this.#isSkipping) return;
    if (this.#depth === ENTRY) this.#enter(tag);
    if (this.#depth === RESOURCE) this.#isInResource = this.#isBatch && tag.local === 'resource';
    try {
      this.#reader.open(tag);
    } catch (error) {
      this.#skipResource(error, this.#depth > RESOURCE);
    }
  }

  close(tag: Tag): void {
    const depth = this.#depth--;
    if (this.#isSkipping && depth > RESOURCE) return;
    this.#isSkipping = false;
    try {
      this.#reader.close(tag);
    } catch (error) {
      this.#skipResource(error, depth > RESOURCE);
    }
  }

  text(text: string): void {
    if (this.#isSkipping) return;
    try {
      this.#reader.text(text);
    } catch (error) {
      this.#skipResource(error, this.#depth >= RESOURCE);
    }
  }

  cdata(text: string): void {
    if (this.#isSkipping) return;
    try {
      this.#reader.cdata(text);
    } catch (error) {
      this.#skipResource(error, this.#depth >= RESOURCE);
    }
  }

  instruction(): void {
    if (!this.#isSkipping) this.#reader.instruction();
  }

  /** The type stands before the entries, or is a fault. */
  #enter({ local, attributes }: Tag): void {
    if (local === 'type') this.#isBatch = attributes.value?.value === 'batch';
    else if (local === 'entry') this.#entry++;
    this.#isInResource = false;
  }

  /** Notes a fault of an entry's resource, and goes on behind it. @throws whatever is no such fault */
  #skipResource(error: unknown, isInside: boolean): void {
    const isOfResource = isInside && this.#isInResource;
    if (!isOfResource || !(error instanceof FhirError) || error.category !== 'incorrect') throw error;
    this.faults.set(this.#entry, error);
    this.#isSkipping = true;
    this.#reader.giveUpEntry();
  }
}
