import type { JsonObject } from '../fhir/resource.ts';
import { fhirError } from '../fhir/outcome.ts';
import { someMembers } from '../fhir/json/members.ts';
import type { Label } from '../store/labels/labelsInUse.ts';
import type { Caller } from './caller.ts';
import type { Records } from './records.ts';

/** Resources with labels that are looked through for somebody with limits. */
export const LABELLED_MAX = 10_000;

/** Resources that are read at once. */
const PAGE = '1000';
const META = new Set(['meta']);
const PARAMETERS = { profile: '_profile', security: '_security', tag: '_tag' };
const KINDS = Object.keys(PARAMETERS) as Label['kind'][];

/**
 * The labels of what a caller with limits may find, each once, in order: of the current versions, by searches as the caller could send
 * them. That is no access to the records themselves, so the log says no more than that it was asked.
 *
 * @throws FhirError `unprocessable` when too many resources have labels, `forbidden`
 */
export async function visibleLabels(
  records: Pick<Records, 'parseSearch' | 'search'>,
  { trail: _trail, ...caller }: Caller,
  type: string | undefined,
): Promise<Label[]> {
  const labels = new Map<string, Label>();
  let left = LABELLED_MAX;
  for (const kind of KINDS) {
    const target = type === undefined ? {} : { type };
    const pairs = [
      [`${PARAMETERS[kind]}:missing`, 'false'],
      ['_count', PAGE],
    ] as const;
    const { query } = records.parseSearch(target, pairs, 'strict');
    for (let page: string | undefined, isFirst = true; isFirst || page !== undefined; isFirst = false) {
      const found = await records.search(caller, page === undefined ? query : { ...query, page });
      if ((left -= found.matches.length) < 0) throw tooMany();
      for (const { content } of found.matches)
        for (const label of labelsIn(kind, content))
          labels.set(keyOf(label), labels.get(keyOf(label)) ?? label);
      page = found.next;
    }
  }
  return [...labels.values()].sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
}

function labelsIn(kind: Label['kind'], content: string): Label[] {
  const { meta } = someMembers(content, META) as { meta?: JsonObject };
  const values = (meta?.[kind] ?? []) as (
    string | Record<'system' | 'code' | 'display', string | undefined>
  )[];
  return values.flatMap((value) => {
    if (typeof value === 'string') return [{ kind, system: null, code: value, display: null }];
    const { system = null, code = null, display = null } = value ?? {};
    return value === null ? [] : [{ kind, system, code, display }];
  });
}

const keyOf = ({ kind, system, code }: Label) => JSON.stringify([kind, system, code]);

const orderOf = ({ kind, system, code }: Label) => [kind, system ?? '', code ?? ''].join('\0');

const tooMany = () =>
  fhirError(
    'unprocessable',
    'too-costly',
    `More than ${LABELLED_MAX} of the resources that you may see have labels: ask for the $meta of one type or resource.`,
  );
