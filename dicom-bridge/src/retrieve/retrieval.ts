import type { FrameIndex } from '../frames/frameIndex.ts';
import { framePieces, framePlace } from '../frames/framePieces.ts';
import { readFrame } from '../frames/frames.ts';
import { frameBits } from '../frames/imagePixels.ts';
import { findBulk, type BulkValue } from '../metadata/bulkData.ts';
import { dicomJson } from '../metadata/dicomJson.ts';
import { canDecode } from '../rendering/codecs.ts';
import { readPresentation } from '../rendering/presentation.ts';
import type { Renderer } from '../rendering/renderer.ts';
import type { RenderTask, StoredFrame } from '../rendering/renderTask.ts';
import type { ByteSource } from '../stored/byteSource.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../stored/transferSyntax.ts';
import type { MemoryLease } from './memoryRoom.ts';
import { MetadataTexts } from './metadataTexts.ts';
import type { ObjectReader, OpenObject } from './objectReader.ts';

/** The object has not got what is asked for. */
export class NotThereError extends Error {
  override readonly name = 'NotThereError';
}

/** It has it, in none of the forms that are taken. */
export class NotAcceptableError extends Error {
  override readonly name = 'NotAcceptableError';
}

/** A frame as it is sent. */
export interface Frame {
  lengthBytes: number;
  transferSyntaxUid: string;
  /** All of it, or the pieces that it is read in. */
  bytes: Uint8Array | AsyncIterable<Buffer>;
}

/** Who asks. */
export interface Asking {
  /** For what is in memory until the answer is out. */
  lease: Pick<MemoryLease, 'take'>;
  /** Aborted: nothing is begun any more. */
  signal?: AbortSignal;
}

/** How a picture is to be. */
export type PictureWish = Pick<RenderTask, 'format' | 'window' | 'viewport' | 'quality'>;

/** All transfer syntaxes. */
export const ANY = '*';
const BITS_PER_BYTE = 8;

/**
 * What viewers want of stored objects. All of it throws NotThereError where object or part is not there, ObjectError for an object that cannot be
 * read, ArchiveAwayError; where pictures are made or frames decompressed RenderError and RendererBusyError too.
 */
export class Retrieval {
  readonly #objects: ObjectReader;
  readonly #renderer: Renderer;
  readonly #texts: MetadataTexts;

  constructor(objects: ObjectReader, renderer: Renderer, texts = new MetadataTexts()) {
    this.#objects = objects;
    this.#renderer = renderer;
    this.#texts = texts;
  }

