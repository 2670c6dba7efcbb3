import type { AccessInteraction } from './access.ts';

/** What is known by interaction and type: found without making a text of both, since each resource of an answer is asked for. */
export class Remembered<V> {
  readonly #of = new Map<AccessInteraction, Map<string, V>>();

  get(type: string, interaction: AccessInteraction): V | undefined {
    return this.#of.get(interaction)?.get(type);
  }

  set(type: string, interaction: AccessInteraction, value: V): void {
    const types = this.#of.get(interaction);
    if (types) types.set(type, value);
    else this.#of.set(interaction, new Map([[type, value]]));
  }
}
