import { Readable } from 'node:stream';
import { fhirError, type FhirError } from '../../fhir/outcome.ts';
import { BridgeError } from '../../imaging/bridge/bridgeError.ts';
import { requireMayStore } from '../../imaging/permissions.ts';
import { isStored, storeResponse, type StoreOutcome } from '../../imaging/storeResponse.ts';
import { bodyStream } from '../../rest/http/body.ts';
import type { FhirResponse } from '../../rest/http/types.ts';
import { splitOutsideQuotes } from './accept.ts';
import { formOfOne, oneDataSet } from './dataSets.ts';
import { readParts, type ReceivedPart } from './multipart/read.ts';
import { imagesOf, type DicomwebParts, type DicomwebRequest, type ImageSource } from './request.ts';

const DICOM = 'application/dicom';
/** What objects say that they come from, where others say an AE title. */
const SOURCE = 'STOW';
/** Of one request. */
export const OBJECTS_MAX = 2_000;
/** PS3.4 table B.2-1. */
const STATUS = { outOfResources: 0xa700, cannotUnderstand: 0xc000 } as const;

/**
 * STOW-RS (PS3.18 section 10.5): objects are received one after the other, by the same way as those of modalities. They can be fetched when they are recorded, which may take a moment.
 *
 * @param study that all must be of; undefined: of any
 */
export async function storeInteraction(
  parts: DicomwebParts,
  request: DicomwebRequest,
  study: string | undefined,
): Promise<FhirResponse> {
  const form = formOfOne(request);
  requireMayStore(parts.records, request.caller);
  const source = imagesOf(parts);
  const outcomes: StoreOutcome[] = [];
  for await (const part of receivedParts(request)) {
    if (outcomes.length >= OBJECTS_MAX) throw tooMany();
    outcomes.push(await storePart(source, request, part, study, outcomes.some(isStored)));
  }
  if (outcomes.length === 0)
    throw fhirError('incorrect', 'required', 'The body has no part: send each object as one.');
  return oneDataSet(form, storeResponse(outcomes, parts.service), statusOf(outcomes));
}

/** PS3.18 table 10.5.3-1. */
function statusOf(outcomes: readonly StoreOutcome[]): number {
  if (outcomes.every(isStored)) return 200;
  return outcomes.some(isStored) ? 202 : 409;
}

/** @throws FhirError `unsupported-media-type`, and `incorrect` where the body is not what it says */
function receivedParts({ raw }: DicomwebRequest): AsyncGenerator<ReceivedPart> {
  const [type = '', ...parameters] = splitOutsideQuotes(raw.headers['content-type'] ?? '', ';').map((one) =>
    one.trim(),
  );
  const given = (name: string) =>
    parameters
      .find((one) => one.toLowerCase().startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replace(/^"(.*)"$/s, '$1');
  if (type.toLowerCase() !== 'multipart/related' || (given('type') ?? DICOM).toLowerCase() !== DICOM)
    throw fhirError(
      'unsupported-media-type',
      'not-supported',
      `Send objects as multipart/related; type="${DICOM}"; boundary=...`,
    );
  return readParts(bodyStream(raw), given('boundary') ?? '');
}

/** @param isBegun whether others are stored already: then a bridge that goes away is said of each object that it did not take */
async function storePart(
  { bridge }: ImageSource,
  { signal }: DicomwebRequest,
  { headers, body }: ReceivedPart,
  study: string | undefined,
  isBegun: boolean,
): Promise<StoreOutcome> {
  const [type = DICOM] = (headers.get('content-type') ?? DICOM).split(';');
  if (type.trim().toLowerCase() !== DICOM) return { status: STATUS.cannotUnderstand };
  const file = Readable.from(body, { objectMode: false });
  let fault: unknown;
  file.once('error', (error) => (fault = error)); // of the body: what the bridge says then follows from it
  try {
    return await bridge.store(file, SOURCE, { signal, ...(study !== undefined && { study }) });
  } catch (error) {
    throwUnlessOfObject(fault ?? error, isBegun);
    return { status: isAway(error) ? STATUS.outOfResources : STATUS.cannotUnderstand };
  } finally {
    file.destroy();
  }
}

/** What is wrong with one object alone does not keep the others from being stored. */
function throwUnlessOfObject(error: unknown, isBegun: boolean): void {
  if (!(error instanceof BridgeError) || error.fault === 'fault') throw error;
  if (error.fault === 'away' && !isBegun) throw error;
}

const isAway = (error: unknown): boolean => error instanceof BridgeError && error.fault === 'away';

const tooMany = (): FhirError =>
  fhirError(
    'too-large',
    'too-long',
    `One request takes ${OBJECTS_MAX} objects at most; those before are stored. Send the others in another one.`,
  );
