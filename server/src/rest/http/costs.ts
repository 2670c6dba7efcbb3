import type { InteractionName } from '../router.ts';

/** Units of rate limits that a request costs at least: a read is one. What more it costs is found out on the way (`FhirRequest.charge`). */
export const COST_OF: Readonly<Record<InteractionName, number>> = {
  capabilities: 1,
  read: 1,
  vread: 1,
  create: 1,
  update: 1,
  patch: 1,
  delete: 1,
  'conditional-update': 2,
  'conditional-delete': 2,
  'conditional-patch': 2,
  'instance-history': 2,
  search: 5,
  'search-post': 5,
  'type-history': 5,
  'system-history': 5,
  operation: 10,
  bundle: 1,
  'job-status': 1,
  'job-cancel': 1,
  'job-file': 5,
};

/** Of an entry of a Bundle that writes: many of them share statements and a commit. */
const WRITING_ENTRY = 0.1;
const READING_ENTRY = 1;
const SEARCHING_ENTRY = 5;

/** What the entries of a batch or transaction cost, of which little is understood yet. */
export function costOfEntries(entries: unknown): number {
  if (!Array.isArray(entries)) return 0;
  let units = 0;
  for (const entry of entries as ({ request?: { method?: unknown; url?: unknown } } | null)[]) {
    const { method, url } = entry?.request ?? {};
    if (method !== 'GET' && method !== 'HEAD') units += WRITING_ENTRY;
    else
      units +=
        typeof url === 'string' && /[?$]|^[^/]*$|\/_history$/.test(url) ? SEARCHING_ENTRY : READING_ENTRY;
  }
  return units;
}
