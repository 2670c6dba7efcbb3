import { asObject, asText, items } from '../../index/values/json.ts';

/**
 * Groups CodeableConcepts that mean the same (http://hl7.org/fhir/R4/observation-operation-lastn.html): those that share a
 * coding (system and code), also by way of others; those without codings by their text.
 *
 * @param concepts JSON texts
 * @returns for each the number of its group
 */
export function codeGroups(concepts: readonly string[]): number[] {
  const groups = new Groups();
  const first = concepts.map((concept) => {
    const [identity, ...same] = identitiesOf(concept);
    for (const other of same) groups.join(identity!, other);
    return identity!;
  });
  return first.map((identity) => groups.of(identity));
}

/** At least one. */
function identitiesOf(concept: string): string[] {
  const object = asObject(JSON.parse(concept));
  const codings = items(object?.['coding']).flatMap((item) => {
    const coding = asObject(item);
    const code = asText(coding?.['code']);
    return code === undefined ? [] : [JSON.stringify([asText(coding?.['system']) ?? '', code])];
  });
  if (codings.length > 0) return codings;
  const text = asText(object?.['text']);
  return [text === undefined ? `json:${concept}` : `text:${text}`];
}

/** Sets that grow together (union-find). */
class Groups {
  readonly #numbers = new Map<string, number>();
  readonly #parents: number[] = [];

  of(identity: string): number {
    let number = this.#numbers.get(identity);
    if (number === undefined) {
      number = this.#parents.length;
      this.#numbers.set(identity, number);
      this.#parents.push(number);
    }
    return this.#root(number);
  }

  join(one: string, other: string): void {
    const [a, b] = [this.of(one), this.of(other)];
    this.#parents[Math.max(a, b)] = Math.min(a, b);
  }

  #root(number: number): number {
    let root = number;
    while (this.#parents[root] !== root) root = this.#parents[root]!;
    this.#parents[number] = root;
    return root;
  }
}
