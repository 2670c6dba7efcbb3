import { escapeAttribute } from '../../fhir/xml/write/escape.ts';
import type { FhirResponse } from '../../rest/http/types.ts';
import { chosenType } from './accept.ts';
import { acceptedBy, type DicomwebParts, type DicomwebRequest } from './request.ts';

const WADL = 'application/vnd.sun.wadl+xml';
const OBJECTS = 'multipart/related; type="application/dicom"';
const FRAMES = 'multipart/related; type="application/octet-stream"';
const DATA_SETS = ['application/dicom+json', 'multipart/related; type="application/dicom+xml"'];
const DATA_SET = ['application/dicom+json', 'application/dicom+xml'];
const PICTURES = ['image/jpeg', 'image/png'];

interface Resource {
  path: string;
  methods?: readonly { name: string; id: string; types: readonly string[] }[];
  below?: readonly Resource[];
}

const get = (id: string, ...types: string[]) => ({ name: 'GET', id, types });
const search = (id: string) => get(id, ...DATA_SETS);
const store = { name: 'POST', id: 'StoreInstances', types: DATA_SET };
const ofAny = (what: string): Resource[] => [
  { path: 'metadata', methods: [get(`Retrieve${what}Metadata`, ...DATA_SETS)] },
  { path: 'rendered', methods: [get(`RetrieveRendered${what}`, ...PICTURES)] },
  { path: 'thumbnail', methods: [get(`Retrieve${what}Thumbnail`, ...PICTURES)] },
];

const INSTANCE: Resource = {
  path: '{SOPInstanceUID}',
  methods: [get('RetrieveInstance', OBJECTS, 'application/dicom')],
  below: [
    ...ofAny('Instance'),
    {
      path: 'frames/{frames}',
      methods: [get('RetrieveFrames', FRAMES)],
      below: [
        { path: 'rendered', methods: [get('RetrieveRenderedFrames', ...PICTURES)] },
        { path: 'thumbnail', methods: [get('RetrieveFrameThumbnail', ...PICTURES)] },
      ],
    },
    { path: 'bulkdata/{path}', methods: [get('RetrieveBulkdata', FRAMES)] },
  ],
};
const SERIES: Resource = {
  path: '{SeriesInstanceUID}',
  methods: [get('RetrieveSeries', OBJECTS)],
  below: [
    ...ofAny('Series'),
    { path: 'instances', methods: [search('SearchForSeriesInstances')], below: [INSTANCE] },
  ],
};
const STUDY: Resource = {
  path: '{StudyInstanceUID}',
  methods: [get('RetrieveStudy', OBJECTS), store],
  below: [
    ...ofAny('Study'),
    { path: 'series', methods: [search('SearchForStudySeries')], below: [SERIES] },
    { path: 'instances', methods: [search('SearchForStudyInstances')] },
  ],
};
const RESOURCES: readonly Resource[] = [
  { path: 'studies', methods: [search('SearchForStudies'), store], below: [STUDY] },
  { path: 'series', methods: [search('SearchForSeries')] },
  { path: 'instances', methods: [search('SearchForInstances')] },
];

/** What the service can do (PS3.18 section 8.9): the same for everybody, whatever URL is asked. */
export function capabilities(
  { service }: DicomwebParts,
  request: Pick<DicomwebRequest, 'raw' | 'query'>,
): FhirResponse {
  const type = chosenType(acceptedBy(request as DicomwebRequest), [WADL, 'application/json'] as const);
  const body =
    type === WADL
      ? `<?xml version="1.0" encoding="UTF-8"?><application xmlns="http://wadl.dev.java.net/2009/02"><resources base="${escapeAttribute(service)}">${RESOURCES.map(asWadl).join('')}</resources></application>`
      : JSON.stringify({ base: service, resources: RESOURCES });
  return { status: 200, headers: { 'Content-Type': type }, body };
}

function asWadl({ path, methods = [], below = [] }: Resource): string {
  const inside = methods.map(({ name, id, types }) => {
    const representations = types
      .map((type) => `<representation mediaType="${escapeAttribute(type)}"/>`)
      .join('');
    return `<method name="${name}" id="${id}"><response status="200">${representations}</response></method>`;
  });
  return `<resource path="${escapeAttribute(path)}">${inside.join('')}${below.map(asWadl).join('')}</resource>`;
}
