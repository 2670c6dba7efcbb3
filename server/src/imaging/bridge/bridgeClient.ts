import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { isUid } from '@maxray/dicom-bridge/uid';
import { BridgeError, bridgeAway } from './bridgeError.ts';
import { BridgeConnections, bytesOf, type BridgePlace, type BridgeRequest } from './exchange.ts';
import { readContentType } from './contentType.ts';
import { renderedQuery, type Rendering } from './rendering.ts';

/** An answer that is read as it comes. Whoever does not read it to its end destroys its stream. */
export interface BridgeBody {
  /** Media type, without parameters. */
  mediaType: string;
  /** Of frames and objects. */
  transferSyntaxUid?: string;
  /** Absent where the bridge does not know it before. */
  bytes?: number;
  stream: Readable;
}

/** A data set in the DICOM JSON model (PS3.18 F.2), by tags. */
export type DicomJson = Record<string, DicomJsonElement>;
export interface DicomJsonElement {
  vr: string;
  Value?: unknown[];
  InlineBinary?: string;
  BulkDataURI?: string;
}

/** What became of an object that was sent to be stored. */
export interface StoredObject {
  /** Of C-STORE (PS3.7 annex C): 0 is Success. */
  status: number;
  sopClassUid: string;
  sopInstanceUid: string;
  studyInstanceUid: string;
}

/** Whose a picture is to be, by ids of resources, and where in which study. */
export interface PictureOf {
  patient: string;
  order?: string;
  /** Study Instance UID. */
  study: string;
  /** DICOM's code of what it was made by. */
  modality: string;
  /** In its series, from 1. */
  number: number;
}

/** What a report says that is written back as a document; ids of resources. */
export interface DocumentOf {
  report: string;
  /** Of the report. */
  version: number;
  imagingStudy: string;
  patient: string;
  /** FHIR instant. */
  issued: string;
  title: string;
  loinc?: { code: string; meaning: string };
}

/** Who gives a request up, by aborting. */
export interface Asking {
  signal?: AbortSignal;
}

const METADATA_BYTES_MAX = 32 * 2 ** 20;
const STATUS_BYTES_MAX = 2 ** 20;
const STORED_BYTES_MAX = 4_096;
/** Of frames: those of PS3.3 C.7.6.6 are an integer string of 12 characters at most. */
const FRAME_MAX = 2 ** 31 - 1;
/** Tags and item numbers, as the bridge's metadata have them. */
const BULK_PATH = /^[0-9A-Za-z]{1,16}(?:\/[0-9A-Za-z]{1,16}){0,31}$/;
/** PS3.5 section 6.2: an application entity's title. Or `STOW`. */
const SOURCE = /^(?! )[\x20-\x5b\x5d-\x7e]{1,16}(?<! )$/;

/**
 * The internal API of the DICOM bridge (decision 0049): one object by its SOP Instance UID. It authorises nobody: who asks has found out before that
 * the caller may see the object.
 */
export class BridgeClient {
  readonly #place: () => BridgePlace | undefined;
  readonly #connections: BridgeConnections;

  /** @param place where the bridge is now; undefined while it is not there */
  constructor(place: () => BridgePlace | undefined, connections = new BridgeConnections()) {
    this.#place = place;
    this.#connections = connections;
  }

