import type { Events } from '../events/startEvents.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Validator } from '../validation/validator.ts';

/** Types whose resources ask for events, or say what an event is. */
const ASKING: ReadonlySet<string> = new Set(['Subscription', 'Basic']);

/** What is wrong with Subscriptions and topics: known as soon as events are open. */
export class EventFaults {
  #judge: Events['faults'] | undefined;

  setJudge(judge: Events['faults']): void {
    this.#judge = judge;
  }

  async of(resource: Resource, at?: string): Promise<Issue[]> {
    const faults = (await this.#judge?.(resource)) ?? [];
    if (at === undefined) return faults;
    return faults.map((fault) => ({
      ...fault,
      ...(fault.expression && { expression: fault.expression.map((one) => one.replace(/^[A-Za-z]+/, at)) }),
    }));
  }
}

/** The validator, which of Subscriptions and topics also says whether they can be kept: every way to write them leads through it. */
export function judgingEvents(validator: Validator, faults: EventFaults): Validator {
  return {
    validate(resource, options) {
      const issues = validator.validate(resource, options);
      const asking = askingIn(resource);
      if (asking.length === 0) return issues;
      return (async () => {
        const found = await issues;
        if (found.some(({ severity }) => severity === 'error' || severity === 'fatal')) return found;
        const judged = await Promise.all(asking.map(({ resource: one, at }) => faults.of(one, at)));
        return [...found, ...judged.flat()];
      })();
    },
  };
}

/** The resource itself, or those in a transaction or batch. */
function askingIn(resource: Resource): { resource: Resource; at?: string }[] {
  if (ASKING.has(resource.resourceType)) return [{ resource }];
  if (resource.resourceType !== 'Bundle' || !Array.isArray(resource.entry)) return [];
  // Not judged before: an entry may be anything.
  return (resource.entry as ({ resource?: Resource | null; request?: unknown } | null)[]).flatMap(
    (entry, i) => {
      const { resource: inner, request } = entry ?? {};
      const isWritten = request !== undefined && ASKING.has(inner?.resourceType ?? '');
      return isWritten ? [{ resource: inner!, at: `Bundle.entry[${i}].resource` }] : [];
    },
  );
}
