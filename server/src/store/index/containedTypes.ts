import { asObject, asText, items } from './values/json.ts';

/** The types of what a resource contains, by local id. It is looked through once, however many local references there are. */
export class ContainedTypes {
  /** What contains them. */
  readonly container: unknown;
  #byId: ReadonlyMap<unknown, string | undefined> | undefined;

  constructor(container: unknown) {
    this.container = container;
  }

  of(id: string): string | undefined {
    return (this.#byId ??= typesById(this.container)).get(id);
  }
}

/** Of two with one id the first counts. */
function typesById(container: unknown): Map<unknown, string | undefined> {
  const found = new Map<unknown, string | undefined>();
  for (const inner of items(asObject(container)?.['contained'])) {
    const object = asObject(inner);
    const id = object?.['id'];
    if (!found.has(id)) found.set(id, asText(object?.['resourceType']));
  }
  return found;
}
