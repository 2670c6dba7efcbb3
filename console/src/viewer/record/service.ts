/** The visit that let this page see the study is over: everything that it asks for is refused. */
export class VisitEndedError extends Error {}

/** Something could not be read; the message is for the reader of the page. */
export class ReadError extends Error {}

/** Where the page's own requests go: below its own URL, which is where its cookie counts. */
export interface Service {
  /** FHIR id of the study that the page was opened for. */
  readonly studyId: string;
  /** Absolute URL of DICOMweb, without a slash at its end. */
  readonly dicomweb: string;
  /** Reads JSON. @param path below the FHIR base, or an absolute URL @throws VisitEndedError, ReadError */
  json<T>(path: string, accept?: string): Promise<T>;
}

const FHIR_JSON = 'application/fhir+json';
export const DICOM_JSON = 'application/dicom+json';

/** @param page URL of the page: `.../viewer/[id of an ImagingStudy]` */
export function serviceOf(page: URL): Service {
  const root = `${page.origin}${page.pathname.replace(/\/$/, '')}`;
  const fhir = `${root}/fhir/R4`;
  const dicomweb = `${root}/dicomweb`;
  return {
    studyId: root.slice(root.lastIndexOf('/') + 1),
    dicomweb,
    async json<T>(path: string, accept = FHIR_JSON): Promise<T> {
      const url = path.startsWith('http') ? path : `${fhir}/${path}`;
      const response = await fetch(url, { headers: { Accept: accept } }).catch(() => {
        throw new ReadError('The server cannot be reached. Check the connection, and load the page again.');
      });
      checkStatus(response.status, url.startsWith(`${dicomweb}/`) ? NO_IMAGES : NO_STUDY);
      return (await response.json()) as T;
    },
  };
}

const NO_STUDY = 'There is no such study, or you may not see it.';
/** The record tells of studies whose images were never sent here. */
const NO_IMAGES =
  'The images of this study are not in the archive of this server. Have them sent from where they were taken.';

/** @param missing what a 404 means @throws VisitEndedError, ReadError for every status but success */
function checkStatus(status: number, missing: string): void {
  if (status < 300) return;
  if (status === 401) throw new VisitEndedError();
  if (status === 403) throw new ReadError('You may not see this.');
  if (status === 404 || status === 410) throw new ReadError(missing);
  if (status === 429)
    throw new ReadError('Too much was asked for in a short time. Wait a minute, and load the page again.');
  if (status === 501) throw new ReadError('This server keeps no images.');
  if (status === 503)
    throw new ReadError('The image archive is away at the moment. Load the page again in a minute.');
  throw new ReadError(`The server answered with status ${status}. Load the page again.`);
}