  /** The DICOM file. @throws BridgeError */
  async object(sopInstanceUid: string, asking: Asking = {}): Promise<BridgeBody> {
    return bodyOf(await this.#get(objectPath(sopInstanceUid), asking));
  }

  /**
   * Its data set. Bulk data are `BulkDataURI`s relative to the object: `bulk/[path]`, and `frames` for pixel data.
   *
   * @throws BridgeError `too-costly` where it is too much for one answer
   */
  async metadata(sopInstanceUid: string, asking: Asking = {}): Promise<DicomJson> {
    const path = `${objectPath(sopInstanceUid)}/metadata`;
    return jsonOf<DicomJson>(await this.#get(path, asking), METADATA_BYTES_MAX).catch(tooMuchMetadata);
  }

  /** A few elements of its data set, however large that is. @throws BridgeError */
  async elements(sopInstanceUid: string, tags: readonly string[], asking: Asking = {}): Promise<DicomJson> {
    const query = new URLSearchParams({ tags: tags.join(',') });
    const path = `${objectPath(sopInstanceUid)}/metadata`;
    return jsonOf<DicomJson>(await this.#get(path, asking, query), METADATA_BYTES_MAX);
  }

  /**
   * One frame.
   *
   * @param number from 1
   * @param accept UIDs of transfer syntaxes that the asker takes; `*`: any
   * @throws BridgeError `not-acceptable` where it can be had in none of them
   */
  async frame(
    sopInstanceUid: string,
    number: number,
    accept: readonly string[],
    asking: Asking = {},
  ): Promise<BridgeBody> {
    if (!Number.isInteger(number) || number < 1 || number > FRAME_MAX)
      throw new BridgeError('incorrect', 'Frames are counted from 1.');
    const query = new URLSearchParams({ accept: accept.join(',') });
    return bodyOf(await this.#get(`${objectPath(sopInstanceUid)}/frames/${number}`, asking, query));
  }

  /** A bulk value. @param path as in the metadata, behind `bulk/` @throws BridgeError */
  async bulk(sopInstanceUid: string, path: string, asking: Asking = {}): Promise<BridgeBody> {
    if (!BULK_PATH.test(path)) throw new BridgeError('not-found', 'There is no such value.');
    return bodyOf(await this.#get(`${objectPath(sopInstanceUid)}/bulk/${path}`, asking));
  }

  /** A frame as a picture that browsers show. @throws BridgeError */
  async rendered(sopInstanceUid: string, rendering: Rendering, asking: Asking = {}): Promise<BridgeBody> {
    const query = renderedQuery(rendering);
    return bodyOf(await this.#get(`${objectPath(sopInstanceUid)}/rendered`, asking, query));
  }

  /**
   * Sends a DICOM file into the spool, as a modality would.
   *
   * @param source AE title of whom it comes from, or `STOW`
   * @param study UID of the one that it must be of; else its status says that it is not, and it is not stored
   * @throws BridgeError `incorrect`, `unsupported` or `too-large` where it is no object; what `file` fails with
   */
  async store(
    file: Readable,
    source: string,
    { signal, study }: Asking & { study?: string } = {},
  ): Promise<StoredObject> {
    requireSource(source);
    const headers = {
      'Content-Type': 'application/dicom',
      'X-Source': source,
      ...(study !== undefined && { 'X-Study-Instance-UID': study }),
    };
    const asked = { method: 'POST', path: '/objects', headers, body: file } as const;
    return jsonOf<StoredObject>(await this.#ask({ ...asked, ...(signal && { signal }) }), STORED_BYTES_MAX);
  }

  /**
   * Sends a JPEG or PNG file, which becomes an object of a patient. The same one again is the same object.
   *
   * @param source as in {@link store}
   * @throws BridgeError `incorrect` or `too-large` where it is no picture that can be stored; what `file` fails with
   */
  async storePicture(
    file: Readable,
    source: string,
    { number, ...of }: PictureOf,
    { signal }: Asking = {},
  ): Promise<StoredObject> {
    requireSource(source);
    const query = new URLSearchParams({ ...of, number: String(number) });
    const headers = { 'Content-Type': 'application/octet-stream', 'X-Source': source };
    const asked = { method: 'POST', path: '/pictures', query, headers, body: file } as const;
    return jsonOf<StoredObject>(await this.#ask({ ...asked, ...(signal && { signal }) }), STORED_BYTES_MAX);
  }

  /**
   * Sends the PDF of a report, which becomes an object of its study. The same one again is the same object.
   *
   * @throws BridgeError `incorrect` or `too-large` where it cannot be one
   */
  async storeDocument(
    pdf: Readable,
    { version, loinc, ...of }: DocumentOf,
    { signal }: Asking = {},
  ): Promise<StoredObject & { seriesInstanceUid: string }> {
    const kind = loinc && { loinc: loinc.code, meaning: loinc.meaning };
    const query = new URLSearchParams({ ...of, version: String(version), ...kind });
    const headers = { 'Content-Type': 'application/pdf' };
    const asked = { method: 'POST', path: '/documents', query, headers, body: pdf } as const;
    return jsonOf(await this.#ask({ ...asked, ...(signal && { signal }) }), STORED_BYTES_MAX);
  }

  /**
   * Has all that there is of a study removed, for good. To be asked until it is: the same erasure is done once.
   *
   * @param erasure its id
   * @returns how far it is
   * @throws BridgeError
   */
  async eraseStudy(
    studyInstanceUid: string,
    erasure: string,
    { signal }: Asking = {},
  ): Promise<'removing' | 'removed'> {
    if (!isUid(studyInstanceUid)) throw new BridgeError('incorrect', 'The Study Instance UID is none.');
    const query = new URLSearchParams({ erasure });
    const asked = { method: 'DELETE', path: `/studies/${studyInstanceUid}`, query } as const;
    const answer = await this.#ask({ ...asked, ...(signal && { signal }) });
    const { state } = await jsonOf<{ state?: unknown }>(answer, STORED_BYTES_MAX);
    if (state === 'removing' || state === 'removed') return state;
    throw new BridgeError('fault', 'The DICOM bridge does not say how far the erasure is.');
  }

  /** What it counts, for whoever runs it; no patient data. @throws BridgeError */
  async status(asking: Asking = {}): Promise<Record<string, unknown>> {
    return jsonOf<Record<string, unknown>>(await this.#get('/status', asking), STATUS_BYTES_MAX);
  }

  /** The same in the text format of Prometheus. @throws BridgeError */
  async metrics(asking: Asking = {}): Promise<string> {
    return (await bytesOf(await this.#get('/metrics', asking), STATUS_BYTES_MAX)).toString('utf8');
  }

  /** Ends connections that are kept. */
  close(): void {
    this.#connections.close();
  }

  #get(path: string, { signal }: Asking, query?: URLSearchParams): Promise<IncomingMessage> {
    return this.#ask({ method: 'GET', path, ...(query && { query }), ...(signal && { signal }) });
  }

  async #ask(asked: BridgeRequest): Promise<IncomingMessage> {
    const place = this.#place();
    if (place === undefined) throw bridgeAway('The DICOM bridge does not run.');
    return this.#connections.ask(place, asked);
  }
}

/** @throws BridgeError */
function requireSource(source: string): void {
  if (!SOURCE.test(source)) throw new BridgeError('incorrect', 'The source is no AE title.');
}

/** @throws BridgeError: what is no UID names no object */
function objectPath(sopInstanceUid: string): string {
  if (!isUid(sopInstanceUid)) throw new BridgeError('not-found', 'There is no such object.');
  return `/objects/${sopInstanceUid}`;
}

/** It stays so, however often it is asked: who asks is told of the other way. */
function tooMuchMetadata(error: unknown): never {
  if (!(error instanceof BridgeError) || error.fault !== 'too-costly') throw error;
  const text = `The metadata of an object have more than ${METADATA_BYTES_MAX} bytes: fetch the object itself, or its frames.`;
  throw new BridgeError(error.fault, text);
}

function bodyOf(response: IncomingMessage): BridgeBody {
  const length = response.headers['content-length'];
  const { mediaType, transferSyntaxUid } = readContentType(response.headers['content-type']);
  return {
    mediaType,
    ...(transferSyntaxUid !== undefined && { transferSyntaxUid }),
    ...(length !== undefined && { bytes: Number(length) }),
    stream: response,
  };
}

async function jsonOf<T extends object>(response: IncomingMessage, bytesMax: number): Promise<T> {
  const bytes = await bytesOf(response, bytesMax);
  try {
    const value = JSON.parse(bytes.toString('utf8')) as unknown;
    if (typeof value === 'object' && value !== null) return value as T;
  } catch {
    // said below
  }
  throw new BridgeError('fault', 'The DICOM bridge answers what is no JSON object.');
}
