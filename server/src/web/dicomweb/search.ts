import { readImageQuery } from '../../imaging/search/imageQuery.ts';
import { inOrder } from '../../imaging/retrieve/inOrder.ts';
import { searchImages } from '../../imaging/search/searchImages.ts';
import type { FhirResponse } from '../../rest/http/types.ts';
import { formOfList, listOfDataSets } from './dataSets.ts';
import type { DicomwebParts, DicomwebRequest } from './request.ts';
import type { Route } from './route.ts';

type SearchRoute = Extract<Route, { kind: 'search' }>;

/** QIDO-RS (PS3.18 section 10.6). */
export async function searchInteraction(
  { studies, service }: DicomwebParts,
  request: DicomwebRequest,
  { level, path }: SearchRoute,
): Promise<FhirResponse> {
  const form = formOfList(request);
  const query = readImageQuery(level, path, request.query);
  const { dataSets, hasMore } = await searchImages({ records: studies, service }, request.caller, query);
  const warnings = [
    ...(query.isFuzzyRefused ? [FUZZY] : []),
    ...(hasMore
      ? [
          `There are additional results that can be requested: ask again with offset=${query.offset + dataSets.length}.`,
        ]
      : []),
  ].map((text) => `299 ${service} "${text}"`);
  const headers: Record<string, string> = warnings.length === 0 ? {} : { Warning: warnings.join(', ') };
  if (dataSets.length === 0) return { status: 204, headers }; // PS3.18 section 8.3.4.4.1
  const response = await listOfDataSets(
    form,
    inOrder(dataSets, 1, (one) => Promise.resolve(one)),
    request,
  );
  return { ...response, headers: { ...response.headers, ...headers } };
}

/** Words of PS3.18 section 8.3.4.2. */
const FUZZY = 'The fuzzymatching parameter is not supported. Only literal matching has been performed.';
