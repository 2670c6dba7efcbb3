import { createHash } from 'node:crypto';
import type { MadeObject, ObjectMaker } from '../creation/objectMaker.ts';
import type { StoreStatus } from '../dimse/storeService.ts';
import type { FhirServer } from '../fhir/fhirServer.ts';
import type { LocalClock } from '../fhir/localTime.ts';
import { uidOfName } from '../identifiers/uid.ts';
import { encodeDataSet } from '../objects/encodeDataSet.ts';
import type { Renderer } from '../rendering/renderer.ts';
import { jpegFrame } from './jpegFrame.ts';
import { PictureError } from './pictureError.ts';
import type { PictureFrame } from './pictureFrame.ts';
import { readPictureRecords } from './pictureRecords.ts';
import { pixelDataPieces } from './pixelData.ts';
import { pngFrame } from './pngFrame.ts';
import { SECONDARY_CAPTURE, secondaryCapture } from './secondaryCapture.ts';

export interface PictureStoreParts {
  maker: ObjectMaker;
  server: Pick<FhirServer, 'client'>;
  renderer: Pick<Renderer, 'do'>;
  clock: LocalClock;
}

/** What is said of a picture that was sent. */
export interface SentPicture {
  /** Ids of its Patient, and of the order that it was made for. */
  patient: string;
  order?: string;
  studyInstanceUid: string;
  modality: string;
  /** In its series. */
  number: number;
  /** AE title that it is noted under. */
  sourceAeTitle: string;
}

/** What became of it. */
export interface StoredPicture {
  /** Of C-STORE. */
  status: StoreStatus;
  sopClassUid: string;
  sopInstanceUid: string;
  studyInstanceUid: string;
}

/** Name space of the UIDs of pictures: the same picture of a study, for the same patient and order, is the same object, however often it is sent. */
const PICTURES = '4b7f0c58-6f0e-4c1c-9d6e-6a7a8a4b5f21';
const JPEG = Buffer.from('ffd8ff', 'hex');
const PNG = Buffer.from('89504e47', 'hex');

/** Makes objects of pictures, and stores them as if a modality had sent them. */
export class PictureStore {
  readonly #parts: PictureStoreParts;

  constructor(parts: PictureStoreParts) {
    this.#parts = parts;
  }

  /** @throws CreationError for what cannot be one; ServerAwayError, RendererBusyError: try again later */
  async store(file: Buffer, sent: SentPicture): Promise<StoredPicture> {
    const { studyInstanceUid, modality, patient, order } = sent;
    const sha256 = createHash('sha256').update(file).digest('hex');
    const sopInstanceUid = uidOfName(
      PICTURES,
      JSON.stringify([studyInstanceUid, modality, patient, order, sha256]),
    );
    const status = await this.#parts.maker.makeOnce(sopInstanceUid, () =>
      this.#make(file, sent, sopInstanceUid),
    );
    return { status, sopClassUid: SECONDARY_CAPTURE, sopInstanceUid, studyInstanceUid };
  }

  async #make(file: Buffer, sent: SentPicture, instance: string): Promise<MadeObject> {
    const { server, renderer, clock } = this.#parts;
    const { studyInstanceUid: study, modality, number, sourceAeTitle } = sent;
    const frame = await frameOf(file, renderer);
    const records = await readPictureRecords(server, sent);
    const uids = { study, series: uidOfName(PICTURES, `${study}\n${modality}`), instance };
    const at = clock.localOf(new Date().toISOString())!;
    const dataSet = secondaryCapture({ ...records, uids, modality, number, at }, frame);
    const { transferSyntaxUid } = frame;
    const meta = { sopClassUid: SECONDARY_CAPTURE, sopInstanceUid: instance, transferSyntaxUid };
    return {
      meta: { ...meta, sourceAeTitle, studyInstanceUid: study },
      pieces: [encodeDataSet(dataSet, transferSyntaxUid), ...pixelDataPieces(frame)],
    };
  }
}

/** By what the file begins with, whatever it is called. @throws PictureError */
async function frameOf(file: Buffer, renderer: Pick<Renderer, 'do'>): Promise<PictureFrame> {
  if (file.subarray(0, JPEG.length).equals(JPEG)) return jpegFrame(file, renderer);
  if (file.subarray(0, PNG.length).equals(PNG)) return pngFrame(file);
  throw new PictureError('The file is neither JPEG nor PNG.');
}
