import type { Definitions } from './types.ts';

/** Definitions whose search parameters can be exchanged while others hold on to them. */
export class LiveDefinitions implements Definitions {
  readonly fhirVersion: string;
  readonly resourceTypes: readonly string[];
  readonly isAdministrative: Definitions['isAdministrative'];
  readonly isResourceType: Definitions['isResourceType'];
  readonly type: Definitions['type'];
  readonly codes: Definitions['codes'];
  readonly extension: Definitions['extension'];
  readonly compartment: Definitions['compartment'];
  #current: Definitions;

  constructor(definitions: Definitions) {
    ({
      fhirVersion: this.fhirVersion,
      resourceTypes: this.resourceTypes,
      isAdministrative: this.isAdministrative,
      isResourceType: this.isResourceType,
      type: this.type,
      codes: this.codes,
      extension: this.extension,
      compartment: this.compartment,
    } = definitions);
    this.#current = definitions;
  }

  /** @param definitions of the same release: only the search parameters may differ */
  exchange(definitions: Definitions): void {
    this.#current = definitions;
  }

  searchParameters(resourceType: string): ReturnType<Definitions['searchParameters']> {
    return this.#current.searchParameters(resourceType);
  }

  searchParameter(resourceType: string, code: string): ReturnType<Definitions['searchParameter']> {
    return this.#current.searchParameter(resourceType, code);
  }

  searchParameterByUrl(url: string): ReturnType<Definitions['searchParameterByUrl']> {
    return this.#current.searchParameterByUrl(url);
  }

  isPending(resourceType: string, code: string): boolean {
    return this.#current.isPending?.(resourceType, code) ?? false;
  }
}