  /** The data set as JSON, in UTF-8. @param only tags of what is told of it; absent: all */
  metadata(sopInstanceUid: string, asking: Asking, only?: ReadonlySet<string>): Promise<Buffer> {
    if (only) return this.#with(sopInstanceUid, asking, (object) => metadataText(object, only));
    return this.#texts.get(sopInstanceUid, () =>
      this.#with(sopInstanceUid, asking, (object) => metadataText(object)),
    );
  }

  /** Has a binary value sent, while its object is open. @param path as in the metadata */
  bulk(
    sopInstanceUid: string,
    path: string,
    asking: Asking,
    send: (value: BulkValue, source: ByteSource) => Promise<void>,
  ): Promise<void> {
    return this.#with(sopInstanceUid, asking, async ({ dataSet, source }) => {
      const value = findBulk(dataSet, path);
      if (!value) throw new NotThereError('The object has no such value.');
      await send(value, source);
    });
  }

  /**
   * Has one frame sent: as it is stored where that is taken, while its object is open; decompressed otherwise.
   *
   * @param number from 1
   * @param accepted UIDs of transfer syntaxes, or ANY
   * @throws NotAcceptableError
   */
  async frame(
    sopInstanceUid: string,
    number: number,
    accepted: readonly string[],
    asking: Asking,
    send: (frame: Frame) => Promise<void>,
  ): Promise<void> {
    const toDecode = await this.#there((isThere) =>
      this.#objects.withFrames(sopInstanceUid, asking.lease.take, async (index, source) => {
        isThere();
        const frames = requireFrame(index, number);
        const { transferSyntaxUid } = frames;
        if ([transferSyntaxUid, ANY].some((one) => accepted.includes(one)))
          return send(await frameAsStored(frames, source, number));
        if (!accepted.includes(EXPLICIT_LITTLE_ENDIAN) || !canDecode(transferSyntaxUid))
          throw new NotAcceptableError(`The frame is to be had in ${transferSyntaxUid} only.`);
        return storedFrame(frames, source, number, asking);
      }),
    );
    if (!toDecode) return;
    const bytes = await this.#renderer.do({ kind: 'decode', frame: toDecode }, asking.signal);
    await send({ bytes, lengthBytes: bytes.length, transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN });
  }

  /** A frame as a picture. @param number from 1 @throws NotAcceptableError for objects without pixels */
  async picture(
    sopInstanceUid: string,
    number: number,
    wish: PictureWish,
    asking: Asking,
  ): Promise<Uint8Array> {
    const { frame, presentation } = await this.#frame(sopInstanceUid, number, asking).catch(
      (error: unknown) => {
        throw error instanceof NoPixelsError ? new NotAcceptableError(error.message) : error;
      },
    );
    return this.#renderer.do({ kind: 'picture', ...wish, frame, presentation }, asking.signal);
  }

  #frame(
    sopInstanceUid: string,
    number: number,
    asking: Asking,
  ): Promise<Pick<RenderTask, 'frame' | 'presentation'>> {
    return this.#with(sopInstanceUid, asking, async (object) => {
      const frames = requireFrame(await object.frames(), number);
      const frame = await storedFrame(frames, object.source, number, asking);
      return { frame, presentation: readPresentation(object.dataSet, number - 1) };
    });
  }

  #with<T>(sopInstanceUid: string, { lease }: Asking, read: (object: OpenObject) => Promise<T>): Promise<T> {
    return this.#there((isThere) =>
      this.#objects.with(sopInstanceUid, lease.take, (object) => {
        isThere();
        return read(object);
      }),
    );
  }

  /** @throws NotThereError unless it is told that the object is there */
  async #there<T>(read: (isThere: () => void) => Promise<T | undefined>): Promise<T> {
    let isThere = false;
    const result = await read(() => (isThere = true));
    if (!isThere) throw new NotThereError('The archive has no such object.');
    return result as T;
  }
}

const metadataText = async (object: OpenObject, only?: ReadonlySet<string>): Promise<Buffer> =>
  Buffer.from(JSON.stringify(await dicomJson(object, only)));

/** It is no image. */
class NoPixelsError extends NotThereError {}

/** @param number from 1 @throws NoPixelsError, NotThereError */
function requireFrame(index: FrameIndex | undefined, number: number): FrameIndex {
  if (!index) throw new NoPixelsError('The object has no pixels.');
  if (number > index.pixels.frames) throw new NotThereError(`The object has ${index.pixels.frames} frames.`);
  return index;
}

/** A frame that is no longer is read at once; of others, pieces are in memory. */
const WHOLE_BYTES_MAX = 1024 * 1024;

/** @throws ObjectError */
async function frameAsStored(index: FrameIndex, source: ByteSource, number: number): Promise<Frame> {
  const { transferSyntaxUid } = index;
  const place = framePlace(index, number - 1);
  const { lengthBytes } = place;
  const bytes =
    lengthBytes <= WHOLE_BYTES_MAX ? await readFrame(index, source, number - 1) : framePieces(source, place);
  return { transferSyntaxUid, lengthBytes, bytes };
}

/** All of a frame, to be decoded. @throws ObjectError, what the lease throws */
async function storedFrame(
  index: FrameIndex,
  source: ByteSource,
  number: number,
  { lease }: Asking,
): Promise<StoredFrame> {
  const { pixels, transferSyntaxUid } = index;
  const { lengthBytes } = framePlace(index, number - 1);
  const decodedBytes = Math.ceil(frameBits(pixels) / BITS_PER_BYTE);
  if (lengthBytes + decodedBytes > WHOLE_BYTES_MAX) lease.take(lengthBytes + decodedBytes);
  return { pixels, transferSyntaxUid, bytes: await readFrame(index, source, number - 1) };
}
