import { FHIR_BASE } from '../../processes/fhirBase.ts';

/** The parts of a search's URL that a floor puts into its statement. */
export class SearchUrl {
  /** What stands between the slashes behind the FHIR base. */
  readonly path: readonly string[];
  readonly #pairs: readonly (readonly [string, string])[];

  /** @param url as node:http gives it: path and query */
  constructor(url: string) {
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    this.path = path.slice(FHIR_BASE.length + 1).split('/');
    this.#pairs =
      mark < 0
        ? []
        : url
            .slice(mark + 1)
            .split('&')
            .map(pairOf);
  }

  /** Every value of the parameter, in order. */
  all(name: string): string[] {
    return this.#pairs.filter(([each]) => each === name).map(([, value]) => value);
  }

  /** The value of a parameter that must be there. */
  one(name: string): string {
    const found = this.#pairs.find(([each]) => each === name);
    if (!found) throw new Error(`a request without ${name}`);
    return found[1];
  }
}

const pairOf = (pair: string): readonly [string, string] => {
  const mark = pair.indexOf('=');
  return [pair.slice(0, mark), decodeURIComponent(pair.slice(mark + 1))];
};
