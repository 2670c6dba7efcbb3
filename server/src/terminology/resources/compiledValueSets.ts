import type { JsonObject } from '../../fhir/resource.ts';
import { compileValueSet, type CompiledValueSet, type CompileScope } from '../valueSets/compile.ts';
import { NO_RULES } from '../valueSets/versionRules.ts';
import { WeightedCache } from './weightedCache.ts';

/** Concepts that the kept value sets list. */
const LISTED_CONCEPTS_MAX = 200_000;

/** Value sets that were compiled for a request without rules of its own, until anything changes. */
export class CompiledValueSets {
  readonly #kept = new WeightedCache<Promise<CompiledValueSet>>(LISTED_CONCEPTS_MAX);
  /** Resources are kept by the library: the same one comes again. */
  #keys = new WeakMap<JsonObject, string>();
  #revision = '';
  #count = 0;

  /** @throws TerminologyError as {@link compileValueSet} */
  compile(scope: CompileScope, resource: JsonObject): Promise<CompiledValueSet> {
    const { view, rules, supplements } = scope;
    // A view without a revision has resources of its own.
    if (view.revision === '' || rules !== NO_RULES || supplements.length > 0)
      return compileValueSet(scope, resource);
    if (view.revision !== this.#revision) {
      this.#kept.clear();
      this.#keys = new WeakMap();
      this.#revision = view.revision;
    }
    let key = this.#keys.get(resource);
    if (key === undefined) this.#keys.set(resource, (key = String(this.#count++)));
    let compiled = this.#kept.get(key);
    if (compiled === undefined) {
      compiled = compileValueSet(scope, resource);
      this.#keep(key, compiled);
    }
    return compiled;
  }

  #keep(key: string, compiled: Promise<CompiledValueSet>): void {
    this.#kept.set(key, compiled, 1);
    compiled.then(
      ({ includes, excludes }) => {
        if (this.#kept.get(key) !== compiled) return;
        const listed = [...includes, ...excludes].reduce(
          (sum, { concepts }) => sum + (concepts?.size ?? 1),
          1,
        );
        this.#kept.set(key, compiled, listed);
      },
      () => this.#kept.delete(key),
    );
  }
}
